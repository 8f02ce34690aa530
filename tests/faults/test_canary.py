"""The canary bench in one world: nothing is found after a withdrawal, and yesterday's backup shows no picture."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_is_left_and_nothing_comes_back() -> None:
    command = [sys.executable, "-m", "bench.canary", "--world", "embedded"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert " 0 finds in " in done.stdout
    assert "of which 0 can be read (of a case that was not withdrawn: 3)" in done.stdout
