"""Supervised child processes, which are restarted when they die and die with their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 30.0  # a child that ran this long starts again with the first pause
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    # Runs in the child between fork and exec. Otherwise a killed supervisor would leave orphans behind.
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """A supervised program in its own process group."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    nice: int = 0  # niceness, 0 to 19
    starts: int = 0
    _process: "subprocess.Popen[bytes] | None" = None
    _started_at: float = 0.0
    _start_after: float = 0.0
    _pause: float = field(default=FIRST_PAUSE_SECONDS)

    @property
    def pid(self) -> int | None:
        """The process id while the child runs, else None."""
        return self._process.pid if self._process else None

    def ensure_running(self) -> str:
        """Start the child if it is not running and its pause is over; return a line to print, or ""."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_after:
                self._start(now)
            return ""
        status = self._process.poll()
        if status is None:
            return ""
        self._kill_group()
        if now - self._started_at >= STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        line = f"{self.name} ended ({_describe_exit(status)}); starting it again in {self._pause:g} s"
        self._process, self._start_after = None, now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        return line

    def terminate(self) -> None:
        """Send SIGTERM, upon which the child finishes its current work."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def wait(self, *, seconds: float) -> None:
        """Wait for the child to end, then kill the rest of its process group."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=max(0.0, seconds))
        self._kill_group()
        self._process.wait()
        self._process = None

    def _start(self, now: float) -> None:
        # In its own session, so that Ctrl-C reaches the supervisor only and the whole group can be killed.
        self._process = subprocess.Popen(
            self.command,
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=self._before_exec,
        )
        self._started_at = now
        self.starts += 1

    def _before_exec(self) -> None:
        _die_with_parent()
        if self.nice:
            os.nice(self.nice)

    def _kill_group(self) -> None:
        assert self._process is not None  # noqa: S101 - narrows the type
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _describe_exit(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
