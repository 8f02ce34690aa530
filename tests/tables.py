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
TEMPLATES = {"default": "rete_template", "keys": "keys_template"}  # nobody connects to them, so they can be copied
_NOT_ITS_OWN = ("DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL")


def prepared() -> Path:
    """The data folder that `manage.py prepare` made, with the tables in SQLite."""
    with _alone() as shared:
        made = shared / "prepared"
        if not made.exists():
            _prepare(made)
    return made


def prepared_cluster() -> Path:
    """The folder of a Postgres that is not running: `rete` and `keys` have their tables, and so do their templates."""
    from tests import services

    with _alone() as shared:
        made = shared / "cluster"
        if not made.exists():
            begun = shared / "cluster-begun"
            shutil.rmtree(begun, ignore_errors=True)
            begun.mkdir()
            shared.chmod(0o711)  # Postgres runs as somebody else
            with services.private_postgres(begun) as url:
                _prepare(shared / "prepared-on-postgres", **services.databases_of(url))
                server = url.rpartition("/")[0]
                for name, template in zip(("rete", "keys"), TEMPLATES.values(), strict=True):
                    services.copy_database(server, name, template)
            begun.rename(made)
    return made / "data"


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
