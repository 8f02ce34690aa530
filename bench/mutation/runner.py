"""Running tests without a guard: one collection, then a forked child for each guard.

A plugin of pytest. The parent collects and never opens a database; each child copies the template of the databases,
takes one guard away, and runs the chosen tests until the first goes red.
"""

import gc
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.mutation import removal
from bench.mutation.choosing import Reach, choose, is_tried
from bench.mutation.guards import Guard

SURVIVED = "SURVIVED"
PATIENCE_SECONDS = 300  # for one child, on a busy machine
REACH_SECONDS = 3600

Told = Callable[[Guard, str, float], None]


class Runner:
    """Plugin that takes the guards away in turn, in place of the ordinary run."""

    def __init__(
        self, guards: Sequence[Guard], *, together: dict[str, list[Guard]], known: dict[str, str], tell: Told, at: Path
    ) -> None:
        """Take what is removed along with a guard, the tests that went red before, and where the reach is kept."""
        self.guards, self.together, self.known, self.tell, self.at = guards, together, known, tell, at
        self.outcomes: dict[str, str] = {}
        self.red: list[str] = []
        self.looks_twice = True  # whether what went red is tried once more with every guard in its place
        self.to_reach: Sequence[Guard] = ()  # the guards to note the reach of, before anything else
        self.items: dict[str, pytest.Item] = {}
        self.pipe = -1

    # --- Hooks

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if is_tried(item)]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        self._make_databases()
        if self.to_reach:
            self._note_reach()
        reach = Reach.read(self.at)
        for guard in self.guards:
            began = time.monotonic()
            addresses = removal.addresses_of(guard)
            known = self.known.get(guard.name, "")
            tests = choose(guard, known=known, reach=reach, collected=self.items, addresses=addresses)
            found = self._try([guard, *self.together.get(guard.name, [])], tests)
            self.outcomes[guard.name] = found
            self.tell(guard, found, time.monotonic() - began)
        self.red = self._red_anyway() if self.looks_twice else []
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """In a child: the first test that goes red ends it."""
        if report.failed and report.when != "teardown" and self.pipe >= 0 and not self.to_reach:
            os.write(self.pipe, report.nodeid.encode())
            os._exit(0)

    # --- Children

    def _try(self, guards: list[Guard], tests: list[str]) -> str:
        if not tests:
            return f"{SURVIVED} (no test comes past it)"

        def work() -> None:
            for guard in guards:
                self._narrow_sweeps(guard)
                removal.take_away(guard)
            self._run(tests)

        found = self._child(work, PATIENCE_SECONDS)
        if found is None:
            return f"{SURVIVED} (out of time after {PATIENCE_SECONDS} s)"
        return found or SURVIVED

    @staticmethod
    def _narrow_sweeps(guard: Guard) -> None:
        """Let the sweeps over every address look at those of a view alone, when the guard is one of a view."""
        sweeps = sys.modules.get("tests.matrix.test_routes")
        names = removal.addresses_of(guard)
        if sweeps is not None and names:
            sweeps.ROWS = {name: rows for name, rows in sweeps.ROWS.items() if name in names}  # type: ignore[attr-defined]

    def _run(self, tests: Sequence[str], after: Callable[[str], None] = lambda test: None) -> None:
        items = [self.items[test] for test in tests]
        other = next(
            (item for item in self.items.values() if item is not items[-1]), None
        )  # so that what is for the session stays
        for item, following in zip(items, [*items[1:], other], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            after(item.nodeid)

    def _child(self, work: Callable[[], None], patience: float) -> str | None:
        """Run `work` in a child with databases of its own; return what it wrote, None when it takes too long."""
        reading, writing = os.pipe()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            self._in_child(work, writing)
        os.close(writing)
        try:
            return self._read(reading, patience)
        finally:
            os.close(reading)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _in_child(self, work: Callable[[], None], writing: int) -> None:
        self.pipe = writing
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            self._lend_databases()
            work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent has to hear of it
            os.write(writing, f"ERROR {type(error).__name__}: {error}"[:2000].encode())
        finally:
            os._exit(0)

    @staticmethod
    def _read(pipe: int, patience: float) -> str | None:
        ends, words = time.monotonic() + patience, b""
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0.0, ends - time.monotonic()))
            if not ready:
                return None
            piece = os.read(pipe, 1 << 16)
            if not piece:
                return words.decode()
            words += piece

    # --- Databases

    def _make_databases(self) -> None:
        """Take the tables that this run has prepared as the template of every child's."""
        from django.conf import settings

        from tests import tables

        for alias, database in settings.DATABASES.items():
            shutil.copy(tables.prepared() / tables.FILES[alias], f"{database['TEST']['NAME']}.template")

    @staticmethod
    def _files() -> list[str]:
        from django.conf import settings

        return [database["TEST"]["NAME"] for database in settings.DATABASES.values()]

    def _lend_databases(self) -> None:
        """Fresh copies for this child, which are taken as they are."""
        from django.conf import settings
        from django.db.backends.base.creation import BaseDatabaseCreation

        if not Path(f"{self._files()[0]}.template").is_file():
            return
        for path in self._files():
            for leftover in (f"{path}-wal", f"{path}-shm"):
                Path(leftover).unlink(missing_ok=True)
            shutil.copy(f"{path}.template", path)
        # A child that ended in the middle of a test has swept nothing.
        for folder in ("objects", "mail", "queue/messages"):
            for left in (Path(settings.DATA_DIR) / folder).glob("*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        Path(settings.LOG_HEADS_FILE).unlink(missing_ok=True)

        def take(creation: Any, *args: Any, **kwargs: Any) -> str:
            name: str = creation._get_test_db_name()
            connection = creation.connection
            connection.close()
            settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name
            if connection.alias == "default":
                with connection.cursor() as cursor:
                    for trigger in removal.DROPPED:
                        cursor.execute(f"DROP TRIGGER {trigger}")
            return name

        BaseDatabaseCreation.create_test_db = take  # type: ignore[method-assign]

    # --- Reach and red tests

    def _note_reach(self) -> None:
        """Run every test once, and keep which places of guards it came past."""

        def work() -> None:
            past: set[str] = set()
            reach = Reach()
            removal.note_calls(self.to_reach, past.add)
            began = [time.process_time()]

            def note(test: str) -> None:
                # Of CPU: what others do at the same time makes no test longer.
                reach.seconds[test] = round(time.process_time() - began[0], 3)
                reach.places[test] = sorted(past)
                past.clear()
                began[0] = time.process_time()

            self._run(list(self.items), after=note)
            reach.asked = sorted({guard.place for guard in self.to_reach})
            reach.write(self.at)

        said = self._child(work, REACH_SECONDS)
        self.to_reach = ()
        if said:
            raise RuntimeError(said)

    def _red_anyway(self) -> list[str]:
        """Return those of the tests that went red which are red with every guard in its place."""
        killers = sorted({found for found in self.outcomes.values() if found in self.items})
        red: list[str] = []
        while killers:
            found = self._child(partial(self._run, killers), REACH_SECONDS)
            if not found:
                break
            red.append(found)
            killers = [one for one in killers if one != found]
        return red
