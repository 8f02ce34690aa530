"""The same tests of forms and of recording on a real Postgres, in a pytest of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUITES = ["tests/consent/test_forms.py", "tests/consent/test_recording.py"]


def test_suites_pass_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    keys = postgres_url.rsplit("/", 1)[0] + "/keys"
    where = dict(os.environ) | {"DATABASE_URL": postgres_url, "KEYS_DATABASE_URL": keys, "RETE_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITES]
    done = subprocess.run(command, cwd=ROOT, env=where, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-5000:]
