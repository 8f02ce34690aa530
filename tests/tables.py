"""The tables of a whole test run, made once: making them keeps a processor busy for half a minute.

The first process that asks makes them, the others of the run (workers of pytest-xdist) wait for it; each copies them.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.scratch import ROOT

SHARED = "RETE_TEST_SHARED"  # names the folder that the processes of a run share
FILES = {"default": "rete.sqlite3", "keys": "keys.sqlite3"}
ON_POSTGRES = {"default": "prepared_rete", "keys": "prepared_keys"}
_NOT_ITS_OWN = ("DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL")


def prepared() -> Path:
    """The data folder that `manage.py prepare` made, with the tables in SQLite."""
    with _alone() as shared:
        made = shared / "prepared"
        if not made.exists():
            _prepare(made)
    return made


def prepared_on_postgres(server: str) -> dict[str, str]:
    """Names of databases that `manage.py prepare` made on this server (postgres://…, without a database), by alias."""
    from tests.services import make_databases

    with _alone() as shared:
        made = shared / "prepared-on-postgres"
        if not made.exists():
            make_databases(f"{server}/postgres", tuple(ON_POSTGRES.values()))
            main, keys = (f"{server}/{ON_POSTGRES[alias]}" for alias in ("default", "keys"))
            _prepare(made, DATABASE_URL=main, KEYS_DATABASE_URL=keys)
    return ON_POSTGRES


@contextmanager
def _alone() -> Iterator[Path]:
    """Hold what is shared against the other processes of the run; gives its folder."""
    shared = Path(os.environ[SHARED])
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield shared


def _prepare(made: Path, **databases: str) -> None:
    begun = made.with_name("begun")
    shutil.rmtree(begun, ignore_errors=True)
    plain = {name: value for name, value in os.environ.items() if name not in _NOT_ITS_OWN}
    command = [sys.executable, "manage.py", "prepare"]
    environment = plain | databases | {"RETE_DATA": str(begun)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=600)
    begun.rename(made)
