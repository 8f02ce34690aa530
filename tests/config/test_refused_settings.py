"""What the settings refuse to start with outside an embedded site."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"RETE_SECRET_KEY": "x" * 64, "RETE_MASTER_KEY": base64.b64encode(b"k" * 32).decode()}


OUTSIDE = {"RETE_EMBEDDED": "false", "RETE_APPEALS_ADDRESS": "appeals@rete.example"}


@pytest.mark.parametrize(
    ("environment", "refusal"),
    [
        ({}, ""),
        ({"RETE_DEBUG": "true"}, ""),
        (OUTSIDE, ""),
        (OUTSIDE | {"RETE_APPEALS_ADDRESS": ""}, "RETE_APPEALS_ADDRESS is not set"),
        (OUTSIDE | {"RETE_APPEALS_ADDRESS": "the office"}, "RETE_APPEALS_ADDRESS is not set"),
        (OUTSIDE | {"RETE_DEBUG": "true"}, "RETE_DEBUG shows data"),
        (OUTSIDE | {"RETE_SECRET_KEY": ""}, "RETE_SECRET_KEY is not set"),
        (OUTSIDE | {"RETE_MASTER_KEY": ""}, "RETE_MASTER_KEY is not set"),
    ],
)
def test_what_is_refused(environment: dict[str, str], refusal: str, tmp_path: Path) -> None:
    known = {"PATH": os.environ["PATH"], "RETE_DATA": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=known | SECRETS | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode == 0) is (refusal == ""), found.stderr
    assert refusal in found.stderr
