"""The command that exports the consent audit."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance.audit import rows
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from tests.compliance.auditing import FILES, table
from tests.consent import making

pytestmark = pytest.mark.django_db


def test_the_command_writes_all_files(tmp_path: Path, run_jobs: Any) -> None:
    first, second, gone = making.published(), making.published(days_ago=30), making.published()
    withdraw(consent_id=gone.consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    out = tmp_path / "new" / "folder"
    said = io.StringIO()
    call_command("consent_audit", out=out, stdout=said)
    manifest = json.loads((out / "manifest.json").read_text())
    lines = table((out / "consent_audit.csv").read_bytes())
    assert {line["case_id"] for line in lines} == {str(made.case.pk) for made in (first, second, gone)}
    assert list(lines[0]) == list(rows.COLUMNS) == list(manifest["columns"])
    assert manifest["attestation"]["visible"] == manifest["attestation"]["covered"] == 2
    assert manifest["attestation"]["withdrawn"] == 1
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    assert manifest["exporter"] == {"member_id": None, "via": "command"}
    assert manifest["software"]["version"]
    assert "consent_audit.pdf: 3 rows, SHA-256" in said.getvalue()


def test_the_command_keeps_to_its_days_and_formats(tmp_path: Path) -> None:
    making.published(days_ago=30)
    made = making.published()
    today = timezone.now().date().isoformat()
    arguments = ("--from", today, "--to", today, "--format", "csv", "--format", "fhir")
    call_command("consent_audit", "--out", str(tmp_path), *arguments, stdout=io.StringIO())
    assert [line["case_id"] for line in table((tmp_path / "consent_audit.csv").read_bytes())] == [str(made.case.pk)]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "consent_audit.csv",
        "consent_audit.fhir.json",
        "manifest.json",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "yesterday"),
        ("--from", "2026-02-01", "--to", "2026-01-01"),
        ("--state", "nothing"),
        ("--reason", "curiosity"),
        ("--reference", "=1+1"),
        ("--format", "exe"),
        ("--route", "sedated"),
        ("--form", "7"),
        ("--group", "ward"),
        ("--expiring", "7"),
        ("--gate", "ajar"),
        ("--text", "abc"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("consent_audit", "--out", str(tmp_path / "x"), *arguments)
    assert not (tmp_path / "x").exists()


def test_the_command_says_when_the_folder_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="Choose another folder"):
        call_command("consent_audit", "--out", str(tmp_path / "file" / "inside"))
