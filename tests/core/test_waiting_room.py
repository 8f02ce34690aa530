"""The web server's waiting room: whoever is slow waits without a thread, and everybody else is answered."""

import contextlib
import hashlib
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from core.serving import waiting_room
from core.serving.waiting_room import Arrival
from tests.scratch import ROOT
from tests.services import free_port, wait_for_port

WORKER = "core.serving.waiting_room.WaitingRoomWorker"
HALF_A_HEADER = b"GET /slow HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_A_BODY = b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n123"
HALF_A_LARGE_BODY = b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" + bytes(4_000_000)
MANY = 30  # the server below has two threads


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server with one worker of two threads, in front of the echo."""
    with serving(workers=1) as free:
        yield free


@contextlib.contextmanager
def serving(*, workers: int) -> Iterator[int]:
    """Run a server with workers of two threads; yield its port."""
    free = free_port()
    command = [sys.executable, "-m", "gunicorn", "tests.core.echo_app:app", "--bind", f"127.0.0.1:{free}"]
    command += ["--worker-class", WORKER, "--workers", str(workers), "--threads", "2", "--no-control-socket"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(free, server)
        yield free
    finally:
        server.terminate()
        server.wait(30)


@contextlib.contextmanager
def connections(port: int, *, count: int = 1, first: bytes = b"") -> Iterator[list[socket.socket]]:
    """Open connections that begin like this."""
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(count)]
        for connection in made:
            connection.sendall(first)
        yield made


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """Read one answer: status and body."""
    stream = connection.makefile("rb", buffering=0)  # takes nothing of the next answer
    status = int(stream.readline().split()[1])
    length = 0
    while (line := stream.readline().strip()) != b"":
        name, _colon, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    body = b""
    while len(body) < length and (more := stream.read(length - len(body))):
        body += more
    return status, body


def request(path: str, body: bytes = b"", *, close: bool = False) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    return (head + "Connection: close\r\n" * close + "\r\n").encode() + body


def expected(path: str, body: bytes) -> bytes:
    return f"{path} {len(body)} {hashlib.sha256(body).hexdigest()[:8]}".encode()


def answers_at_once(port: int, path: str = "/page") -> bool:
    """Whether somebody else is answered, and soon."""
    began = time.monotonic()
    with connections(port, first=request(path, b"words")) as (visitor,):
        assert answer(visitor) == (200, expected(path, b"words"))
    return time.monotonic() - began < 2


@pytest.mark.parametrize("first", [b"", HALF_A_HEADER, HALF_A_BODY], ids=["nothing", "header", "body"])
def test_slow_requests_hold_no_thread(port: int, first: bytes) -> None:
    with connections(port, count=MANY, first=first):
        assert answers_at_once(port)


def test_large_bodies_have_threads_of_their_own(port: int) -> None:
    with connections(port, count=6, first=HALF_A_LARGE_BODY):
        assert answers_at_once(port)


@pytest.mark.parametrize("path", ["/withdraw/", "/withdraw/confirm/", "/withdrawn/1/", "/healthz/"])
def test_patients_do_not_wait_behind_others(port: int, path: str) -> None:
    with connections(port, count=4, first=request("/long/")) as others:
        time.sleep(0.2)
        assert answers_at_once(port, path)
        assert [answer(other)[0] for other in others] == [200] * 4


def test_a_second_request_may_be_slow_too(port: int) -> None:
    with connections(port, count=MANY, first=request("/first")) as slow:
        for connection in slow:
            assert answer(connection)[0] == 200
            connection.sendall(HALF_A_HEADER)
        assert answers_at_once(port)


def test_nobody_waits_for_a_peer_that_does_not_close(port: int) -> None:
    with connections(port, count=MANY, first=request("/bye", close=True)) as slow:
        assert [answer(connection)[0] for connection in slow] == [200] * MANY
        assert answers_at_once(port)


@pytest.mark.parametrize("size", [0, 1, 70_000, 1_000_000, waiting_room.ROOM_BYTES, 8_000_000])
def test_bodies_arrive_whole(port: int, size: int) -> None:
    body = bytes(number % 251 for number in range(997)) * (size // 997 + 1)
    with connections(port, first=request("/whole", body[:size])) as (sender,):
        assert answer(sender) == (200, expected("/whole", body[:size]))


def test_a_body_in_small_pieces(port: int) -> None:
    sent = request("/pieces", b"piece by piece")
    with connections(port) as (sender,):
        for start in range(0, len(sent), 7):
            sender.sendall(sent[start : start + 7])
            time.sleep(0.01)
        assert answer(sender) == (200, expected("/pieces", b"piece by piece"))


def test_two_requests_at_once_are_answered_in_order(port: int) -> None:
    with connections(port, first=request("/one", b"1") + request("/two", b"22")) as (sender,):
        assert answer(sender) == (200, expected("/one", b"1"))
        assert answer(sender) == (200, expected("/two", b"22"))


def test_a_client_that_asks_before_it_sends(port: int) -> None:
    head = b"POST /asks HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    with connections(port, first=head) as (sender,):
        assert sender.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sender.sendall(b"abc")
        status, body = answer(sender)
        if status == 100:  # gunicorn says it too
            status, body = answer(sender)
        assert (status, body) == (200, expected("/asks", b"abc"))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * (waiting_room.HEADER_BYTES + 10), 431),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400),
    ],
)
def test_refused_without_a_thread_that_waits(port: int, sent: bytes, status: int) -> None:
    with connections(port, first=sent) as (sender,):
        assert answer(sender)[0] == status
    assert answers_at_once(port)


def test_the_longest_waiting_makes_room(port: int) -> None:
    with connections(port) as (first,), connections(port, count=waiting_room.PLACES + 5, first=HALF_A_HEADER):
        assert answers_at_once(port)
        assert first.recv(1) == b""


# --- What has arrived


def arrival() -> Arrival:
    return Arrival(conn=None, deadline=5.0)


def test_a_header_has_seconds_from_its_first_byte() -> None:
    one = arrival()
    one.take(b"GET", now=4.0)
    one.take(b" / ", now=9.0)
    assert one.deadline == 4.0 + waiting_room.HEADER_SECONDS


def test_a_body_has_time_for_its_length() -> None:
    one = arrival()
    one.take(b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n", now=4.0)
    assert one.deadline == 4.0 + waiting_room.BODY_SECONDS + 10
    assert not one.has_arrived
    one.take(bytes(100_000), now=5.0)
    assert one.has_arrived
    assert not one.is_large


@pytest.mark.parametrize(("length", "large"), [(1000, False), (waiting_room.LARGE_BYTES, True), (10**9, True)])
def test_a_file_is_large(length: int, large: bool) -> None:
    one = arrival()
    one.take(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % length, now=0)
    assert one.is_large is large


@pytest.mark.parametrize("cut", range(1, 24))
def test_a_header_may_be_cut_anywhere(cut: int) -> None:
    sent = b"GET / HTTP/1.1\r\nA: b\r\n\r\n"
    one = arrival()
    one.take(sent[:cut], now=0)
    assert one.has_arrived is (cut == len(sent))
    one.take(sent[cut:], now=0)
    assert one.has_arrived


def test_connections_that_are_kept_open_are_shared_between_processes() -> None:
    """All at once, as a proxy opens them; without the step back one process gets seven of eight, or all."""
    most = []
    with serving(workers=2) as here:
        processes: set[bytes] = set()
        while len(processes) < 2:  # until both are there
            with connections(here, first=request("/process", close=True)) as (visitor,):
                processes.add(answer(visitor)[1])
        for _round in range(8):
            with connections(here, count=8) as several:
                for each in several:
                    each.sendall(request("/process"))
                served = Counter(answer(each)[1] for each in several)
            most.append(max(served.values()))
    assert sum(most) / len(most) < 6, most
