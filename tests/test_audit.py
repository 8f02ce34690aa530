"""The scan for advisories reads every lock of the house, and fails when one of them has a weakness."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.scratch import ROOT

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
ANSWERS = 'echo "$0 $*" >> called; case "$*" in *--json*) echo \'"critical": 1\';; esac\n'


def scan(folder: Path, *, pip_audit: str = "", npm: str = "", python: str = "exit 0") -> tuple[int, str]:
    """The exit status of the script in a copy of the house with tools of our own, and what was called."""
    (folder / "bin").mkdir()
    shutil.copy(ROOT / "bin" / "audit", folder / "bin")
    for path in (*ROOT.glob("requirements*.lock"), ROOT / "package-lock.json"):
        shutil.copy(path, folder)
    tools = {".venv/bin/python": python, ".venv/bin/npm": npm, ".venv-audit/bin/pip-audit": pip_audit}
    for name, words in tools.items():
        tool = folder / name
        tool.parent.mkdir(parents=True, exist_ok=True)
        tool.write_text(f"#!/bin/bash\n{ANSWERS.replace('called', str(folder / 'called'))}{words}\n")
        tool.chmod(0o755)
    with (folder / "requirements-audit.lock").open() as lock:
        stamp = subprocess.run(["cksum"], stdin=lock, capture_output=True, text=True, check=True).stdout.strip()
    (folder / ".venv-audit" / ".rete-lock").write_text(stamp)
    done = subprocess.run([folder / "bin" / "audit", "--required"], capture_output=True, text=True, timeout=60)
    return done.returncode, (folder / "called").read_text()


def test_every_lock_is_read(tmp_path: Path) -> None:
    status, called = scan(tmp_path)
    assert status == 0
    assert len(LOCKS) >= 5
    assert [lock for lock in LOCKS if f"-r {lock}\n" not in called] == []
    assert "npm audit --package-lock-only\n" in called


@pytest.mark.parametrize(
    ("tools", "locks_read"),
    [
        ({"pip_audit": '[[ "$*" != *requirements-dev.lock ]]'}, len(LOCKS)),
        ({"npm": '[[ "$*" == *--json* ]]'}, len(LOCKS)),
        ({"python": "exit 1"}, 0),
    ],
    ids=["a weakness in one lock", "a weakness in the front end", "no advisories from here"],
)
def test_one_is_enough_to_fail(tmp_path: Path, tools: dict[str, str], locks_read: int) -> None:
    status, called = scan(tmp_path, **tools)
    assert (status, called.count("pip-audit ")) == (1, locks_read)
