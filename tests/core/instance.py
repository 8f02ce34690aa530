"""A whole instance in a folder of its own: its commands and processes, for tests that kill them."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 240  # how slow a machine may be that runs everything else as well
WORKER = ("-m", "celery", "--quiet", "-A", "config", "worker", "-B", "--pool", "solo", "--concurrency", "1")
WORKER += ("--queues", "celery,destruction")
MIGRATE = """
from django.core.management import call_command
for alias in ("default", "keys"):
    call_command("migrate", verbosity=0, skip_checks=True, database=alias)
"""


def wait_until(condition: Callable[[], object], *, what: str) -> None:
    """Return when the condition holds. Raises AssertionError after PATIENCE_SECONDS."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"gave up waiting: {what}"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process exists and is more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children(pid: int) -> dict[int, str]:
    """Process ids and command lines of the direct children."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


class Instance:
    """One data folder, SQLite, and whatever runs on it; `stop()` ends what was started."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.log = folder / "log"
        own = {"RETE_DATA": str(folder / "var"), "PYTHONUNBUFFERED": "1", "RETE_DEMO_DOMAIN": "hospital.example"}
        self.environment = dict(os.environ) | own | environment
        self._started: list[subprocess.Popen[bytes]] = []

    def manage(self, *arguments: str) -> str:
        """What a management command prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()

    def begin_as(self, prepared: Path) -> None:
        """Take a copy of this data folder, which spares the making of the tables."""
        shutil.copytree(prepared, self.folder / "var")

    def migrate(self) -> None:
        """Make the tables of both databases, in one process because its start costs as much as the tables."""
        self.manage("shell", "-v0", "-c", MIGRATE)

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start `python …` in a process group of its own; its words go to `log`."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Run SQL on the instance's database and commit."""
        with closing(sqlite3.connect(self.folder / "var" / "rete.sqlite3", timeout=20)) as database, database:
            return database.execute(statement, values).fetchall()

    def stop(self) -> None:
        """Kill what still runs."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
