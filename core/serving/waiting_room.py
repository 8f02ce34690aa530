"""Gunicorn's threaded worker with a waiting room: a thread begins with a request only when all of it has arrived.

Threat: a few connections that send half a header, or a body byte by byte, occupy every thread, and patients cannot
withdraw. Here the one loop of the worker reads from all connections at once; who is too slow is dropped, and when the
room is full, whoever has waited longest. Requests that bring a file have threads of their own, and so have
the pages of patients who withdraw: however many strangers wait for the others, they do not wait behind them.
"""

import contextlib
import errno
import re
import selectors
import socket
import struct
import time
from concurrent import futures
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

HEADER_BYTES = 32 * 1024
ROOM_BYTES = 3 * 1024 * 1024  # of one request; more than a piece of an upload
ALL_BYTES = 96 * 1024 * 1024  # of all requests that are arriving
PLACES = 512  # connections that may be arriving at once, in one worker
HEADER_SECONDS = 10.0
BODY_SECONDS = 30.0  # and one second more for every SLOWEST_BYTES
SLOWEST_BYTES = 10_000
IDLE_SECONDS = 10  # a thread waits so long for the next bytes, or for the peer to take some
LINGER_SECONDS = 2.0  # so long the peer may take to close after the answer, without a thread
LARGE_BYTES = 128 * 1024  # more than any page's form without a file
LARGE_THREADS = 2
PATIENT_THREADS = 2
STEP_BACK_SECONDS = 0.0002  # for each connection that a worker has, before it accepts another
MOST_STEPS = 8
PATIENT_PATHS = (b"/withdraw", b"/healthz/")

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_NO_LENGTH = b"HTTP/1.1 411 Length Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(eq=False)
class Arrival:
    """A connection whose request has not arrived yet."""

    conn: Any
    deadline: float
    data: bytearray = field(default_factory=bytearray)
    wanted: int | None = None  # bytes of header and body; unknown until the header is whole

    @property
    def is_large(self) -> bool:
        """Whether it brings a file: such requests take long, and have threads of their own."""
        return self.wanted is not None and self.wanted > LARGE_BYTES

    @property
    def has_arrived(self) -> bool:
        """Whether a thread can begin."""
        return self.wanted is not None and len(self.data) >= min(self.wanted, ROOM_BYTES)

    @property
    def is_of_a_patient(self) -> bool:
        """Whether it asks for a page that must never wait for others."""
        _method, _space, path = bytes(self.data[:64]).partition(b" ")
        return path.startswith(PATIENT_PATHS)

    def take(self, data: bytes, *, now: float) -> bytes:
        """Add bytes; return what to answer at once, mostly nothing."""
        if not self.data:
            self.deadline = now + HEADER_SECONDS
        searched = max(0, len(self.data) - len(_END))
        self.data += data
        if self.wanted is not None:
            return b""
        end = self.data.find(_END, searched)
        if end < 0 or end > HEADER_BYTES:
            return _TOO_LONG if len(self.data) > HEADER_BYTES else b""
        return self._read_header(bytes(self.data[:end]), end=end + len(_END), now=now)

    def _read_header(self, header: bytes, *, end: int, now: float) -> bytes:
        if _CHUNKED.search(header):
            return _NO_LENGTH
        # Several lengths, or a bad one, are gunicorn's to refuse, which it does without reading a body.
        lengths = _LENGTH.findall(header)
        length = int(lengths[0]) if len(lengths) == 1 else 0
        self.wanted = end + length
        self.deadline = now + BODY_SECONDS + length / SLOWEST_BYTES
        return _CONTINUE if _EXPECTS.search(header) and not self.has_arrived else b""


class ImpatientSocket(socket.socket):
    """A connection on which a thread never waits for long: the peer is reset instead."""

    def make_impatient(self) -> None:
        """Limit every wait of the system for this peer. Gunicorn resets Python's own time limit."""
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", IDLE_SECONDS, 0))

    def recv(self, *arguments: Any) -> bytes:
        """Receive. Raises ConnectionResetError when nothing comes."""
        try:
            return super().recv(*arguments)
        except BlockingIOError:
            if self.getblocking():
                raise ConnectionResetError(errno.ECONNRESET, "too slow") from None
            raise

    def sendall(self, *arguments: Any) -> None:
        """Send. Raises ConnectionResetError when the peer takes nothing."""
        try:
            super().sendall(*arguments)
        except BlockingIOError:
            raise ConnectionResetError(errno.ECONNRESET, "too slow") from None


class WaitingRoomWorker(ThreadWorker):
    """The worker. `arriving` and `leaving` belong to the loop; threads never touch them."""

    def init_process(self) -> None:
        """Prepare the room, then everything else."""
        self.arriving: dict[Any, Arrival] = {}  # by connection, in the order in which they came
        self.leaving: dict[Any, float] = {}  # connections that were answered and may still send, until when
        self.arrived_bytes = 0
        self.large_pool = futures.ThreadPoolExecutor(max_workers=LARGE_THREADS)
        self.patient_pool = futures.ThreadPoolExecutor(max_workers=PATIENT_THREADS)
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Let a connection into the room, unless a worker with fewer of them is quicker.

        All workers wake for a connection, and one that is kept open stays where it is: without this, one process may
        get all that a proxy keeps open, while the other has nothing to do.
        """
        if self.cfg.workers > 1 and self.nr_conns:
            time.sleep(STEP_BACK_SECONDS * min(self.nr_conns, MOST_STEPS))
        try:
            accepted, client = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        sock = ImpatientSocket(fileno=accepted.detach())
        sock.make_impatient()
        self.nr_conns += 1
        self._let_arrive(TConn(self.cfg, sock, client, listener.getsockname()), seconds=HEADER_SECONDS)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Let the connection's next request arrive, or say goodbye without waiting for the peer."""
        try:
            keep = bool(fs.result()) and self.alive
            early = conn.parser.unreader.take_buffered() if keep else b""
        except Exception:  # noqa: BLE001 - as the class above: whatever went wrong, the connection ends
            keep, early = False, b""
        if keep:
            self._let_arrive(conn, seconds=self.cfg.keepalive, early=early)
        else:
            self._let_leave(conn)

    def murder_pending(self) -> None:
        """Drop who is too slow; when the worker stops, everybody whose request has not arrived."""
        now = time.monotonic()
        for arrival in [one for one in self.arriving.values() if one.deadline < now or not self.alive]:
            self._drop(arrival)
        for conn in [conn for conn, until in self.leaving.items() if until < now or not self.alive]:
            self._gone(conn)

    # --- Arriving

    def _let_arrive(self, conn: Any, *, seconds: float, early: bytes = b"") -> None:
        conn.sock.setblocking(False)
        arrival = Arrival(conn, time.monotonic() + seconds)
        self.arriving[conn] = arrival
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_bytes, arrival))
        if early:
            self._take(arrival, early)
        self._make_room()

    def _on_bytes(self, arrival: Arrival, _sock: Any) -> None:
        try:
            data = arrival.conn.sock.recv(64 * 1024)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._take(arrival, data)
            self._make_room()
        else:
            self._drop(arrival)

    def _take(self, arrival: Arrival, data: bytes) -> None:
        self.arrived_bytes += len(data)
        answer = arrival.take(data, now=time.monotonic())
        if answer:
            with contextlib.suppress(OSError):
                arrival.conn.sock.send(answer)
            if answer is not _CONTINUE:
                self._drop(arrival)
                return
        if arrival.has_arrived:
            self._begin(arrival)

    def _begin(self, arrival: Arrival) -> None:
        self._forget(arrival)
        conn = arrival.conn
        conn.init()
        conn.parser.unreader.unread(bytes(arrival.data))
        done = self._pool_for(arrival).submit(self.handle, conn)
        done.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def _pool_for(self, arrival: Arrival) -> futures.ThreadPoolExecutor:
        if arrival.is_large:
            return self.large_pool
        pool: futures.ThreadPoolExecutor = self.patient_pool if arrival.is_of_a_patient else self.tpool
        return pool

    def _make_room(self) -> None:
        while len(self.arriving) > PLACES or self.arrived_bytes > ALL_BYTES:
            largest = self.arrived_bytes > ALL_BYTES
            arrivals = self.arriving.values()
            self._drop(max(arrivals, key=lambda one: len(one.data)) if largest else next(iter(arrivals)))

    def _drop(self, arrival: Arrival) -> None:
        self._forget(arrival)
        self._let_go(arrival.conn)

    def _forget(self, arrival: Arrival) -> None:
        if self.arriving.pop(arrival.conn, None) is not None:
            self.arrived_bytes -= len(arrival.data)
            with contextlib.suppress(KeyError, ValueError):
                self.poller.unregister(arrival.conn.sock)

    # --- Leaving

    def _let_leave(self, conn: Any) -> None:
        """Close after the answer as RFC 9112 wants it: the peer may read to the end, while nobody waits for it."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_leaving, conn))
        except (OSError, ValueError, KeyError):
            self._let_go(conn)
            return
        self.leaving[conn] = time.monotonic() + LINGER_SECONDS

    def _on_leaving(self, conn: Any, _sock: Any) -> None:
        try:
            if conn.sock.recv(64 * 1024):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._gone(conn)

    def _gone(self, conn: Any) -> None:
        if self.leaving.pop(conn, None) is not None:
            with contextlib.suppress(KeyError, ValueError):
                self.poller.unregister(conn.sock)
            self._let_go(conn)

    def _let_go(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()
