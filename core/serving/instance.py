"""The port and the data folder of an instance, each used by one process only."""

import fcntl
import ipaddress
import os
import socket
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management.base import CommandError


def port_number(text: str) -> int:
    """Parse a TCP port, 1 to 65535. Raises ArgumentTypeError."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"PORT must be a number between 1 and 65535, not {text!r}")
    return int(text)


def add_address_arguments(parser: ArgumentParser) -> None:
    """Add `--port` (PORT, 8000) and `--bind` (RETE_BIND, loopback)."""
    parser.add_argument("--port", type=port_number, default=os.environ.get("PORT") or "8000")
    parser.add_argument("--bind", default=os.environ.get("RETE_BIND") or "127.0.0.1")


def check_is_loopback(bind: str) -> None:
    """Raise CommandError when an embedded instance would be reached from elsewhere: it speaks plain HTTP."""
    if not settings.EMBEDDED:
        return
    try:
        found = {info[4][0] for info in socket.getaddrinfo(bind, None)}
    except OSError as error:
        raise CommandError(f"RETE_BIND={bind} is no address of this machine. Leave it unset for 127.0.0.1.") from error
    if not all(ipaddress.ip_address(str(address).partition("%")[0]).is_loopback for address in found):
        raise CommandError(
            f"RETE_BIND={bind} would serve pictures and passwords over plain HTTP to the network. Leave it unset and "
            "put a proxy with TLS in front, or run the site for several machines: RETE_EMBEDDED=false."
        )


def check_port_is_free(*, bind: str, port: int) -> None:
    """Raise CommandError with the next step if the port cannot be used."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {bind} cannot be used ({error.strerror}). Choose another one: PORT={port + 1} make run"
            ) from error


def lock_data_dir(data: Path) -> IO[str]:
    """Lock the data folder until the returned file is closed. Raises CommandError if another instance holds it."""
    lock = (data / "serve.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise CommandError(
            f"Rete already runs on {data}. Stop it first, or give this one a folder of its own: RETE_DATA=…"
        ) from error
    return lock
