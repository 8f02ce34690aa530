"""The supervisor's watch over the site's health: it asks the web server and prints what is wrong."""

import http.client
import threading
import time
from collections.abc import Callable
from http import HTTPStatus

PATH = "/healthz/"
EVERY_SECONDS = 30.0
GRACE_SECONDS = 180.0  # after the start: work that waited overnight is not late yet, and the clock has not ticked
REPEAT_SECONDS = 600.0  # the same alarm again


def ask(*, host: str, port: int, timeout: float = 10.0) -> str:
    """Return what is wrong in one line, or "" when the site is well."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", PATH)
        response = connection.getresponse()
        words = response.read().decode("ascii", "replace").split()
    except (OSError, http.client.HTTPException):
        return "web-server-silent"
    finally:
        connection.close()
    return " ".join(words) if response.status == HTTPStatus.SERVICE_UNAVAILABLE else ""


class Watch:
    """A thread that asks now and again, and hands a line to `tell` when something is wrong."""

    def __init__(self, *, tell: Callable[[str], object], look: Callable[[], str]) -> None:
        self._tell, self._look = tell, look
        self._told, self._told_at = "", float("-inf")

    def start(self) -> None:
        """Watch from now on, as long as the process lives."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def look(self, now: float) -> None:
        """Ask once; tell what is new, and what goes on once in REPEAT_SECONDS."""
        wrong = self._look()
        if wrong == self._told and (not wrong or now - self._told_at < REPEAT_SECONDS):
            return
        self._tell(f"ALARM {wrong}: see “Alarms” in docs/operations.md" if wrong else "the alarm is over")
        self._told, self._told_at = wrong, now

    def _run(self) -> None:
        time.sleep(GRACE_SECONDS)
        while True:
            self.look(time.monotonic())
            time.sleep(EVERY_SECONDS)
