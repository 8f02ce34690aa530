"""The gate's table, its releases and its race once more on a real Postgres, in a pytest of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WHAT = "race or combination or database or locks or at_once"


def test_gate_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    keys = postgres_url.rsplit("/", 1)[0] + "/keys"
    environment = os.environ | {"DATABASE_URL": postgres_url, "KEYS_DATABASE_URL": keys, "RETE_DATA": str(tmp_path)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        WHAT,
        "tests/consults/test_gate.py",
        "tests/consults/test_release.py",
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
