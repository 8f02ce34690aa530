"""Exports of the consent audit: whole, the same in every format, without names, with a reason, and remembered."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import uuid
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from accounts.models import Member
from audit import heads, keys
from audit.heads import head_is_signed
from audit.models import Event
from audit.verify import verify
from consent.models import Capacity, Form, Relation, WithdrawnBy
from consent.service import withdraw
from consent.withdrawal import withdraw_picture
from consults import telling
from consults.consent_audit import query, rows
from consults.consent_audit.exports import FORMATS, Order, kept, sheets, write
from consults.consent_audit.exports.archive import ZipStream
from consults.consent_audit.models import ExportRecall, ExportRecord, holds, pack
from consults.consent_audit.query import Filter
from consults.models import Case
from consults.withdrawal import purge
from tests import factories
from tests.consent import making
from tests.services import missing

pytestmark = pytest.mark.django_db

EXPORT = "/consent-audit/export/"
EXPORTS = "/consent-audit/exports/"
PASSWORD = "a long enough passphrase"
NAME = "Zebracanary"
FILES = ["consent_audit.csv", "consent_audit.xlsx", "consent_audit.fhir.json", "consent_audit.pdf", "manifest.json"]


def row_of(case: Case) -> rows.Row:
    """The row of one case now."""
    return rows.rows_of(list(query.posts(Filter()).filter(pk=case.pk)))[0]


@pytest.fixture
def signed_in(officer: Member, sign_in: Any) -> Client:
    """The officer's browser, right after signing in."""
    officer.set_password(PASSWORD)
    officer.save()
    return sign_in(officer)


@pytest.fixture
def at_work(signed_in: Client) -> Client:
    """The officer's browser, after showing once more who sits there."""
    signed_in.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return signed_in


def asked(**fields: Any) -> dict[str, Any]:
    """An export's form, filled in."""
    return {"reason": "regulator", "reference": "REQ 7/2026", "formats": list(FORMATS)} | fields


def opened(response: Any) -> zipfile.ZipFile:
    """The ZIP of an answer, tested for broken members."""
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None
    return archive


def table(data: bytes) -> list[dict[str, str]]:
    """A CSV read back the way any program would."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def written(folder: Path, **fields: Any) -> Any:
    """An export by command."""
    order = Order(**({"wanted": Filter(), "reason": "internal_review", "via": "command"} | fields))
    return write(order=order, folder=folder)


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
    wanted = ("Active", "rete-standard 2, English", "Only what needs a look", "within 30 days")
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
    assert heads.published(export.paths[-1]) == [head]
    assert verify(published=[head]).ok
    assert verify(published=[head | {"digest": "0" * 64}]).bad_id == head["seq"]


@pytest.mark.django_db(transaction=True)
def test_every_export_publishes_a_head(tmp_path: Path) -> None:
    export = written(tmp_path)
    assert [head["seq"] for head in heads.published()] == [Event.objects.get(subject_id=export.record.pk).seq]


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
    assert about["Log head: digest"] == Event.objects.exclude(verb="consent_audit.exported").order_by("-seq")[0].digest


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
    monkeypatch.setattr("consults.consent_audit.exports.writing.all_rows", lambda wanted: iter([row]))
    order = Order(wanted=Filter(), reason="internal_review", reference=cell, via="command", formats=("csv", "xlsx"))
    write(order=order, folder=tmp_path)
    line = table((tmp_path / "consent_audit.csv").read_bytes())[0]
    assert (line["state"], line["uses"]) == (escaped, escaped)
    book = load_workbook(tmp_path / "consent_audit.xlsx")
    cells = {name.value: value for name, value in zip(book["Audit"][1], book["Audit"][2], strict=True)}
    about = {key.value: value for key, value in book["About"].iter_rows()}
    for found in (cells["state"], cells["uses"], about["Reference"]):
        assert (found.value, found.data_type) == (escaped, "s")


def test_a_carriage_return_is_no_formula_either() -> None:
    assert sheets.safe("\r=1") == "'\r=1"
    assert sheets.safe("") == ""


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

    monkeypatch.setattr("consults.consent_audit.exports.manifest.sign_head", no_key)
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

    monkeypatch.setattr(query, "PIECE_ROWS", 2)
    monkeypatch.setattr(rows, "rows_of", rows_of)
    monkeypatch.setattr(sheets.CsvWriter, "add", note)
    written(tmp_path)
    assert written_after == [2, 2, 4, 4, 5]


def test_a_zip_leaves_piece_by_piece_and_closes_what_it_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(b"0123456789abcdef" * 64 * 1024)  # 1 MB
    stream = ZipStream([path])
    path.unlink()
    pieces = list(stream)
    assert len(pieces) >= 16
    assert max(map(len, pieces)) <= 128 * 1024
    assert zipfile.ZipFile(io.BytesIO(b"".join(pieces))).read("large.bin").startswith(b"0123456789abcdef")
    (tmp_path / "small").write_bytes(b"x")
    gone = ZipStream([tmp_path / "small"])
    next(iter(gone))
    gone.close()  # the visitor went away
    assert [file.closed for *_rest, file in gone._files] == [True]
    with pytest.raises(OSError, match="nothing"):
        ZipStream([tmp_path / "small", tmp_path / "nothing"])


# --- The dossier


def pages(path: Path) -> list[str]:
    """The words of each page, as another program reads them."""
    if shutil.which("pdftotext") is None:
        missing("pdftotext (poppler-utils)")
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    return [" ".join(page.split()) for page in text.split("\f")[:-1]]


def test_the_dossier_says_what_it_attests_and_lists_the_exceptions(tmp_path: Path, officer: Member) -> None:
    posts = [making.published() for _number in range(2)]
    odd = making.published(consent_fields={"interpreter": True})
    head = Event.objects.order_by("-seq")[0]
    order = Order(wanted=Filter(state="active"), reason="regulator", reference="REQ 7/2026", by=officer)
    export = write(order=order, folder=tmp_path)
    cover, table_page, last = pages(tmp_path / "consent_audit.pdf")
    for words in (
        "3 visible posts, 3 covered, 1 exception listed.",
        "1 × An interpreter helped, but there was no witness",
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
    assert table_page.count("! An interpreter helped, but there was no witness") == 1
    for file in export.files[:-1]:
        assert f"{file.name} {file.bytes} bytes, 3 rows SHA-256 {file.sha256}" in last


def test_the_dossier_goes_on_over_pages_and_speaks_turkish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = row_of(making.published().case)
    row.form = "a-very-long-code-of-a-form-indeed-as-long-as-they-get-12-en"
    monkeypatch.setattr("consults.consent_audit.exports.writing.all_rows", lambda wanted: iter([row] * 50))
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


# --- What stays here of an export


def test_an_export_remembers_which_consents_it_held(tmp_path: Path) -> None:
    inside, outside = making.published(), making.published(days_ago=9)
    since = timezone.now().date() - timedelta(days=1)
    export = written(tmp_path, wanted=Filter(since=since), reason="internal_review", via="command", formats=("csv",))
    assert [one.pk for one in kept.exports_containing(inside.consent.pk)] == [export.record.pk]
    assert kept.exports_containing(outside.consent.pk) == []
    assert len(ExportRecord.objects.get().consents) == 16


@pytest.mark.parametrize("count", [0, 1, 2, 7, 100])
def test_packed_ids_are_found_and_others_not(count: int) -> None:
    ids = [uuid.uuid4() for _number in range(count)]
    packed = pack(one.bytes for one in ids)
    assert len(packed) == 16 * count
    assert all(holds(packed, one) for one in ids)
    assert all(holds(memoryview(packed), one) for one in ids)
    assert not any(holds(packed, one) for one in (uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.uuid4()))
    # Sixteen bytes that stand across two ids are no id.
    assert not any(holds(packed, uuid.UUID(bytes=packed[at : at + 16])) for at in range(8, 16 * (count - 1), 16))


def test_a_withdrawal_marks_the_exports_that_hold_it(
    at_work: Client, officer: Member, mailoutbox: list[EmailMessage]
) -> None:
    made, other = making.published(), making.published()
    opened(at_work.post(EXPORT + "?state=active", asked()))
    first = ExportRecord.objects.get()
    html = at_work.get(EXPORTS).content.decode()
    assert "Officer" in html
    assert "A supervisory authority" in html
    assert "REQ 7/2026" in html
    assert "no withdrawal since" in html

    withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT)
    assert not ExportRecall.objects.exists()  # hidden first; what has to be read through follows in the job
    purge(consent_id=made.consent.pk)
    assert kept.recall(consent_id=made.consent.pk) == [first]
    assert kept.recall(consent_id=made.consent.pk) == [first]  # safe to repeat
    recalled = Event.objects.filter(verb="consent_audit.recalled")
    assert [(line.subject_id, line.facts) for line in recalled] == [(first.pk, {"consent": str(made.consent.pk)})]
    (mark,) = ExportRecall.objects.all()
    for _twice in range(2):
        telling.tell_exporter(recall_id=mark.pk)
    (notice,) = [mail for mail in mailoutbox if mail.to == [officer.email]]
    assert EXPORTS in notice.body
    assert str(made.case.pk) not in notice.body
    page = at_work.get(EXPORTS)
    assert "one consent in it was withdrawn since" in page.content.decode()

    again = page.context["exports"][0]["again_href"]
    assert again == f"{EXPORT}?state=active&replaces={first.pk}"
    assert "takes the place of the export" in at_work.get(again).content.decode()
    fresh = table(opened(at_work.post(again, asked())).read("consent_audit.csv"))
    assert [line["case_id"] for line in fresh] == [str(other.case.pk)]
    second = ExportRecord.objects.exclude(pk=first.pk).get()
    assert (second.replaces, kept.exports_containing(made.consent.pk)) == (first, [first])
    assert "replaced by a later export" in at_work.get(EXPORTS).content.decode()


def test_one_withdrawal_is_one_mail_to_an_officer_however_many_exports(
    at_work: Client, officer: Member, mailoutbox: list[EmailMessage], run_jobs: Callable[[], int]
) -> None:
    made = making.published(pictures=2)
    for _time in range(3):
        opened(at_work.post(EXPORT, asked(formats=["csv"])))
    photo = made.case.pictures.first().photo_id
    ways: list[tuple[Callable[[], object], int]] = [
        (lambda: withdraw_picture(consent_id=made.consent.pk, picture=photo, by=WithdrawnBy.PATIENT), 3),
        (lambda: withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT), 4),
    ]
    for mails, (take, marked) in enumerate(ways, start=1):
        take()
        run_jobs()
        assert len([mail for mail in mailoutbox if mail.to == [officer.email]]) == mails
        assert ExportRecall.objects.filter(told_at__isnull=False).count() == ExportRecall.objects.count() == marked
        opened(at_work.post(EXPORT, asked(formats=["csv"])))  # of what is left: out of date by what comes next


def test_an_unfiltered_export_made_anew_marks_the_withdrawn(at_work: Client, run_jobs: Callable[[], int]) -> None:
    made = making.published()
    old = table(opened(at_work.post(EXPORT, asked(formats=["csv"]))).read("consent_audit.csv"))
    assert [(row["consent_status"], row["gate_today"]) for row in old] == [("active", "visible")]
    withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    again = at_work.get(EXPORTS).context["exports"][0]["again_href"]
    fresh = table(opened(at_work.post(again, asked(formats=["csv"]))).read("consent_audit.csv"))
    assert [row["consent_status"] for row in fresh] == ["withdrawn"]
    assert fresh[0]["withdrawn_at"]


def test_a_consent_in_no_export_marks_nothing() -> None:
    assert kept.recall(consent_id=making.nobody()) == []
    assert not ExportRecall.objects.exists()


@pytest.mark.parametrize("replaces", ["", "x", str(uuid.UUID(int=0))])
def test_an_export_that_replaces_nothing_known_is_just_an_export(at_work: Client, replaces: str) -> None:
    opened(at_work.post(f"{EXPORT}?replaces={replaces}", asked(formats=["csv"])))
    assert ExportRecord.objects.get().replaces is None


def test_the_list_of_exports_is_paged(at_work: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nothing was exported yet" in at_work.get(EXPORTS).content.decode()
    monkeypatch.setattr("consults.consent_audit.views.PAGE_ROWS", 1)
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        written(tmp_path / str(number))
    first = at_work.get(EXPORTS)
    assert "by command, on the server" in first.content.decode()
    assert 'href="?page=2"' in first.content.decode()
    second = at_work.get(EXPORTS, {"page": "2"})
    ids = [page.context["exports"][0]["record"].pk for page in (first, second)]
    assert set(ids) == set(ExportRecord.objects.values_list("pk", flat=True))


# --- The command


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
