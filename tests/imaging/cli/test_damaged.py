"""Damaged files on the command line: refused, or cleaned with a warning where that is asked for."""

from __future__ import annotations

import pytest

from imaging.engine.messages import ADVICE
from tests.imaging.cli.commands import rows, run
from tests.imaging.engine import damages


@pytest.mark.parametrize(
    ("flags", "status", "code", "warnings", "advice"),
    [
        ([], 1, "damaged", None, None),
        (["--accept-damaged"], 0, None, ["damaged", "small"], [ADVICE["damaged"], ADVICE["small"]]),
    ],
)
def test_a_damaged_picture_is_cleaned_only_on_request(tmp_path, flags, status, code, warnings, advice):
    (tmp_path / "cut.jpg").write_bytes(damages.cut(damages.photograph(), 0.5, b"\xff\xd9"))
    out = tmp_path / "out"
    assert run(tmp_path / "cut.jpg", "--out", out, "--no-text", *flags)[0] == status
    row = rows(out / "report.jsonl")["cut.jpg"]
    assert (row.get("code"), row.get("warnings"), row.get("advice")) == (code, warnings, advice)
