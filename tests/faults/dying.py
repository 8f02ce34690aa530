"""Dying at every step: a forked process that kills itself at the n-th thing it does to a disk or a database."""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

FAILED = 3


class Countdown:
    """Kills its process (SIGKILL) at the n-th step; a step is passed just before and just after each change."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, with a step on either side."""

        def watched(*args: Any, **named: Any) -> Any:
            self.step()
            try:
                return function(*args, **named)
            finally:
                self.step()

        return watched

    def execute(self, execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        """For statements that write; what only reads leaves nothing half done."""
        if sql.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            return execute(sql, *more)
        return self.around(execute)(sql, *more)


def dies_at(number: int, work: Callable[[], object]) -> bool:
    """Do the work in a fork that dies at its n-th step; False when it came to its end before that.

    Raises AssertionError when the work itself fails.
    """
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        status = FAILED
        gc.disable()  # a collection would copy every page of the parent's heap, for a process that soon ends
        try:
            countdown = Countdown(number)
            os.fsync = countdown.around(os.fsync)
            for name in ("replace", "unlink"):
                setattr(Path, name, countdown.around(getattr(Path, name)))
            DatabaseWrapper._commit = countdown.around(DatabaseWrapper._commit)  # type: ignore[method-assign]
            for connection in connections.all():
                connection.execute_wrappers.append(countdown.execute)
            work()
            status = 0
        finally:
            if sys.exc_info()[0] is not None:
                traceback.print_exc()
            os._exit(status)
    _pid, ended = os.waitpid(pid, 0)
    if os.WIFSIGNALED(ended):
        assert os.WTERMSIG(ended) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(ended) == 0, "the work failed by itself; its traceback is above"
    return False


def every_death(prepare: Callable[[], Any], work: Callable[[Any], object]) -> Iterator[tuple[int, Any]]:
    """(number, what was prepared) after each death, from the first step to the last; then once undisturbed."""
    number = 0
    while True:
        number += 1
        assert number < 400, "the work never comes to its end"
        prepared = prepare()
        died = dies_at(number, lambda subject=prepared: work(subject))
        yield number, prepared
        if not died:
            return
