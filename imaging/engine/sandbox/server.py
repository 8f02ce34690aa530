"""Server of the sandbox: loads decoders and models once, then forks one confined child per picture.

Started by `client` with an empty environment. It never reads a picture itself; it forks, waits, and reports
how each child ended. It exits when its control socket closes, that is when its owner closes it or dies.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
from typing import NoReturn

from imaging.engine.errors import DetectorMissing, Refused
from imaging.engine.sandbox import confine, wire

MAX_REQUEST_BYTES = 64 * 1024 * 1024
LATE_SECONDS = 1.0


def main(control_fd: int) -> None:  # pragma: no cover - closes every file of its process
    """Serve until the control socket closes."""
    control = socket.socket(fileno=control_fd)
    _close_others(control_fd)
    confine.leave_network()
    try:
        preload()
    except DetectorMissing:
        control.send(b"no model")
        return
    control.send(b"ready")
    _serve(control)


def _close_others(keep: int) -> None:  # pragma: no cover - the same
    highest = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65_536)
    os.closerange(3, keep)
    os.closerange(keep + 1, highest)


def preload() -> None:
    """Import and warm up everything a child may need: once confined it can open no file."""
    from imaging.engine import operations

    operations.warm_up()
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, the shared pages


def _serve(control: socket.socket) -> None:
    wake_in, wake_out = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake_out, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children: dict[int, tuple[int, float]] = {}  # pid -> status pipe, latest end (monotonic s)
    while True:
        ready, _, _ = select.select([control.fileno(), wake_in], [], [], 0.5 if children else None)
        if wake_in in ready:
            os.read(wake_in, 4096)
        if control.fileno() in ready:
            message, fds, _, _ = socket.recv_fds(control, 64, 2)
            if not message:
                break
            _fork(int(message), fds, children, (control.fileno(), wake_in, wake_out))
        _reap(children)
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _fork(wall_seconds: int, fds: list[int], children: dict[int, tuple[int, float]], own: tuple[int, ...]) -> None:
    data_fd, status_fd = fds
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        _child(server, data_fd, (status_fd, *own, *(pipe for pipe, _ in children.values())))
    os.close(data_fd)
    children[pid] = (status_fd, time.monotonic() + wall_seconds + LATE_SECONDS)


def _reap(children: dict[int, tuple[int, float]]) -> None:
    """Report the exit status of children that have ended; kill those past their time."""
    for pid, (status_fd, end) in list(children.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        late = time.monotonic() > end
        if not ended and late:
            os.kill(pid, signal.SIGKILL)
            ended, status = os.waitpid(pid, 0)
        if ended:
            code = -signal.SIGALRM if late else os.waitstatus_to_exitcode(status)
            with contextlib.suppress(BrokenPipeError):
                os.write(status_fd, str(int(code)).encode())
            os.close(status_fd)
            del children[pid]


def _child(  # pragma: no cover - runs in a confined child
    server: int, data_fd: int, foreign: tuple[int, ...]
) -> NoReturn:
    """Read one request, answer it, exit. Skips Python's cleanup: there is nothing to flush."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        confine.die_with_parent(server)
        for fd in foreign:
            os.close(fd)
        head, data = read_request(data_fd)
        options = wire.load_options(head["options"])
        confine.confine(
            cpu_seconds=options.cpu_seconds, wall_seconds=options.wall_seconds, memory_bytes=options.memory_bytes
        )
        for part in answer(head, data):
            write_all(data_fd, part)
    finally:
        # any failure means no answer, which the caller treats as a dead decoder
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
        os._exit(sys.exc_info()[0] is not None)


def read_request(fd: int) -> tuple[wire.Head, bytes]:
    """Read the request's head and the file. The head comes from our owner and is trusted. Raises wire.Malformed."""
    size = wire.head_size(_read(fd, wire.PREFIX.size))
    head, sizes = wire.parse_head(_read(fd, size))
    if len(sizes) != 1 or sizes[0] > MAX_REQUEST_BYTES:
        raise wire.Malformed("request")
    return head, _read(fd, sizes[0])


def answer(head: wire.Head, data: bytes) -> list[bytes]:
    """Perform the operation and pack its result, or its refusal."""
    from imaging.engine import operations

    try:
        reply, blobs = operations.perform(head, data)
    except Refused as refusal:
        return wire.pack({"refused": refusal.code}, [])
    except MemoryError:
        return wire.pack({"refused": "too_complex"}, [])
    return wire.pack({**reply, "ok": True}, blobs)


def write_all(fd: int, data: bytes) -> None:
    """Write all bytes with os.write; sendall would need a system call that the child may not make."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _read(fd: int, size: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < size:
        piece = os.read(fd, min(size - len(pieces), 1 << 20))
        if not piece:
            raise wire.Malformed("short")
        pieces += piece
    return bytes(pieces)
