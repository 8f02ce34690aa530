"""`manage.py serve`: up with one command, restarts what dies, leaves nothing behind."""

import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from core.management.commands.serve import READY_SECONDS
from core.serving.instance import check_is_loopback, port_number
from tests.core.instance import Instance, alive, children, wait_until
from tests.services import free_port

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is refused

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the process table of Linux")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    house = Instance(tmp_path)
    yield house
    house.stop()


def serve(instance: Instance, port: int) -> "subprocess.Popen[bytes]":
    banner = instance.folder / "banner"
    banner.write_text("Sign in as alice@hospital.example")
    process = instance.start("manage.py", "serve", "--port", str(port), "--banner", str(banner))
    wait_until(
        lambda: "Stop it with" in instance.log.read_text() or process.poll() is not None, what="the site answers"
    )
    assert process.poll() is None, instance.log.read_text()
    return process


def page(port: int) -> int:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
        return int(response.status)
    return 0


def test_serves_refuses_a_second_restarts_and_stops(instance: Instance, tmp_path: Path) -> None:
    port = free_port()
    process = serve(instance, port)
    wait_until(lambda: page(port) == 200, what="the first page")
    assert f"http://127.0.0.1:{port}/" in instance.log.read_text()
    assert "Sign in as alice" in instance.log.read_text()
    assert oct((instance.folder / "var").stat().st_mode)[-3:] == "700"

    for folder, taken, hint in (
        (tmp_path / "other", port, f"PORT={port + 1} make run"),
        (instance.folder, free_port(), "RETE_DATA="),
    ):
        second = Instance(folder)
        second.log = tmp_path / "second"
        assert second.start("manage.py", "serve", "--port", str(taken)).wait(timeout=READY_SECONDS) == 1
        assert hint in second.log.read_text()

    parts = children(process.pid)
    assert sorted("celery" in command for command in parts.values()) == [False, True, True]
    assert sum("--queues destruction" in command for command in parts.values()) == 1
    for pid in parts:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(children(process.pid).keys() - parts.keys()) == 3, what="all parts start again")
    wait_until(lambda: page(port) == 200, what="the site answers again")
    assert "worker ended (signal 9); starting it again" in instance.log.read_text()

    family = set(children(process.pid)) | {pid for child in children(process.pid) for pid in children(child)}
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=READY_SECONDS) == 0
    assert [pid for pid in family if alive(pid)] == []
    assert page(port) == 0


def test_killed_supervisor_takes_its_parts_along(instance: Instance) -> None:
    process = serve(instance, free_port())
    parts = set(children(process.pid))
    assert len(parts) == 3
    process.kill()
    process.wait()
    wait_until(lambda: not [pid for pid in parts if alive(pid)], what="the parts end")


@pytest.mark.parametrize(
    ("bind", "embedded", "refused"),
    [
        ("127.0.0.1", True, False),
        ("127.3.2.1", True, False),
        ("::1", True, False),
        ("localhost", True, False),
        (EVERYWHERE, True, True),
        ("::", True, True),
        ("192.0.2.7", True, True),
        ("no.such.name.invalid", True, True),
        (EVERYWHERE, False, False),
    ],
)
def test_the_embedded_site_is_served_to_this_machine_alone(
    settings: Any, bind: str, embedded: bool, refused: bool
) -> None:
    settings.EMBEDDED = embedded
    with pytest.raises(CommandError, match=f"RETE_BIND={bind} .*Leave it unset") if refused else nullcontext():
        check_is_loopback(bind)


def test_neither_command_starts_beyond_loopback(instance: Instance) -> None:
    instance.environment["RETE_BIND"] = EVERYWHERE
    for command in (("prepare", "--serving"), ("serve",)):
        assert instance.start("manage.py", *command).wait(timeout=READY_SECONDS) == 1
    assert instance.log.read_text().count("over plain HTTP to the network") == 2


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", ""])
def test_ports_that_are_none(text: str) -> None:
    with pytest.raises(Exception, match="PORT must be a number"):
        port_number(text)
