"""Slow headers: connections that never finish their request must not keep others from being answered."""

import contextlib
import socket

from bench.attack import Finding
from bench.attack.site import Site, connect, p95

CONNECTIONS = 64
PAGES = 20
PATIENCE_SECONDS = 3
LIMIT_SECONDS = 1.0


def attack(site: Site) -> list[Finding]:
    """Open connections that send half a header and then a byte now and again; ask for the withdrawal page meanwhile."""
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connect(site, source=f"127.0.1.{number + 1}")) for number in range(CONNECTIONS)]
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        took = []
        for number in range(PAGES):
            _trickle(slow)
            took.append(_seconds(site, source=f"127.0.0.{number + 2}"))
    seen = p95(took)
    return [
        Finding("slow_headers: withdrawal page, p95", f"{seen:.2f} s", f"< {LIMIT_SECONDS:g} s", seen < LIMIT_SECONDS)
    ]


def _trickle(connections: list[socket.socket]) -> None:
    for connection in connections:
        with contextlib.suppress(OSError):  # the site has closed it
            connection.sendall(b"x")


def _seconds(site: Site, *, source: str) -> float:
    try:
        answer = site.visitor(source=source, timeout=PATIENCE_SECONDS).get("/withdraw/")
    except OSError:
        return float("inf")
    return answer.seconds if answer.status == 200 else float("inf")
