"""The sandbox's two sides when things end in the wrong order."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import time

import pytest

from imaging.engine import Refused, run
from imaging.engine.sandbox import confine, server
from imaging.engine.sandbox.client import Sandbox, ServerGone


def test_a_server_that_ends_at_once_is_a_refused_picture(monkeypatch):
    """It says nothing, so nothing is waited for, and the request finds nobody there."""
    box = Sandbox()
    monkeypatch.setattr("imaging.engine.sandbox.client.BOOT", "pass")
    with pytest.raises(Refused) as refused:
        box.ask({}, b"", run.DEFAULT)
    assert refused.value.code == "decoder_died"
    assert box.server_pid is None


def test_a_status_that_never_comes_counts_as_a_dead_server():
    inlet, outlet = os.pipe()
    end = Sandbox()._explain_silence(None, inlet, time.monotonic() - 60)
    os.close(inlet)
    os.close(outlet)
    assert isinstance(end, ServerGone)


class Process:
    """As much of a process as is asked for."""

    pid = 1

    def kill(self):
        self.killed = True

    def wait(self):
        self.waited = True


def test_a_server_that_another_thread_has_replaced_is_left_alone():
    box, failed = Sandbox(), Process()
    box._process = fresh = Process()
    box._discard(failed)
    assert box._process is fresh
    box._discard(fresh)
    assert (box._process, fresh.killed, fresh.waited) == (None, True, True)


def test_the_child_is_told_which_files_are_not_its_own(monkeypatch):
    """What the child does first, seen from the parent: a fork that says that it is the child."""
    told = []

    def child(*arguments):
        told.append(arguments)
        raise SystemExit

    monkeypatch.setattr(server, "_child", child)
    monkeypatch.setattr(os, "fork", lambda: 0)
    with pytest.raises(SystemExit):
        server._fork(20, [3, 4], {99: (5, 0.0)}, (6, 7, 8))
    assert told == [(os.getpid(), 3, (4, 6, 7, 8, 5))]


def test_children_end_with_their_server(monkeypatch):
    """Its owner is gone: what is still being read is of no use to anyone."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    before, kill, killed = signal.getsignal(signal.SIGCHLD), os.kill, []
    mine, child = socket.socketpair()
    status_in, status_out = os.pipe()

    def record(pid, number):
        killed.append((pid, number))
        kill(pid, number)

    monkeypatch.setattr(os, "kill", record)
    server.preload()
    with ours:  # closed before the fork: a child that inherits it would keep its own server from seeing the end
        socket.send_fds(ours, [b"20"], [child.fileno(), status_out])
    server._serve(theirs)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, before)
    ((pid, number),) = killed
    assert os.waitpid(pid, 0) == (pid, signal.SIGKILL)
    assert number == signal.SIGKILL
    for end in (theirs, mine, child):
        end.close()
    os.close(status_in)
    os.close(status_out)


def test_a_childs_limits():
    """Set in a fork of its own: they cannot be taken back. Room for threads, none for files or a core."""
    inlet, outlet = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            confine.set_limits(cpu_seconds=7, wall_seconds=9, memory_bytes=1 << 40)
            names = ("AS", "CPU", "FSIZE", "CORE", "NOFILE", "NPROC")
            limits = [resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0] for name in names]
            os.write(outlet, json.dumps([*limits, signal.getitimer(signal.ITIMER_REAL)[0]]).encode())
        finally:
            os._exit(0)
    os.close(outlet)
    with os.fdopen(inlet, "rb") as pipe:
        *limits, alarm = json.loads(pipe.read())
    os.waitpid(pid, 0)
    assert limits == [1 << 40, 7, 0, 0, 16, confine.THREADS]
    assert 0 < alarm <= 9
