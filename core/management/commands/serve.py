"""`manage.py serve`: the whole site on one machine, with web server, worker and scheduler.

Children: gunicorn with threads, a Celery worker for destruction with the scheduler (`-B`), and one for everything
else. Workers use the `solo` pool: a job runs in the worker's only process, which may fork the imaging sandbox. The
prefork pool's processes are daemonic and may not have children, and a fork from the threads pool copies locks that
other threads hold. A job that kills its worker is claimed again when its lease expires.
"""

import http.client
import os
import signal
import sys
import time
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import data_dir
from core.serving.children import Child
from core.serving.instance import add_address_arguments, check_is_loopback, check_port_is_free, lock_data_dir
from core.serving.prepare import prepare
from core.serving.watch import Watch, ask
from core.urgency import DESTRUCTION_QUEUE, ORDINARY_QUEUE

READY_SECONDS = 90
STOP_SECONDS = 20
TICK_SECONDS = 0.2
WORKER_NICE = 10  # pages come first: people wait for them, while pictures are processed in the background


class Command(BaseCommand):
    """Command that prepares the data folder and supervises web server and worker until SIGTERM or Ctrl-C."""

    help = "Run Rete on this machine: web server, worker and clock."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options of the command."""
        add_address_arguments(parser)
        parser.add_argument("--prepared", action="store_true", help="`manage.py prepare` has just run")
        parser.add_argument("--banner", type=Path, help="print this file once the site answers")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped. Raises CommandError if the site cannot start."""
        port, bind = options["port"], options["bind"]
        check_is_loopback(bind)
        check_port_is_free(bind=bind, port=port)
        data = data_dir.prepare()
        with lock_data_dir(data):
            if not options["prepared"]:
                self._print("Preparing the databases and the static files …")
                prepare()
            self._supervise(_children(bind=bind, port=port), bind=bind, port=port, banner=options["banner"])

    def _supervise(self, children: list[Child], *, bind: str, port: int, banner: Path | None) -> None:
        stopping = False

        def stop(_signal: int, _frame: FrameType | None) -> None:
            nonlocal stopping
            stopping = True

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        ready, give_up_at = False, time.monotonic() + READY_SECONDS
        try:
            while not stopping:
                for child in children:
                    line = child.ensure_running()
                    if line:
                        self.stderr.write(line)
                if not ready and _is_answering(bind=bind, port=port):
                    ready = True
                    self._announce(port=port, bind=bind, banner=banner)
                    # Told by the web server and printed here: no part that may be late has a part in it.
                    Watch(tell=self.stderr.write, look=partial(ask, host=_loopback(bind), port=port)).start()
                if not ready and time.monotonic() > give_up_at:
                    raise CommandError(f"The site did not answer within {READY_SECONDS} s. The lines above say why.")
                time.sleep(TICK_SECONDS)
        finally:
            deadline = time.monotonic() + STOP_SECONDS
            for child in children:
                child.terminate()
            for child in children:
                child.wait(seconds=deadline - time.monotonic())
        self._print("Stopped.")

    def _announce(self, *, port: int, bind: str, banner: Path | None) -> None:
        self._print(f"\nRete answers at {_address(bind, port)}\n")
        if banner is not None and banner.is_file():
            self._print(banner.read_text(encoding="utf-8"))
        self._print("Stop it with Ctrl-C.")

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _children(*, bind: str, port: int) -> list[Child]:
    environment = {"RETE_SITE_ADDRESS": _address(bind, port).rstrip("/")} | dict(os.environ)
    host = f"[{bind}]" if ":" in bind else bind
    web = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"{host}:{port}"]
    web += ["--worker-class", "core.serving.waiting_room.WaitingRoomWorker"]
    web += ["--workers", "2", "--threads", "4", "--timeout", "60"]
    web += ["--graceful-timeout", "10", "--log-level", "warning", "--no-control-socket"]
    web += ["--logger-class", "core.serving.gunicorn_logger.RedactingLogger"]
    # What patients took back is destroyed at once, whatever pictures and mails are waiting.
    destruction = _worker(DESTRUCTION_QUEUE, "-B")
    worker = _worker(ORDINARY_QUEUE)
    return [
        Child(name="web server", command=web, environment=environment, folder=settings.BASE_DIR),
        Child(name="destruction", command=destruction, environment=environment, folder=settings.BASE_DIR),
        Child(name="worker", command=worker, environment=environment, folder=settings.BASE_DIR, nice=WORKER_NICE),
    ]


def _worker(queue: str, *options: str) -> list[str]:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker", *options, "--concurrency", "1"]
    command += ["--queues", queue, "--hostname", f"{queue}@%h", "--pool", "solo", "--loglevel", "WARNING"]
    return [*command, "--without-gossip", "--without-mingle", "--without-heartbeat"]


def _address(bind: str, port: int) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(bind, bind)  # noqa: S104 - compared, not bound
    return f"http://{host}:{port}/"


def _loopback(bind: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104 - compared, not bound


def _is_answering(*, bind: str, port: int) -> bool:
    connection = http.client.HTTPConnection(_loopback(bind), port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
