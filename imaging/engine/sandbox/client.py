"""Client of the sandbox: starts a preloaded server process that forks one child per picture.

Threats: a decoder bug runs the sender's code; a decompression bomb exhausts the machine; a crash takes the worker
with it. So decoding never happens in the caller. The server is started once per process (on first use, by exec,
with an empty environment), shared by all threads, never shared across a fork, and restarted when it has died.
Each request has its own socket pair, passed to the server by SCM_RIGHTS; a second pipe returns the child's exit
status, which distinguishes a crash from a refusal.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from imaging.engine.errors import DetectorMissing, Refused
from imaging.engine.limits import QUEUE_SECONDS
from imaging.engine.messages import SENTENCES
from imaging.engine.sandbox import wire
from imaging.engine.types import Options

ROOT = Path(__file__).resolve().parents[3]
BOOT = "import sys; sys.path[:0] = sys.argv[2:]; from imaging.engine.sandbox.server import main; main(int(sys.argv[1]))"
GRACE_SECONDS = 3.0
START_SECONDS = 60.0


class ServerGone(Exception):
    """Death of the server during a request; the request is tried once more with a new server."""


class Sandbox:
    """Handle of the server process: starts it, sends it requests, restarts it. Safe from any thread, after any fork."""

    def __init__(self, *, width: int | None = None) -> None:
        """Allow `width` pictures at a time (default: one per core); further ones wait."""
        self.width = width or os.cpu_count() or 1
        self.stderr: int | None = subprocess.DEVNULL
        self._reset()

    def _reset(self) -> None:
        """Start from a clean state: a forked copy owns neither the lock's state nor its parent's server."""
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(self.width)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def after_fork(self) -> None:
        """Drop the parent's server; registered to run in every forked child of the caller."""
        control, process = self._control, self._process
        self._reset()
        if control is not None:
            control.close()
        if process is not None:
            process.returncode = 0  # not our child: prevents a warning from Popen

    def ask(self, head: wire.Head, data: bytes, options: Options) -> tuple[wire.Head, list[bytes]]:
        """Run one request and return the answer's head and blobs. Raises Refused, DetectorMissing."""
        if not self._slots.acquire(timeout=QUEUE_SECONDS):
            raise Refused("too_complex", "Too many pictures are being read at this moment. Try again in some minutes.")
        try:
            try:
                return self._ask_once(head, data, options)
            except ServerGone:
                return self._ask_once(head, data, options)
        except ServerGone as error:
            raise Refused("decoder_died") from error
        finally:
            self._slots.release()

    def close(self) -> None:
        """Stop the server and its children; the next request starts a new one."""
        with self._lock:
            self._stop()

    @property
    def server_pid(self) -> int | None:
        """Process id of the running server, if any."""
        return self._process.pid if self._process else None

    def _ask_once(self, head: wire.Head, data: bytes, options: Options) -> tuple[wire.Head, list[bytes]]:
        ours, theirs = socket.socketpair()
        status_in, status_out = os.pipe()
        process: subprocess.Popen[bytes] | None = None
        try:
            try:
                with self._lock:
                    control = self._ensure_running()
                    process = self._process
                    socket.send_fds(control, [str(options.wall_seconds).encode()], [theirs.fileno(), status_out])
            except OSError as error:
                self._discard(process)
                raise ServerGone from error
            finally:
                theirs.close()
                os.close(status_out)
            deadline = time.monotonic() + options.wall_seconds + GRACE_SECONDS
            try:
                answer = _exchange(ours, wire.pack(head, [data]), deadline)
            except (OSError, wire.Malformed) as error:
                ours.close()
                raise self._explain_silence(process, status_in, deadline) from error
            return _raise_refusal(*answer)
        finally:
            ours.close()
            os.close(status_in)

    def _explain_silence(self, process: subprocess.Popen[bytes] | None, status: int, deadline: float) -> Exception:
        """Return the exception for a missing answer, by the child's exit status; ServerGone when there is none."""
        with os.fdopen(os.dup(status), "rb") as pipe:
            raw = b""
            with contextlib.suppress(OSError):
                # The server's end closes with the child at the latest, which ends the wait.
                left = max(0.0, deadline + GRACE_SECONDS - time.monotonic())
                if select.select([pipe], [], [], left)[0]:
                    raw = pipe.read1(16)
        if not raw:
            self._discard(process)
            return ServerGone()
        return Refused("too_complex" if int(raw) in (-signal.SIGXCPU, -signal.SIGALRM) else "decoder_died")

    def _ensure_running(self) -> socket.socket:
        """Return the control socket of a live server, starting one if needed. Call with the lock held."""
        if self._control is not None and self._process is not None and self._process.poll() is None:
            return self._control
        self._stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", BOOT, str(theirs.fileno()), str(ROOT), *_search_path()],
                env=_bare_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.stderr,  # decoders may print content of the file, which must not reach a log
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control = ours
        ours.settimeout(START_SECONDS)
        try:
            ready = ours.recv(64)
        except OSError as error:
            self._stop()
            raise ServerGone from error
        if ready == b"no model":
            self._stop()
            raise DetectorMissing(SENTENCES["detector_failed"])
        return ours

    def _discard(self, process: subprocess.Popen[bytes] | None) -> None:
        """Stop a failed server unless another thread has already replaced it."""
        with self._lock:
            if self._process is process:
                self._stop()

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _bare_environment() -> dict[str, str]:
    """Return an environment without anything of the caller's, which holds keys and addresses."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
    return {"PATH": "/nonexistent", "LC_ALL": "C.UTF-8", **dict.fromkeys(threads, "1")}


def _search_path() -> list[str]:
    """Return the caller's package folders, so that the isolated interpreter finds the same packages."""
    return [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]


def _exchange(end: socket.socket, parts: list[bytes], deadline: float) -> tuple[wire.Head, list[bytes]]:
    """Send the request and read the whole answer before the deadline (monotonic seconds)."""
    for part in parts:
        end.settimeout(max(0.001, deadline - time.monotonic()))
        end.sendall(part)
    size = wire.head_size(_read(end, wire.PREFIX.size, deadline))
    head, sizes = wire.parse_head(_read(end, size, deadline))
    return head, [_read(end, size, deadline) for size in sizes]


def _read(end: socket.socket, size: int, deadline: float) -> bytes:
    buffer = bytearray(size)
    view, at = memoryview(buffer), 0
    while at < size:
        end.settimeout(max(0.001, deadline - time.monotonic()))
        got = end.recv_into(view[at:])
        if not got:
            raise wire.Malformed("short")
        at += got
    return bytes(buffer)


def _raise_refusal(head: wire.Head, blobs: list[bytes]) -> tuple[wire.Head, list[bytes]]:
    """Return a successful answer; raise Refused for a refusal, with "decoder_died" for an unknown code."""
    if head.get("ok") is True:
        return head, blobs
    code = head.get("refused")
    raise Refused(code if isinstance(code, str) and code in SENTENCES else "decoder_died")


sandbox = Sandbox()
os.register_at_fork(after_in_child=sandbox.after_fork)
