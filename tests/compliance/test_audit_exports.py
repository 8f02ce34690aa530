"""Exports of the consent audit: asked for with a reason, whole, the same in every format, without names."""

import hashlib
import io
import json
import os
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Member
from audit import heads, keys
from audit.heads import head_is_signed
from audit.models import Event
from audit.strands import events_of
from audit.verify import verify
from compliance.audit import query, rows
from compliance.audit.query import Filter
from compliance.exports import FORMATS, ExportRequest, sheets, write_export
from compliance.exports.zip_stream import ZipStream
from compliance.models import ExportRecord
from consent.models import Capacity, Form, Relation, Use
from consults.models import Case
from tests import factories
from tests.compliance.auditing import EXPORT, FILES, NAME, PASSWORD, asked, opened, row_of, table, written
from tests.consent import making

pytestmark = pytest.mark.django_db

# --- Who, and after what


def test_an_export_asks_once_more_who_is_there(signed_in: Client, officer: Member) -> None:
    making.published()
    for method in (signed_in.get, lambda address: signed_in.post(address, asked())):
        response = method(EXPORT + "?state=active")
        assert response.status_code == 302
        assert (
            response["Location"] == f"{reverse('account_reauthenticate')}?next=/consent-audit/export/%3Fstate%3Dactive"
        )
    assert not ExportRecord.objects.exists()
    wrong = signed_in.post(response["Location"], {"password": "wrong"})
    assert wrong.status_code == 200
    assert signed_in.post(EXPORT, asked()).status_code == 302
    right = signed_in.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": EXPORT + "?state=active"})
    assert right["Location"] == EXPORT + "?state=active"
    assert signed_in.post(EXPORT, asked()).status_code == 200
    assert ExportRecord.objects.get().by == officer


def test_a_confirmation_grows_old(at_work: Client, settings: Any) -> None:
    assert at_work.get(EXPORT).status_code == 200
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert at_work.get(EXPORT).status_code == 302
    assert at_work.post(EXPORT, asked()).status_code == 302
    assert not ExportRecord.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"reason": ""},
        {"reason": "curiosity"},
        {"reference": "=cmd|'/c calc'!A1"},
        {"reference": "x" * 61},
        {"formats": []},
        {"formats": ["exe"]},
    ],
)
def test_without_these_nothing_leaves(at_work: Client, change: dict[str, Any]) -> None:
    making.published()
    assert at_work.post(EXPORT, asked(**change)).status_code == 422
    assert not Event.objects.filter(verb="consent_audit.exported").exists()
    assert not ExportRecord.objects.exists()


def test_a_filter_that_makes_no_sense_exports_nothing(at_work: Client) -> None:
    making.published()
    assert at_work.post(EXPORT + "?since=yesterday", asked()).status_code == 422
    assert not Event.objects.filter(verb="consent_audit.exported").exists()


def test_export_says_what_was_asked_for(at_work: Client) -> None:
    making.published()
    form_id = Form.objects.get(consents__isnull=False).pk
    html = at_work.get(EXPORT, {"state": "active", "form": form_id, "expiring": "30", "exceptions": "on"}).content
    wanted = ("Active", "rete-standard 3, English", "Only what needs a look", "within 30 days")
    assert [words for words in wanted if words not in html.decode()] == []


# --- What leaves


def test_a_zip_holds_every_file_and_a_manifest_that_fits(at_work: Client, officer: Member) -> None:
    made = making.published()
    response = at_work.post(EXPORT + "?state=active", asked())
    assert response["Content-Type"] == "application/zip"
    assert "attachment" in response["Content-Disposition"]
    archive = opened(response)
    assert archive.namelist() == FILES
    manifest = json.loads(archive.read("manifest.json"))
    for file in manifest["files"]:
        data = archive.read(file["name"])
        assert (file["sha256"], file["bytes"], file["rows"]) == (hashlib.sha256(data).hexdigest(), len(data), 1)
    assert manifest["exporter"] == {"member_id": str(officer.pk), "via": "page"}
    assert manifest["reason"] == {"code": "regulator", "reference": "REQ 7/2026"}
    assert manifest["filter"]["state"] == "active"
    assert [line["case_id"] for line in table(archive.read("consent_audit.csv"))] == [str(made.case.pk)]
    event = Event.objects.get(verb="consent_audit.exported")
    assert (event.actor_id, event.facts["reason"], event.facts["rows"]) == (officer.pk, "regulator", 1)
    assert event.facts["files"] == [f"{file['name']}:{file['sha256']}" for file in manifest["files"]]
    assert event.facts["reference_sha256"] == hashlib.sha256(b"REQ 7/2026").hexdigest()
    assert "REQ" not in json.dumps(event.facts)


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_alone_comes_with_its_manifest(at_work: Client, name: str) -> None:
    making.published()
    archive = opened(at_work.post(EXPORT, asked(formats=[name])))
    assert archive.namelist() == [FILES[FORMATS.index(name)], "manifest.json"]
    assert len(json.loads(archive.read("manifest.json"))["files"]) == 1


def test_the_log_vouches_for_an_export_after_the_key_was_replaced(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path  # keys of this test's own
    making.published()
    export = written(tmp_path)
    manifest = json.loads(export.paths[-1].read_text())
    head = manifest["log"]["head"]
    assert Event.objects.get(seq=head["seq"]).verb == "consent_audit.exported"
    assert head_is_signed(head, public_key_pem=manifest["log"]["public_key"])
    keys.rotate()
    assert heads.read_published(export.paths[-1]) == [head]
    assert verify(published=[head]).ok
    assert verify(published=[head | {"digest": "0" * 64}]).bad_id == head["seq"]


@pytest.mark.django_db(transaction=True)
def test_every_export_publishes_a_head(tmp_path: Path) -> None:
    export = written(tmp_path)
    assert [head["seq"] for head in heads.read_published()] == [Event.objects.get(subject_id=export.record.pk).seq]


def test_the_workbook_reads_back(tmp_path: Path) -> None:
    made = making.published(consent_fields={"expires_on": timezone.now().date() + timedelta(days=40)})
    written(tmp_path)
    book = load_workbook(tmp_path / "consent_audit.xlsx")
    assert book.sheetnames == ["Audit", "About"]
    sheet = book["Audit"]
    assert sheet.freeze_panes == "B2"
    names = [cell.value for cell in sheet[1]]
    assert names == list(rows.COLUMNS)
    line = dict(zip(names, (cell.value for cell in sheet[2]), strict=True))
    assert sheet.max_row == 2
    assert line["case_id"] == str(made.case.pk)
    assert (line["pictures"], line["covered"], line["group_id"]) == (1, "yes", None)
    assert line["signed_on"] == datetime.combine(made.consent.signed_on, datetime.min.time())
    assert line["first_visible_at"] == Event.objects.get(verb="case.released").at.replace(tzinfo=None, microsecond=0)
    dates = {cell.value: cell.is_date for cell in sheet[2] if isinstance(cell.value, date)}
    assert set(dates.values()) == {True}
    about = {key.value: value.value for key, value in book["About"].iter_rows()}
    assert about["Attestation"].startswith("1 visible posts, 1 covered")
    assert about["Log head: digest"] == events_of(0).exclude(verb="consent_audit.exported").order_by("-seq")[0].digest


def test_a_workbook_begins_a_new_sheet_before_excel_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_A_SHEET", 2)
    for _number in range(5):
        making.published()
    written(tmp_path)
    book = load_workbook(tmp_path / "consent_audit.xlsx")
    assert book.sheetnames == ["Audit", "Audit 2", "Audit 3", "About"]
    assert [book[name].max_row for name in book.sheetnames[:3]] == [3, 3, 2]


@pytest.mark.parametrize(
    ("cell", "escaped"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("plain", "plain"),
        ("a=1", "a=1"),
    ],
)
def test_no_cell_is_a_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str, escaped: str) -> None:
    row = row_of(making.published().case)
    row.state, row.uses = cell, [cell]
    monkeypatch.setattr("compliance.exports.writing.all_rows", lambda wanted: iter([row]))
    order = ExportRequest(
        wanted=Filter(), reason="internal_review", reference=cell, via="command", formats=("csv", "xlsx")
    )
    write_export(request=order, folder=tmp_path)
    line = table((tmp_path / "consent_audit.csv").read_bytes())[0]
    assert (line["state"], line["uses"]) == (escaped, escaped)
    book = load_workbook(tmp_path / "consent_audit.xlsx")
    cells = {name.value: value for name, value in zip(book["Audit"][1], book["Audit"][2], strict=True)}
    about = {key.value: value for key, value in book["About"].iter_rows()}
    for found in (cells["state"], cells["uses"], about["Reference"]):
        assert (found.value, found.data_type) == (escaped, "s")


def test_a_carriage_return_is_no_formula_either() -> None:
    assert sheets.escape_formula("\r=1") == "'\r=1"
    assert sheets.escape_formula("") == ""


def test_only_exceptions_are_exported_but_all_are_counted(tmp_path: Path) -> None:
    making.published()
    odd = making.published(consent_fields={"interpreter": True})
    call_command("consent_audit", out=tmp_path, exceptions=True, stdout=io.StringIO())
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert [line["case_id"] for line in table((tmp_path / "consent_audit.csv").read_bytes())] == [str(odd.case.pk)]
    assert (manifest["files"][0]["rows"], manifest["attestation"]["posts"]) == (1, 2)
    assert manifest["attestation"]["sentence"].startswith("2 visible posts, 2 covered")


def test_nothing_of_a_name_is_in_any_file(tmp_path: Path) -> None:
    author = factories.member(name=f"{NAME} Author", email="zebracanary@hospital.example")
    making.published(
        author,
        title=f"{NAME} title",
        note=f"{NAME} note",
        caption=f"{NAME} caption",
        comments=(f"{NAME} comment",),
        consent_fields={
            "capacity": Capacity.LACKS,
            "relation": Relation.REPRESENTATIVE,
            "authority": f"{NAME}, her sister",
            "uses": (Use.ALL_MEMBERS, Use.PUBLICATION),
            "publication": f"{NAME} atlas",
            "masking_method": f"{NAME} method",
            "form": making.form(code="other", title=f"{NAME} form"),
        },
    )
    written(tmp_path)
    assert (tmp_path / "consent_audit.csv").read_bytes().isascii()
    with zipfile.ZipFile(tmp_path / "consent_audit.xlsx") as book:
        parts = [book.read(name) for name in book.namelist()]
    texts = [*parts, *(path.read_bytes() for path in tmp_path.iterdir())]
    assert [text for text in texts if NAME.lower().encode() in text.lower()] == []


def test_an_export_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    making.published()

    def no_key() -> None:
        raise OSError("no key")

    monkeypatch.setattr("compliance.exports.manifest.sign_head", no_key)
    with pytest.raises(CommandError):
        call_command("consent_audit", out=tmp_path, stdout=io.StringIO())
    assert list(tmp_path.iterdir()) == []


def test_a_large_export_is_never_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are made piece by piece: when the first one is written, only one piece was looked up."""
    for _number in range(5):
        making.published()
    looked_up: list[int] = []
    written_after: list[int] = []
    real, add = rows.rows_of, sheets.CsvWriter.add

    def rows_of(cases: list[Case]) -> list[rows.Row]:
        looked_up.append(len(cases))
        return real(cases)

    def note(self: sheets.CsvWriter, row: rows.Row) -> None:
        written_after.append(sum(looked_up))
        add(self, row)

    monkeypatch.setattr(query, "CHUNK_ROWS", 2)
    monkeypatch.setattr(rows, "rows_of", rows_of)
    monkeypatch.setattr(sheets.CsvWriter, "add", note)
    written(tmp_path)
    assert written_after == [2, 2, 4, 4, 5]


def test_files_in_a_zip_are_whole_dated_now_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    contents = {"rows.csv": b"a,b\n" * 9_000, "rows.xlsx": b"x" * 9_000, "dossier.pdf": b"", "çizelge.json": b"{}"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    before = timezone.now()
    archive = zipfile.ZipFile(io.BytesIO(b"".join(ZipStream([tmp_path / name for name in contents]))))
    assert archive.testzip() is None
    assert {info.filename: archive.read(info) for info in archive.infolist()} == contents
    for info in archive.infolist():
        assert abs(datetime(*info.date_time, tzinfo=UTC) - before) < timedelta(minutes=1)
        assert info.external_attr >> 16 == 0o600
    kinds = {info.filename: info.compress_type for info in archive.infolist()}
    assert kinds["rows.csv"] == kinds["çizelge.json"] == zipfile.ZIP_DEFLATED
    assert kinds["rows.xlsx"] == kinds["dossier.pdf"] == zipfile.ZIP_STORED


def test_a_zip_leaves_piece_by_piece_and_closes_what_it_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    content = b"0123456789abcdef" + os.urandom(1024 * 1024)  # nothing to compress
    path.write_bytes(content)
    stream = ZipStream([path])
    path.unlink()
    pieces = list(stream)
    assert len(pieces) >= 16
    assert max(map(len, pieces)) <= 128 * 1024
    assert zipfile.ZipFile(io.BytesIO(b"".join(pieces))).read("large.bin") == content
    assert all(file.closed for file in stream._files)
    (tmp_path / "small").write_bytes(b"x")
    gone = ZipStream([tmp_path / "small"])
    next(iter(gone))
    gone.close()  # the visitor went away
    assert [file.closed for file in gone._files] == [True]
    with pytest.raises(OSError, match="nothing"):
        ZipStream([tmp_path / "small", tmp_path / "nothing"])
