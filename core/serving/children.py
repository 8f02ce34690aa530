"""A child process that is started again when it dies, and that dies with its parent."""

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
STEADY_SECONDS = 30.0  # a child that lived this long starts with the first pause again
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    # Runs in the child between fork and exec. Without it a killed supervisor would leave its children behind.
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One supervised program in a process group of its own."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    nice: int = 0  # how far it stands back when the others need the processor, 0 to 19
    starts: int = 0
    _process: "subprocess.Popen[bytes] | None" = None
    _started_at: float = 0.0
    _start_after: float = 0.0
    _pause: float = field(default=FIRST_PAUSE_SECONDS)

    @property
    def pid(self) -> int | None:
        """The process id while the child runs."""
        return self._process.pid if self._process else None

    def tend(self) -> str:
        """Start the child when it is not running and its pause is over; returns a line to print, or ""."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_after:
                self._start(now)
            return ""
        status = self._process.poll()
        if status is None:
            return ""
        self._sweep()
        if now - self._started_at >= STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        line = f"{self.name} ended ({_how(status)}); starting it again in {self._pause:g} s"
        self._process, self._start_after = None, now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        return line

    def ask_to_stop(self) -> None:
        """Let the child finish what it is doing."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def wait(self, *, seconds: float) -> None:
        """Wait for the end, then kill what is left of the child and its own children."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=max(0.0, seconds))
        self._sweep()
        self._process.wait()
        self._process = None

    def _start(self, now: float) -> None:
        # A session of its own: Ctrl-C reaches the supervisor only, and the whole group can be swept.
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

    def _sweep(self) -> None:
        assert self._process is not None  # noqa: S101 - narrows the type
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
