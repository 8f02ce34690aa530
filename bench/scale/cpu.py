"""CPU seconds of this process, of a tree of processes, and of the Postgres that serves this connection."""

import contextlib
from functools import cache
from pathlib import Path


def of_tree(pid: int) -> float:
    """CPU seconds of a process and its children so far, all threads, to the microsecond."""
    total = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0]) / 1e9
            children = (task / "children").read_text().split()
            total += sum(map(_of_child, children))
    return total


def _of_child(pid: str) -> float:
    with contextlib.suppress(OSError):
        return of_tree(int(pid))
    return 0.0


def of_postgres() -> float:
    """CPU seconds of all living processes of this connection's server; 0 on SQLite, which works in this process.

    Parallel workers end with their query and are counted by the parent, in hundredths of a second.
    """
    server = postmaster()
    if server is None:
        return 0.0
    ended = Path(f"/proc/{server}/stat").read_text().rsplit(") ", 1)[1].split()
    return of_tree(server) + (int(ended[13]) + int(ended[14])) / 100


@cache
def postmaster() -> int | None:
    """Process id of this connection's server, which is on this machine; None on SQLite."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("PPid:"))
