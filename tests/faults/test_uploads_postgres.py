"""Uploads once more on a real Postgres, in a pytest of their own: twenty at once, pieces, limits."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WHAT = "twenty or goes_on or out_of_step or called_off or discarded or database or many"


def test_uploads_on_postgres(postgres_url: str) -> None:
    keys = postgres_url.rsplit("/", 1)[0] + "/keys"
    environment = os.environ | {"DATABASE_URL": postgres_url, "KEYS_DATABASE_URL": keys}
    # Else the settings would load before conftest.py has chosen the data folder that it empties.
    del environment["DJANGO_SETTINGS_MODULE"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", WHAT]
    command += ["tests/faults/test_uploads.py", "tests/faults/test_uploads_in_pieces.py"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
