"""One prepared data folder for a whole test run, because making the tables keeps a processor busy for half a minute.

The first process that asks makes it, the others of the run (workers of pytest-xdist) wait for it; each copies it.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.scratch import ROOT

SHARED = "RETE_TEST_SHARED"  # names the folder that the processes of a run share
FILES = {"default": "rete.sqlite3", "keys": "keys.sqlite3"}
_NOT_ITS_OWN = ("DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL")


def prepared() -> Path:
    """The data folder that `manage.py prepare` made."""
    shared = Path(os.environ[SHARED])
    made, begun = shared / "prepared", shared / "begun"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(begun, ignore_errors=True)
            plain = {name: value for name, value in os.environ.items() if name not in _NOT_ITS_OWN}
            command = [sys.executable, "manage.py", "prepare"]
            subprocess.run(command, cwd=ROOT, env=plain | {"RETE_DATA": str(begun)}, check=True, timeout=600)
            begun.rename(made)
    return made
