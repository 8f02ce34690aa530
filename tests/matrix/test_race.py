"""A few rounds of the race bench, on SQLite and on a real Postgres; `make race` does many more."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def race(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bench.race", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def check(printed: str, rounds: int) -> None:
    """As many rounds as asked for, no leak, no fault."""
    assert re.search(rf"^rounds {rounds}, leaks 0, deadlocks and other faults 0$", printed, re.MULTILINE)


def test_on_sqlite() -> None:
    check(race("--rounds", "24", "--sqlite"), 24)


@pytest.mark.parametrize("rounds", [60])
def test_on_postgres(postgres_url: str, rounds: int) -> None:
    check(race("--rounds", str(rounds), DATABASE_URL=postgres_url), rounds)
