"""A job that says when it begins and waits until it may end, for tests that kill its worker."""

import os
import time
import uuid
from pathlib import Path

from core.jobs import handles

KIND = "tests.slow"


@handles(KIND)
def wait_for_permission(subject: uuid.UUID) -> None:
    folder = Path(os.environ["SLOW_JOB_FOLDER"])
    begun = len(list(folder.glob("begun-*")))
    (folder / f"begun-{begun + 1}").touch()
    while not (folder / "may-end").exists():
        time.sleep(0.02)
    (folder / f"ended-{begun + 1}").touch()
