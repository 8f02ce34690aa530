"""The command line killed at any moment, and two runs at once: the next run understands what it finds."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from imaging.cli.arguments import EXIT_CLEAN, EXIT_STOPPED
from imaging.engine import verify
from imaging.engine.sandbox.client import ROOT
from tests.imaging.cli.commands import listed, run
from tests.imaging.cli.killing import SCENARIOS
from tests.imaging.engine.pictures import encoded


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_killed_at_every_step(tmp_path: Path, scenario: str) -> None:
    command = [sys.executable, "-m", "tests.imaging.cli.killing", tmp_path, scenario]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["problems"] == []
    assert told["kills"] > 20
    assert told["files"] == ["a.jpg", "b.jpg", *["c.jpg"] * (scenario != "first"), "d.jpg"]


def test_killed_and_two_at_once(tmp_path: Path) -> None:
    """With the engine itself, in a process of its own."""
    (tmp_path / "in").mkdir()
    names = [f"{level}.png" for level in range(40)]
    for level, name in enumerate(names):
        (tmp_path / "in" / name).write_bytes(encoded(np.full((8, 8, 3), 6 * level, np.uint8), "PNG"))
    report = tmp_path / "out" / "report.jsonl"
    arguments = ["in", "--out", "out", "--no-text", "--jobs", "1", "--resume"]
    arguments = [str(tmp_path / one) if one in ("in", "out") else one for one in arguments]
    process = subprocess.Popen([sys.executable, "-m", "imaging", *arguments], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and not (report.exists() and report.read_bytes().count(b"\n")):
            time.sleep(0.002)
        process.send_signal(signal.SIGSTOP)  # else it may be done before the second one has begun
        status, said = run(*arguments)
        assert (status, "Another run" in said) == (EXIT_STOPPED, True)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL
    before = report.read_bytes().count(b"\n")
    assert 1 <= before < len(names)
    status, said = run(*arguments)
    assert status == EXIT_CLEAN
    assert "finished before" in said
    table = listed(report)
    assert sorted(Path(row["file"]).name for row in table) == sorted(names)
    assert {path.name for path in report.parent.glob("*.png")} == {Path(row["output"]).name for row in table}
    for path in report.parent.glob("*.png"):
        verify(path.read_bytes())
