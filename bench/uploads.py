"""Twenty 12-megapixel pictures at once: the time until all wait for review, and the latency of other pages meanwhile.

    python bench/uploads.py [PICTURES] [--port PORT]

Starts the site (`manage.py serve`) with a data folder of its own, in which one author uploads all pictures, three at
a time, in pieces as the upload script does, while a colleague opens other pages, one after the other. The client runs
on the same machine and is part of its load. Prints the percentiles of those pages before, during and after the work.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import http.client
import http.cookiejar
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
AT_ONCE = 3
PIECE_BYTES = 1024 * 1024
PASSWORD = "correct-horse-battery-staple-23"  # noqa: S105 - of this bench's own site
PAGES = ("/cases/", "/cases/mine/", "/me/", "/cases/{case}/facts/")
PEOPLE = f"""
from datetime import UTC, date, datetime, timedelta
from accounts.models import Member
for key in ("author", "colleague"):
    Member.objects.create_user(f"{{key}}@hospital.example", "{PASSWORD}", name=f"Dr {{key}}", country="TR",
        standing="verified", verified_until=date.today() + timedelta(days=300), profession="dermatologist",
        conduct_until=date.today() + timedelta(days=300),
        factor_enrolled_at=datetime.now(UTC))
"""


def pictures(count: int) -> list[bytes]:
    """Return different JPEGs of 12 megapixels with a face in them."""
    import numpy as np
    from PIL import Image

    from bench.picture import picture

    with Image.open(io.BytesIO(picture())) as image:
        base = np.asarray(image.convert("RGB"))
    made = []
    for number in range(count):
        rolled = np.roll(base, 40 * number, axis=1)
        out = io.BytesIO()
        Image.fromarray(rolled).save(out, "JPEG", quality=92)
        made.append(out.getvalue())
    return made


class Person:
    """A signed-in browser: cookies, the CSRF token, requests."""

    def __init__(self, address: str, key: str) -> None:
        self.address = address
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get("/sign-in/"))
        assert token is not None
        form = f"csrfmiddlewaretoken={token[1]}&login={key}%40hospital.example&password={PASSWORD}"
        self.send("POST", "/sign-in/", form.encode(), {"Content-Type": "application/x-www-form-urlencoded"})
        self.token = json.loads(self.get("/token/"))["token"]

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - our own http address
            self.address + path, data=body, method=method, headers={"Referer": self.address, **headers}
        )
        with self.opener.open(request, timeout=120) as answer:
            return bytes(answer.read())

    def get(self, path: str) -> str:
        return self.send("GET", path, None, {}).decode()

    def new_case(self) -> str:
        found = re.search(r"/cases/([0-9a-f-]{36})/pictures/", self.get("/cases/new/"))
        assert found is not None
        return found[1]

    def upload(self, case: str, data: bytes) -> None:
        """Upload one file in pieces."""
        key = str(uuid.uuid4())
        for offset in range(0, len(data), PIECE_BYTES):
            headers = {
                "Idempotency-Key": key,
                "Upload-Offset": str(offset),
                "Upload-Length": str(len(data)),
                "X-CSRFToken": self.token,
                "Content-Type": "application/octet-stream",
            }
            self.send("PUT", f"/cases/{case}/pictures/upload/", data[offset : offset + PIECE_BYTES], headers)


class Pages:
    """A thread that opens pages one after the other until `over` is set; records (time, seconds)."""

    def __init__(self, who: Person, case: str) -> None:
        self.who, self.paths = who, [page.format(case=case) for page in PAGES]
        self.took: list[tuple[float, float]] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.over.is_set():
            for path in self.paths:
                began = time.monotonic()
                self.who.get(path)
                self.took.append((began, time.monotonic() - began))
                self.over.wait(0.1)

    def between(self, start: float, end: float) -> str:
        times = sorted(took for began, took in self.took if start <= began < end)
        if not times:
            return "no page"
        p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
        figures = {"p50": median(times), "p95": p95, "worst": times[-1]}
        words = "   ".join(f"{name} {1000 * seconds:5.0f} ms" for name, seconds in figures.items())
        return f"{words}   ({len(times)} pages)"


def manage(environment: dict[str, str], *words: str) -> None:
    command = [sys.executable, "manage.py", *words]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300)


def answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/privacy/")
        return connection.getresponse().status == 200
    except OSError:
        return False


def states(data: Path) -> dict[str, int]:
    with sqlite3.connect(f"file:{data}/rete.sqlite3?mode=ro", uri=True, timeout=20) as database:
        return dict(database.execute("SELECT state, count(*) FROM imaging_photo GROUP BY state").fetchall())


def measure(address: str, data: Path, files: list[bytes]) -> None:
    author, colleague = Person(address, "author"), Person(address, "colleague")
    case = author.new_case()
    pages = Pages(colleague, colleague.new_case())
    time.sleep(15)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as senders:
        list(senders.map(lambda file: author.upload(case, file), files))
    received = time.monotonic()
    while states(data).get("review", 0) < len(files):
        author.get(f"/cases/{case}/pictures/progress/")  # as the author's own page does meanwhile
        time.sleep(2)
        assert time.monotonic() - began < 1800, states(data)
    ready = time.monotonic()
    time.sleep(15)
    pages.over.set()
    pages.thread.join()
    print(f"received after {received - began:.0f} s, all ready for review after {ready - began:.0f} s")
    print(f"other pages, idle:           {pages.between(0, began)}")
    print(f"other pages, while received: {pages.between(began, received)}")
    print(f"other pages, while worked on:{pages.between(received, ready)}")
    print(f"other pages, afterwards:     {pages.between(ready, float('inf'))}")
    print(f"load average {os.getloadavg()[0]:.1f} (1 min) {os.getloadavg()[1]:.1f} (5 min), {os.cpu_count()} cores")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="?", type=int, default=20)
    parser.add_argument("--port", type=int, default=18390)
    options = parser.parse_args()
    files = pictures(options.pictures)
    print(f"{len(files)} pictures, {sum(map(len, files)) / 1e6:.0f} MB; load average before {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="rete-bench-") as folder:
        data = Path(folder)
        environment = {**os.environ, "RETE_DATA": folder, "RETE_LOG_LEVEL": "WARNING"}
        manage(environment, "prepare")
        manage(environment, "shell", "-v0", "-c", PEOPLE)
        site = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--prepared", "--port", str(options.port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            while not answers(options.port):
                assert site.poll() is None, "the site did not start"
                time.sleep(0.5)
            measure(f"http://127.0.0.1:{options.port}", data, files)
        finally:
            site.send_signal(signal.SIGTERM)
            site.wait(60)


if __name__ == "__main__":
    main()
