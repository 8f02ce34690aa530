"""Outside an embedded site nothing starts without the mailbox to which suspended members write."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"RETE_SECRET_KEY": "x" * 64, "RETE_MASTER_KEY": base64.b64encode(b"k" * 32).decode()}


@pytest.mark.parametrize(
    ("environment", "starts"),
    [
        ({}, True),
        ({"RETE_EMBEDDED": "false"}, False),
        ({"RETE_EMBEDDED": "false", "RETE_APPEALS_ADDRESS": "the office"}, False),
        ({"RETE_EMBEDDED": "false", "RETE_APPEALS_ADDRESS": "appeals@rete.example"}, True),
        ({"RETE_EMBEDDED": "false", "RETE_DEBUG": "true"}, True),
    ],
)
def test_the_settings_name_a_mailbox(environment: dict[str, str], starts: bool, tmp_path: Path) -> None:
    known = {"PATH": os.environ["PATH"], "RETE_DATA": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=known | SECRETS | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode == 0) is starts, found.stderr
    assert ("RETE_APPEALS_ADDRESS is not set" in found.stderr) is not starts
