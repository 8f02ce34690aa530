"""Secrets made at the first start."""

import base64
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.crypto.secrets import EmptySecret, read_or_create

ROOT = Path(__file__).resolve().parents[2]


def test_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secrets" / "master_key"
    first = read_or_create(path)
    assert len(base64.b64decode(first, validate=True)) == 32
    assert read_or_create(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    code = (
        "from pathlib import Path; from core.crypto.secrets import read_or_create; "
        f"print(read_or_create(Path({str(path)!r})))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(8)
    ]
    answers = {process.communicate()[0].strip() for process in started}
    assert answers == {path.read_text().strip()}


def test_empty_file_is_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch()
    with pytest.raises(EmptySecret):
        read_or_create(path)
