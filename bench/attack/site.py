"""A site to attack: an instance of its own, the people in it, and the browsers of attackers and victims."""

import contextlib
import http.client
import http.cookiejar
import json
import re
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.core.instance import Instance, wait_until
from tests.services import free_port

PASSWORD = "correct-horse-battery-staple-23"  # noqa: S105 - of nobody
PEOPLE = ("alice", "bob", "resident", "mod1", "mod2", "officer", "admin")  # name@hospital.example, tests/factories.py
MAKE_PEOPLE = f"""
from accounts.models import Member
from tests import factories
for name in {PEOPLE!r}:
    factories.person(name)
for member in Member.objects.all():
    member.set_password({PASSWORD!r})
    member.save()
"""
START_SECONDS, STOP_SECONDS = 60, 60


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers, body, where it ended after redirects, and how long it took."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    path: str
    seconds: float

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


class _From(urllib.request.HTTPHandler):
    """A handler whose connections come from an address of our choice, any of 127.0.0.0/8."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        def connection(host: str, **options: Any) -> http.client.HTTPConnection:
            return http.client.HTTPConnection(host, source_address=(self.source, 0), **options)

        return self.do_open(connection, request)


class Visitor:
    """A minimal browser: cookies, forms, an address of its own. Every status is an answer, none an exception."""

    def __init__(self, address: str, *, source: str = "127.0.0.1", timeout: float = 60) -> None:
        self.address, self.timeout = address, timeout
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        proxies = urllib.request.ProxyHandler({})
        self.opener = urllib.request.build_opener(proxies, cookies, _From(source))

    def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        return self.send("GET", path, headers=headers)

    def post(self, path: str, page: Answer, **fields: str) -> Answer:
        """Send the fields of a form that `page` showed."""
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token_in(page), **fields}).encode()
        return self.send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def post_files(self, path: str, page: Answer, files: dict[str, tuple[str, bytes]], **fields: str) -> Answer:
        """Send fields, and files as {field: (content type, bytes)}, of a form that `page` showed."""
        edge = b"rete-attack-edge"
        parts = [
            b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (edge, name.encode(), value.encode())
            for name, value in {"csrfmiddlewaretoken": token_in(page), **fields}.items()
        ]
        parts += [
            b'--%b\r\nContent-Disposition: form-data; name="%b"; filename="file"\r\nContent-Type: %b\r\n\r\n%b\r\n'
            % (edge, name.encode(), kind.encode(), data)
            for name, (kind, data) in files.items()
        ]
        body = b"".join([*parts, b"--%b--\r\n" % edge])
        return self.send("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={edge.decode()}"})

    def send(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Send any request. Raises OSError when the site does not answer in time."""
        where = self.address + path
        request = urllib.request.Request(where, body, {"Referer": where} | (headers or {}), method=method)  # noqa: S310
        began = time.monotonic()
        try:
            with self.opener.open(request, timeout=self.timeout) as response:
                return _answer(response, began)
        except urllib.error.HTTPError as response:
            with response:
                return _answer(response, began)


def _answer(response: Any, began: float) -> Answer:
    body = response.read()
    path = urllib.parse.urlsplit(response.url).path
    return Answer(response.status, response.headers, body, path, time.monotonic() - began)


def token_in(page: Answer) -> str:
    """Return the CSRF token of the form on a page. Raises AssertionError where there is none."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found is not None, f"no form on {page.path} ({page.status})"
    return found[1]


class Site:
    """The instance under attack."""

    PEOPLE = PEOPLE
    PASSWORD = PASSWORD

    def __init__(self, folder: Path, *, prepared: Path) -> None:
        self.instance = Instance(folder, RETE_LOG_LEVEL="WARNING")
        self.instance.begin_as(prepared)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The data folder: databases, mail, objects."""
        return self.instance.folder / "var"

    def start(self, **environment: str) -> None:
        """Serve with these variables beside the defaults, and wait for the first page."""
        self.instance.environment |= environment
        self._process = self.instance.start("manage.py", "serve", "--prepared", "--port", str(self.port))
        wait_until(self._answers, what="the site answers")

    def stop(self) -> None:
        """Stop the site the way Ctrl-C does, and what this site has started."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.instance.stop()
        self._process = None

    def restart(self, **environment: str) -> None:
        """Stop, and serve again with more variables: REDIS_URL, SMTP_HOST …"""
        self.stop()
        self.start(**environment)

    def visitor(self, *, source: str = "127.0.0.1", timeout: float = 60) -> Visitor:
        """Return a stranger's browser, whose connections come from `source`."""
        return Visitor(self.address, source=source, timeout=timeout)

    def member(self, name: str, *, source: str = "127.0.0.1") -> Visitor:
        """Return the browser of one of PEOPLE, signed in."""
        visitor = self.visitor(source=source)
        page = visitor.get("/sign-in/")
        answer = visitor.post("/sign-in/", page, login=f"{name}@hospital.example", password=PASSWORD)
        assert answer.path != "/sign-in/", f"{name} could not sign in ({answer.status})"
        return visitor

    def shell(self, code: str, **given: Any) -> Any:
        """Run code in Django's shell, with `given` as a dict of that name; return the JSON that it prints last."""
        words = f"import json\ngiven = json.loads({json.dumps(given)!r})\n{code}"
        printed = self.instance.manage("shell", "-v0", "-c", words).splitlines()
        return json.loads(printed[-1]) if printed else None

    def manage(self, *words: str) -> str:
        """Run a management command; return what it prints."""
        return self.instance.manage(*words)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run SQL on the instance's database."""
        return self.instance.rows(statement, *values)

    def log(self) -> str:
        """What the processes of the site have printed."""
        log = self.instance.log
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

    def until(self, condition: Callable[[], object], *, seconds: float) -> float | None:
        """Wait for a condition; return the seconds until it held, or None when it did not in time."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if condition():
                return time.monotonic() - began
            time.sleep(0.1)
        return None

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log()[-2000:]
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.visitor(timeout=5).get("/privacy/").status == 200
        return False


def connect(site: Site, *, source: str = "127.0.0.1", timeout: float = 10) -> socket.socket:
    """Open a bare connection to the site."""
    return socket.create_connection(("127.0.0.1", site.port), timeout=timeout, source_address=(source, 0))


def p95(seconds: list[float]) -> float:
    """Return the 95th percentile, by nearest rank; infinity for none."""
    return sorted(seconds)[min(len(seconds) - 1, int(0.95 * len(seconds)))] if seconds else float("inf")
