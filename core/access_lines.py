"""The lines of who asked for what, for investigations: a file a day, kept for 30 days.

A line holds time, the visitor's address, method, the route's name, status, milliseconds and the member's id; never a
path, a parameter, a header or anything that was typed.
"""

import json
import os
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

KEPT_DAYS: Final = 30
SUFFIX: Final = ".jsonl"


class _File:
    """Today's file. Processes share it: a line is one write to a file that is opened for appending."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: tuple[Path, int] | None = None

    def append(self, path: Path, line: bytes) -> None:
        """Append a line. Raises OSError."""
        with self._lock:
            if self._opened is None or self._opened[0] != path:
                self.close()
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._opened = path, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.write(self._opened[1], line)

    def close(self) -> None:
        """Close the file of a day that is over."""
        if self._opened is not None:
            os.close(self._opened[1])
            self._opened = None


_file: Final = _File()


def write(*, address: str, method: str, route: str, status: int, took_ms: float, member: str) -> None:
    """Append a line about one request. Raises OSError."""
    now = datetime.now(UTC)
    line = {
        "at": now.isoformat(timespec="milliseconds"),
        "from": address,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(took_ms),
        "member": member,
    }
    _file.append(settings.ACCESS_LINES_DIR / f"{now.date()}{SUFFIX}", json.dumps(line).encode() + b"\n")


def delete_old() -> int:
    """Delete the files of days that ended more than KEPT_DAYS ago; return how many."""
    first = datetime.now(UTC).date() - timedelta(days=KEPT_DAYS)
    old = [path for path in settings.ACCESS_LINES_DIR.glob(f"*{SUFFIX}") if _day_of(path) < first]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _day_of(path: Path) -> date:
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        return date.max  # not one of ours
