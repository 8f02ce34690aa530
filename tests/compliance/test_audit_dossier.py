"""The dossier: what it attests, over pages, in both languages."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.utils import translation

from accounts.models import Member
from audit.strands import head_of
from compliance.audit.query import Filter
from compliance.exports import ExportRequest, dossier, write_export
from tests.compliance.auditing import row_of, written
from tests.consent import making
from tests.services import missing

pytestmark = pytest.mark.django_db


def pages(path: Path) -> list[str]:
    """The words of each page, as another program reads them."""
    if shutil.which("pdftotext") is None:
        missing("pdftotext (poppler-utils)")
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    return [" ".join(page.split()) for page in text.split("\f")[:-1]]


def test_the_dossier_says_what_it_attests_and_lists_the_exceptions(tmp_path: Path, officer: Member) -> None:
    posts = [making.published() for _number in range(2)]
    odd = making.published(consent_fields={"interpreter": True})
    head = head_of(0)
    order = ExportRequest(wanted=Filter(state="active"), reason="regulator", reference="REQ 7/2026", by=officer)
    export = write_export(request=order, folder=tmp_path)
    cover, table_page, last = pages(tmp_path / "consent_audit.pdf")
    for words in (
        "3 visible posts, 3 covered, 1 exception listed.",
        "1 × No witness, though there was an interpreter, a form read aloud or a spoken consent",
        "Of 3 posts, 0 of them withdrawn.",
        f"Exporter {officer.pk}",
        "Reason A supervisory authority or ethics committee",
        "Reference REQ 7/2026",
        "Filter Consent: Active",
        head.digest,
    ):
        assert words in cover
    for made in (*posts, odd):
        assert str(made.case.pk) in table_page
        assert str(made.consent.pk) in table_page
    assert table_page.count("! No witness, though there was an interpreter, a form read aloud or a spoken consent") == 1
    for file in export.files[:-1]:
        assert f"{file.name} {file.bytes} bytes, 3 rows SHA-256 {file.sha256}" in last


def test_the_dossier_goes_on_over_pages_and_speaks_turkish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = row_of(making.published().case)
    row.form = "a-very-long-code-of-a-form-indeed-as-long-as-they-get-12-en"
    monkeypatch.setattr("compliance.exports.writing.all_rows", lambda wanted: iter([row] * 50))
    with translation.override("tr"):
        written(tmp_path, formats=("pdf",))
    found = pages(tmp_path / "consent_audit.pdf")
    assert len(found) == 5
    assert found[0].startswith("Onam denetimi")
    assert [page.count(str(row.case_id)) for page in found] == [0, 22, 22, 6, 0]
    assert [page.rsplit(" ", 1)[1] for page in found] == ["1", "2", "3", "4", "5"]
    assert "a-very-long-code-of-a-form" in found[1]
    assert "…" in found[1]


def test_the_dossier_of_nothing_is_two_pages(tmp_path: Path) -> None:
    written(tmp_path, formats=("pdf",))
    cover, last = pages(tmp_path / "consent_audit.pdf")
    assert "0 visible posts, 0 covered, 0 exceptions listed." in cover
    assert "No other file was asked for." in last


def test_widths_of_cells_are_not_remembered_without_end() -> None:
    most = dossier._truncate.cache_info().maxsize
    for number in range(most + 10):
        dossier._truncate(f"{number}", "Helvetica", 8, 100)
    assert dossier._truncate.cache_info().currsize == most
