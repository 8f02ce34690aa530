"""Many at once: gunicorn as the product runs it under eight clients, nginx beside it, and eight writers."""

import contextlib
import json
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Final, NamedTuple

from bench.scale import cpu
from bench.scale.fill import Filler, picture
from tests.services import free_port, wait_for_port

CLIENTS: Final = 8  # also writers
PROCESSES: Final = 2  # of writers, as of gunicorn
READERS: Final = 60  # sessions that the clients take in turn: one member may look at 500 pictures an hour
SETTLE_SECONDS: Final = 2.0  # until all processes have compiled what they keep


class Rate(NamedTuple):
    """What came of it in a second; milliseconds that a client waited; CPU of one answer."""

    a_second: float
    p95_ms: float
    app_ms: float
    db_ms: float
    failed: int

    @property
    def mean_wait_ms(self) -> float:
        """How long each of the clients waited on average: one is always waiting."""
        return 1000 * CLIENTS / self.a_second


def http(filler: Filler, pictures: Sequence[object], *, seconds: float) -> dict[str, Rate]:
    """Toy, picture, feed, search, and nginx if it is installed, each at eight clients."""
    from django.conf import settings
    from django.urls import reverse

    cookies = [f"{settings.SESSION_COOKIE_NAME}={key}" for key in _sessions(filler)]
    shown = [reverse("consults:picture", args=[pk]) for pk in pictures]
    feed = reverse("consults:cases")
    words = [f"{feed}?q={one}" for one in ("plaque", "psoriasis", "itching+plaque+elbow", "zebrafishpattern")]
    found = {}
    with gunicorn("bench.scale.toy:application()") as (port, pid):
        found["toy view that decrypts"] = get(port, ["/toy/"], [""], pid=pid, seconds=seconds)
    with gunicorn("config.wsgi:application") as (port, pid):
        found["picture, display"] = get(port, shown, cookies, pid=pid, seconds=seconds)
        found["feed"] = get(port, [feed], cookies, pid=pid, seconds=seconds)
        found["search"] = get(port, words, cookies, pid=pid, seconds=seconds)
    with nginx() as served:
        if served is not None:
            port, pid = served
            found["nginx, a file"] = get(port, ["/picture.jpg"], [""], pid=pid, seconds=seconds)
    return found


def _sessions(filler: Filler) -> list[str]:
    """Sign members in, and return the keys of their sessions."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import Member

    keys = []
    for member in Member.objects.filter(pk__in=[one.id for one in filler.authors[:READERS]]):
        client = Client()
        client.force_login(member)
        keys.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return keys


@contextlib.contextmanager
def gunicorn(application: str) -> Iterator[tuple[int, int]]:
    """The web server of `manage.py serve`, with its port and process id."""
    from core.management.commands.serve import _children

    port = free_port()
    web = _children(bind="127.0.0.1", port=port)[0]
    command = [application if word == "config.wsgi:application" else word for word in web.command]
    server = subprocess.Popen(command, env=web.environment, cwd=web.folder, stdin=subprocess.DEVNULL)
    try:
        wait_for_port(port, server)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextlib.contextmanager
def nginx() -> Iterator[tuple[int, int] | None]:
    """Serve the picture as a plain file, if Debian's nginx is there; yield its port and process id."""
    from django.conf import settings

    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        yield None
        return
    folder = Path(settings.DATA_DIR) / "nginx"
    folder.mkdir()
    (folder / "picture.jpg").write_bytes(picture("display"))
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "".join(f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"{user} worker_processes 2; daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}} "
        f"http {{ access_log off; sendfile on; keepalive_requests 1000000; {temporary} "
        f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}"
    )
    command = [program, "-p", str(folder), "-e", str(folder / "errors"), "-c", str(folder / "nginx.conf")]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        wait_for_port(port, server)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder)


# --- Clients


def get(port: int, paths: Sequence[str], cookies: Sequence[str], *, pid: int, seconds: float) -> Rate:
    """Ask for the paths in turn, with the cookies in turn, over eight connections that ask again when answered."""
    pairs = islice(zip(cycle(paths), cycle(cookies), strict=False), len(paths) * len(cookies))
    requests = cycle(
        [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {own}\r\n\r\n".encode() for path, own in pairs]
    )
    _round(port, requests, seconds=SETTLE_SECONDS)
    own, server = cpu.of_tree(pid), cpu.of_postgres()
    waits, failed, took = _round(port, requests, seconds=seconds)
    own, server = cpu.of_tree(pid) - own, cpu.of_postgres() - server
    answers = len(waits)
    return Rate(
        a_second=answers / took,
        p95_ms=1000 * statistics.quantiles(waits, n=20)[-1],
        app_ms=1000 * own / answers,
        db_ms=1000 * server / answers,
        failed=failed,
    )


class _Client:
    """One connection that is kept open, and opened again when the server has closed it."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self.port, self.selector = port, selector
        self.asked_at, self.request, self.head, self.left = 0.0, b"", b"", -1
        self._connect()

    def _connect(self) -> None:
        self.connection = socket.create_connection(("127.0.0.1", self.port))
        self.selector.register(self.connection, selectors.EVENT_READ, self)

    def close(self) -> None:
        self.selector.unregister(self.connection)
        self.connection.close()

    def ask(self, request: bytes) -> None:
        self.asked_at, self.request, self.head, self.left = time.perf_counter(), request, b"", -1
        try:
            self.connection.sendall(request)
        except OSError:
            self._ask_again()

    def _ask_again(self) -> None:
        """Ask on a new connection: gunicorn closes one on which nothing was asked for two seconds."""
        self.close()
        self._connect()
        self.connection.sendall(self.request)

    def read(self) -> bool | None:
        """Read what has come; return whether a whole answer was good, None while it is not whole."""
        try:
            data = self.connection.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        if not data and self.head:
            raise ConnectionError("the server hung up in the middle of an answer")
        if not data:
            self._ask_again()
            return None
        if self.left < 0:
            self.head += data
            head, end, body = self.head.partition(b"\r\n\r\n")
            if not end:
                return None
            self.head = head
            self.left = int(head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]) - len(body)
        else:
            self.left -= len(data)
        return None if self.left > 0 else self.head.startswith(b"HTTP/1.1 200 ")


def _round(port: int, requests: Iterator[bytes], *, seconds: float) -> tuple[list[float], int, float]:
    """Return how long each answer took (s), how many were not good, and how long all of it took (s)."""
    waits: list[float] = []
    failed = 0
    with selectors.DefaultSelector() as selector:
        clients = [_Client(port, selector) for _number in range(CLIENTS)]
        began = time.perf_counter()
        for client in clients:
            client.ask(next(requests))
        busy = len(clients)
        while busy:
            for key, _events in selector.select(timeout=60):
                good = key.data.read()
                if good is None:
                    continue
                now = time.perf_counter()
                waits.append(now - key.data.asked_at)
                failed += not good
                if now - began < seconds:
                    key.data.ask(next(requests))
                else:
                    key.data.close()
                    busy -= 1
        took = time.perf_counter() - began
    return waits, failed, took


# --- Writers

WRITES: Final = ("bare one-row transactions", "answers", "comments", "events")


def writes(*, seconds: float) -> dict[str, Rate]:
    """Eight writers of each kind in turn, in two processes."""
    return {kind: _written(kind, seconds=seconds) for kind in WRITES}


def _written(kind: str, *, seconds: float) -> Rate:
    command = [sys.executable, "-m", "bench.scale.writers", kind, str(seconds)]
    processes = [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(PROCESSES)
    ]
    for process in processes:  # all are ready before any begins
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
    server = cpu.of_postgres()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    found = []
    for process in processes:
        out, _errors = process.communicate(timeout=seconds + 120)
        found.append(json.loads(out))
    server = cpu.of_postgres() - server
    waits = [wait for one in found for wait in one["waits"]]
    return Rate(
        a_second=sum(len(one["waits"]) / one["took"] for one in found),
        p95_ms=1000 * statistics.quantiles(waits, n=20)[-1],
        app_ms=1000 * sum(one["cpu"] for one in found) / len(waits),
        db_ms=1000 * server / len(waits),
        failed=sum(one["failed"] for one in found),
    )
