"""The consent audit: whole, right, without names, for officers only, and safe to open in a spreadsheet."""

import csv
import hashlib
import io
import json
import re
import uuid
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from audit.heads import head_is_signed
from audit.models import Event
from audit.verify import verify
from consent import limits, triggers
from consent.models import Capacity, Consent, Form, Relation, Use, WithdrawnBy
from consent.service import withdraw
from consults import gate
from consults.consent_audit import charts, exports, query, rows, words
from consults.consent_audit.query import Filter
from consults.models import Case, Group, Membership, Release
from imaging.models import Rendition
from tests import factories
from tests.consent import making

pytestmark = pytest.mark.django_db

PAGE = "/consent-audit/"
SUMMARY = "/consent-audit/summary/"
EXPORT = "/consent-audit/export/"
LOG = "/consent-audit/log/"
PASSWORD = "a long enough passphrase"
NAME = "Zebracanary"


def row_of(case: Case) -> rows.Row:
    """The row of one case now."""
    return rows.rows_of(list(query.posts(Filter()).filter(pk=case.pk)))[0]


@pytest.fixture
def at_work(officer, sign_in) -> Client:
    """The officer's browser."""
    officer.set_password(PASSWORD)
    officer.save()
    return sign_in(officer)


def table(body: bytes) -> list[dict[str, str]]:
    """A CSV read back the way any program would."""
    return list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline="")))


def body(response: Any) -> bytes:
    """A streamed answer in one piece."""
    return b"".join(response.streaming_content)


# --- Who


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("outsider", 302),
        ("applicant", 403),
        ("alice", 403),
        ("mod1", 403),
        ("student", 403),
        ("lapsed", 403),
        ("suspended", 403),
        ("officer", 200),
        ("admin", 200),
    ],
)
@pytest.mark.parametrize(("method", "address"), [("get", PAGE), ("get", SUMMARY), ("get", EXPORT), ("post", LOG)])
def test_for_officers_only(request, sign_in, person, status, method, address):
    client = sign_in(request.getfixturevalue(person))
    assert getattr(client, method)(address).status_code == status


# --- What a row says


def test_a_visible_post_with_everything_an_officer_needs():
    made = making.published(
        pictures=2,
        consent_fields={
            "uses": (Use.ALL_MEMBERS, Use.LECTURES),
            "expires_on": timezone.now().date() + timedelta(days=40),
        },
    )
    row = row_of(made.case)
    hashes = sorted(Rendition.objects.values_list("sha256", flat=True))
    assert (row.gate_today, row.covered, row.exceptions, row.blockers) == ("visible", True, [], [])
    assert (row.consent_id, row.form_sha256) == (made.consent.pk, made.consent.form.sha256)
    assert (row.uses, row.capacity, row.relation) == (["all_members", "lectures"], "capable", "self")
    assert (row.picture_sha256, row.pictures, row.pipeline_version) == (hashes, 2, ["1"])
    assert (row.masks_dismissed, row.masks_drawn, row.masks_moved) == (2, 2, 2)
    assert row.reviewer_id == factories.person("mod1").pk
    assert row.first_visible_at == Event.objects.get(verb="case.released").at
    assert (row.hidden_at, row.destroyed_at, row.withdrawal_seconds) == (None, None, None)


def test_a_withdrawn_post_stays_as_a_row_without_content(run_jobs):
    made = making.published(caption=f"{NAME} caption", title=f"{NAME} title")
    before = row_of(made.case)
    withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT)
    waiting = row_of(made.case)
    assert (waiting.gate_today, waiting.blockers, waiting.consent_status) == ("not_visible", ["withdrawn"], "withdrawn")
    assert waiting.hidden_at
    assert waiting.destroyed_at is None
    run_jobs()
    after = row_of(made.case)
    assert (after.state, after.exceptions, after.pictures) == ("withdrawn", [], 0)
    assert after.destroyed_at >= after.hidden_at
    assert after.withdrawal_seconds is not None
    assert after.picture_sha256 == before.picture_sha256
    assert after.reviewer_id == before.reviewer_id
    assert NAME not in str(after)


def test_a_draft_withdrawn_before_it_was_published_is_there_too(run_jobs):
    given, _code = making.consent(factories.person("alice"))
    case = making.submitted(consent=given)
    assert not query.posts(Filter()).exists()
    withdraw(consent_id=given.pk, by=WithdrawnBy.CLINICIAN)
    run_jobs()
    row = row_of(case)
    assert (row.state, row.first_visible_at, row.exceptions) == ("withdrawn", None, [])


def group_case(*, members: tuple[str, ...]) -> Case:
    """A case in a group of these people; its author is alice."""
    group = Group.objects.create(name="Ward")
    for name in (*members, "alice"):
        Membership.objects.create(group=group, member=factories.person(name))
    fields = {"uses": (Use.NAMED_GROUP,), "group": group.pk}
    return making.published(consent_fields=fields, group=group).case


def _author(case: Case, **fields: object) -> None:
    Member.objects.filter(pk=case.author_id).update(**fields)


def _rewrite_the_form() -> None:
    triggers.drop(connection)  # as the database's owner could
    Form.objects.update(text="Something else.")


CHANGES: dict[str, Callable[[Case], object]] = {
    "nothing": lambda case: None,
    "consent ran out": lambda case: Consent.objects.update(expires_on=date(2020, 1, 1)),
    "use taken away": lambda case: case.consent.uses.all().delete(),
    "author lapsed": lambda case: _author(case, verified_until=date(2020, 1, 1)),
    "author became an officer": lambda case: _author(case, is_privacy_officer=True),
    "words changed": lambda case: Case.objects.filter(pk=case.pk).update(content_sha256="0" * 64),
    "released by its author": lambda case: Release.objects.update(approver=case.author),
    "signed later": lambda case: Consent.objects.update(signed_on=timezone.now().date() + timedelta(days=2)),
    "interpreter alone": lambda case: Consent.objects.update(interpreter=True),
    "interpreter and witness": lambda case: Consent.objects.update(interpreter=True, witnessed=True),
    "form rewritten": lambda case: _rewrite_the_form(),
}


@pytest.mark.parametrize(
    ("change", "visible", "covered", "exceptions", "blockers"),
    [
        ("nothing", True, True, [], []),
        ("consent ran out", False, False, ["hidden"], ["consent_not_active"]),
        ("use taken away", False, False, ["hidden"], ["consent_audience"]),
        ("author lapsed", False, True, ["hidden"], ["author"]),
        ("author became an officer", True, True, [], []),
        ("words changed", False, True, ["hidden"], ["changed_since_release"]),
        ("released by its author", True, True, ["approved_by_author"], []),
        ("signed later", True, True, ["signed_late"], []),
        ("interpreter alone", True, True, ["no_witness"], []),
        ("interpreter and witness", True, True, [], []),
        ("form rewritten", True, True, ["form_changed"], []),
    ],
)
def test_the_gates_answer_and_what_needs_a_look(change, visible, covered, exceptions, blockers):
    factories.person("bob")
    case = making.published().case
    CHANGES[change](case)
    row = row_of(case)
    assert (row.visible, row.covered, row.exceptions, row.blockers) == (visible, covered, exceptions, blockers)


def test_changed_bytes_are_named():
    factories.person("bob")
    case = making.published().case
    Rendition.objects.update(sha256="0" * 64)
    assert "bytes_changed" in row_of(case).exceptions


def test_a_release_without_a_line_in_the_log_is_named():
    case = making.published().case
    Release.objects.update(sha256="1" * 64)
    assert {"log_differs", "bytes_changed"} <= set(row_of(case).exceptions)
    other = making.submitted(consent=making.consent(factories.person("alice"))[0])
    Case.objects.filter(pk=other.pk).update(state="released", released_at=timezone.now())
    assert "not_in_log" in row_of(other).exceptions


def test_a_purge_that_is_late_is_named():
    made = making.published()
    done = withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT)
    type(done).objects.update(requested_at=timezone.now() - timedelta(minutes=16))
    assert row_of(made.case).exceptions == ["destroyed_late"]


@pytest.mark.parametrize("members", [("bob",), ("nurse",), ()])
def test_a_post_in_a_group_is_asked_for_in_that_group(members):
    case = group_case(members=members)
    row = row_of(case)
    assert (row.visible, row.audience, row.group_id) == (True, "named_group", case.group_id)


def test_the_gate_is_asked_and_its_rule_not_repeated(monkeypatch):
    case = making.published().case
    monkeypatch.setattr("consults.gate.visible_cases", lambda member: Case.objects.none())
    assert not row_of(case).visible
    monkeypatch.setattr("consults.gate.visible_cases", lambda member: Case.objects.all())
    Consent.objects.update(expires_on=date(2020, 1, 1))
    row = row_of(case)
    assert (row.visible, row.covered, row.exceptions) == (True, False, ["uncovered"])


def test_every_code_has_its_words():
    assert set(rows.COLUMNS) == set(rows.Row.__dataclass_fields__)
    assert set(words.EXCEPTIONS) >= words.GRAVE


def test_queries_do_not_grow_with_the_table():
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            rows.rows_of(query.page(Filter(), after=None, size=50))
        return len(seen)

    alice = factories.person("alice")
    making.published(alice)
    few = count()
    for _number in range(4):
        making.published(alice)
    assert count() == few


# --- Pages


def test_the_page_shows_the_table_and_no_names_or_words(at_work):
    author = factories.member(name=f"{NAME} Author", email="zebracanary@hospital.example")
    made = making.published(author, title=f"{NAME} title", note=f"{NAME} note", caption=f"{NAME} caption")
    html = at_work.get(PAGE).content.decode()
    assert str(made.case.pk) in html
    assert made.consent.form.sha256 in html
    assert NAME.lower() not in html.lower()
    assert "<img" not in html.partition("<main")[2]
    assert not re.search(r"\sstyle=|\son[a-z]+=", html.partition("<main")[2].partition("</main>")[0])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"new", "old", "withdrawn"}),
        ({"since": "-2"}, {"new", "withdrawn"}),
        ({"until": "-2"}, {"old"}),
        ({"state": "withdrawn"}, {"withdrawn"}),
        ({"state": "active"}, {"new"}),
        ({"state": "expired"}, {"old"}),
        ({"state": "education_model"}, set()),
        ({"exceptions": "on"}, {"old"}),
        ({"state": "active", "exceptions": "on"}, set()),
    ],
)
def test_the_filter(at_work, run_jobs, asked, expected):
    posts = {"new": making.published(), "old": making.published(days_ago=9), "withdrawn": making.published()}
    Consent.objects.filter(pk=posts["old"].consent.pk).update(expires_on=timezone.now().date() - timedelta(days=1))
    withdraw(consent_id=posts["withdrawn"].consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    today = timezone.now().date()
    asked = {
        name: str(today + timedelta(days=int(value))) if name in ("since", "until") else value
        for name, value in asked.items()
    }
    html = at_work.get(PAGE, asked).content.decode()
    assert {name for name, made in posts.items() if str(made.case.pk) in html} == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "yesterday"},
        {"since": "2026-02-01", "until": "2026-01-01"},
        {"state": "nothing"},
        {"since": "0000-00-00"},
        {"form": "7"},
        {"form": "00000000-0000-4000-8000-000000000000"},
    ],
)
@pytest.mark.parametrize("address", [PAGE, SUMMARY, EXPORT])
def test_a_filter_that_makes_no_sense_is_explained(at_work, asked, address):
    response = at_work.get(address, asked)
    assert response.status_code == 422
    assert "has-errors" in response.content.decode()


def test_a_filter_that_makes_no_sense_exports_nothing(at_work):
    making.published()
    assert at_work.post(EXPORT + "?since=yesterday", order()).status_code == 422
    assert not Event.objects.filter(verb="consent_audit.exported").exists()


@pytest.mark.parametrize("asked", [{"since": "0001-01-01", "until": "9999-12-31"}, {"form": "this"}])
def test_a_wide_filter_and_a_form(at_work, asked):
    made = making.published()
    other = making.published(consent_fields={"form": making.form(code="other", title="Other")})
    asked = {name: str(made.consent.form_id) if value == "this" else value for name, value in asked.items()}
    html = at_work.get(PAGE, asked).content.decode()
    assert (str(made.case.pk) in html, str(other.case.pk) in html) == (True, "form" not in asked)
    # What was asked for is said again before it is exported.
    assert "Published from" in at_work.get(EXPORT, asked).content.decode() or "form" in asked


def test_export_says_what_was_asked_for(at_work):
    making.published()
    form_id = Form.objects.get(consents__isnull=False).pk
    html = at_work.get(EXPORT, {"state": "active", "form": form_id, "exceptions": "on"}).content.decode()
    assert all(words in html for words in ("Active", "rete-standard 2, English", "Only what needs a look"))


def test_a_summary_of_too_much_says_so(at_work, monkeypatch):
    monkeypatch.setattr("consults.consent_audit.views.MOST_ATTESTED", 0)
    making.published()
    assert "Choose a shorter period" in at_work.get(SUMMARY).content.decode()


def test_a_long_search_for_exceptions_is_cut_and_goes_on(at_work, monkeypatch):
    monkeypatch.setattr("consults.consent_audit.views.MOST_SCANNED", 1)
    making.published()
    response = at_work.get(PAGE, {"exceptions": "on"})
    assert "Nothing needs a look among the posts of this page" in response.content.decode()
    assert response.context["next_href"]


def test_only_exceptions_are_exported_but_all_are_counted(tmp_path):
    making.published()
    odd = making.published(consent_fields={"interpreter": True})
    call_command("consent_audit", out=tmp_path, exceptions=True, stdout=io.StringIO())
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert [line["case_id"] for line in table((tmp_path / "consent_audit.csv").read_bytes())] == [str(odd.case.pk)]
    assert (manifest["files"][0]["rows"], manifest["attestation"]["posts"]) == (1, 2)


def test_an_export_that_fails_leaves_nothing(tmp_path, monkeypatch):
    making.published()
    monkeypatch.setattr("consults.consent_audit.exports.sign_head", lambda: (_ for _ in ()).throw(OSError("no key")))
    with pytest.raises(CommandError):
        call_command("consent_audit", out=tmp_path, stdout=io.StringIO())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("seconds", "expected"), [(0.2, "1 s"), (3.4, "3 s"), (600, "10 min"), (3 * 3600, "3 h")])
def test_spans_are_said_in_plain_words(seconds, expected):
    assert charts.seconds_in_words(seconds) == expected


def test_an_education_model_needs_no_consent():
    case = making.submitted(education_model=True)
    case = gate.release(case=case, by=factories.person("mod1"))
    factories.person("bob")
    row = row_of(case)
    assert (row.basis, row.covered, row.visible, row.consent_id) == ("education_model", True, True, None)


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "~",
        "2026-01-01~x",
        f"0001-01-01T00:00:00+14:00~{uuid.UUID(int=0)}",
        "2026-01-01T00:00:00~" + "0" * 32,
        "\x00",
    ],
)
def test_a_broken_place_is_the_first_page(at_work, after):
    made = making.published()
    assert str(made.case.pk) in at_work.get(PAGE, {"after": after}).content.decode()


@pytest.mark.parametrize("asked", [{}, {"exceptions": "on"}])
def test_paging_shows_every_post_once(at_work, monkeypatch, asked):
    monkeypatch.setattr("consults.consent_audit.views.PAGE_ROWS", 2)
    posts = [making.published(consent_fields={"interpreter": True}) for _number in range(5)]
    Case.objects.update(released_at=timezone.now())  # the same moment: the id decides
    seen: list[str] = []
    response = at_work.get(PAGE, asked)
    for _page in range(5):
        seen += [str(item["row"].case_id) for item in response.context["rows"]]
        if not response.context["next_href"]:
            break
        response = at_work.get(PAGE + response.context["next_href"])
    assert sorted(seen) == sorted(str(made.case.pk) for made in posts)


def test_the_attestation(at_work, run_jobs):
    factories.person("bob")
    making.published()
    uncovered, gone = making.published(), making.published()
    Consent.objects.filter(pk=uncovered.consent.pk).update(expires_on=timezone.now().date() - timedelta(days=1))
    withdraw(consent_id=gone.consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    html = " ".join(at_work.get(SUMMARY).content.decode().split())
    assert "One visible post, 1 covered." in html
    assert "1 × Published, but hidden from members today" in html
    assert "Of 3 posts, 1 of them withdrawn." in html


def test_the_log_is_checked_on_the_spot(at_work):
    making.published()
    html = at_work.post(LOG).content.decode()
    assert "Whole and unchanged" in html
    assert Event.objects.order_by("-seq").first().digest in html


def test_empty_pages_name_the_next_step(at_work):
    assert "Nothing is published yet" in at_work.get(PAGE).content.decode()
    assert "No post matches" in at_work.get(PAGE, {"state": "withdrawn"}).content.decode()


# --- Exports


def order(**fields: str) -> dict[str, str]:
    """An export's form, filled in."""
    return {"reason": "regulator", "reference": "REQ 7/2026", "password": PASSWORD, "as": "csv"} | fields


def test_a_csv_needs_the_password_and_a_reason_and_leaves_a_line_in_the_log(at_work, officer):
    made = making.published()
    response = at_work.post(EXPORT, order())
    data = body(response)
    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]
    assert [line["case_id"] for line in table(data)] == [str(made.case.pk)]
    event = Event.objects.get(verb="consent_audit.exported")
    assert (event.actor_id, event.facts["reason"], event.facts["rows"]) == (officer.pk, "regulator", 1)
    assert event.facts["sha256"] == hashlib.sha256(data).hexdigest()
    assert event.facts["reference_sha256"] == hashlib.sha256(b"REQ 7/2026").hexdigest()
    assert "REQ" not in json.dumps(event.facts)


@pytest.mark.parametrize(
    "change",
    [
        {"password": "wrong"},
        {"password": ""},
        {"reason": ""},
        {"reason": "curiosity"},
        {"reference": "=cmd|'/c calc'!A1"},
        {"reference": "x" * 61},
    ],
)
def test_without_these_nothing_leaves(at_work, change):
    making.published()
    response = at_work.post(EXPORT, order(**change))
    assert response.status_code == 422
    assert not Event.objects.filter(verb="consent_audit.exported").exists()


def test_passwords_cannot_be_tried_for_long(at_work):
    for _try in range(limits.WRONG_PASSWORDS.most):
        at_work.post(EXPORT, order(password="wrong"))
    response = at_work.post(EXPORT, order())
    assert (response.status_code, "Too many wrong passwords" in response.content.decode()) == (422, True)


def test_a_zip_holds_the_csv_and_a_manifest_that_fits(at_work, officer):
    making.published()
    response = at_work.post(EXPORT + "?state=active", order(**{"as": "zip"}))
    archive = zipfile.ZipFile(io.BytesIO(body(response)))
    data, manifest = archive.read("consent_audit.csv"), json.loads(archive.read("manifest.json"))
    assert manifest["files"][0]["sha256"] == hashlib.sha256(data).hexdigest()
    assert manifest["exporter"] == {"member_id": str(officer.pk), "via": "page"}
    assert manifest["reason"] == {"code": "regulator", "reference": "REQ 7/2026"}
    assert manifest["filter"]["state"] == "active"


def test_the_command_writes_a_csv_and_a_manifest(tmp_path, run_jobs):
    first, second, gone = making.published(), making.published(days_ago=30), making.published()
    withdraw(consent_id=gone.consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    out = tmp_path / "new" / "folder"
    call_command("consent_audit", out=out, stdout=io.StringIO())
    data = (out / "consent_audit.csv").read_bytes()
    manifest = json.loads((out / "manifest.json").read_text())
    lines = table(data)
    assert {line["case_id"] for line in lines} == {str(made.case.pk) for made in (first, second, gone)}
    assert list(lines[0]) == list(rows.COLUMNS) == list(manifest["columns"])
    assert manifest["files"] == [
        {
            "name": "consent_audit.csv",
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "rows": 3,
        }
    ]
    assert manifest["attestation"]["visible"] == manifest["attestation"]["covered"] == 2
    assert manifest["attestation"]["withdrawn"] == 1
    head = manifest["log"]["head"]
    assert head_is_signed(head, public_key_pem=manifest["log"]["public_key"])
    assert verify(seq=head["seq"], digest=head["digest"]).ok
    assert Event.objects.get(seq=head["seq"]).verb == "consent_audit.exported"
    assert sorted(path.name for path in out.iterdir()) == ["consent_audit.csv", "manifest.json"]
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    assert manifest["exporter"] == {"member_id": None, "via": "command"}
    assert manifest["software"]["version"]


def test_the_command_keeps_to_its_days(tmp_path):
    making.published(days_ago=30)
    made = making.published()
    today = timezone.now().date().isoformat()
    call_command("consent_audit", "--out", str(tmp_path), "--from", today, "--to", today, stdout=io.StringIO())
    assert [line["case_id"] for line in table((tmp_path / "consent_audit.csv").read_bytes())] == [str(made.case.pk)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "yesterday"),
        ("--from", "2026-02-01", "--to", "2026-01-01"),
        ("--state", "nothing"),
        ("--reason", "curiosity"),
        ("--reference", "=1+1"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(tmp_path, arguments):
    with pytest.raises(CommandError):
        call_command("consent_audit", "--out", str(tmp_path / "x"), *arguments)
    assert not (tmp_path / "x").exists()


def test_the_command_says_when_the_folder_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="Choose another folder"):
        call_command("consent_audit", "--out", str(tmp_path / "file" / "inside"))


@pytest.mark.parametrize(
    ("cell", "escaped"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("plain", "plain"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(cell, escaped):
    assert exports.safe(cell) == escaped
    made = making.published()
    row = row_of(made.case)
    row.form = cell
    row.uses = [cell]
    line = table(b"".join(exports.csv_lines([row])))[0]
    assert (line["form"], line["uses"]) == (escaped, escaped)


def test_a_csv_is_ascii_and_holds_no_name(tmp_path: Path):
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
    call_command("consent_audit", out=tmp_path, stdout=io.StringIO())
    for path in tmp_path.iterdir():
        assert path.read_bytes().isascii()
        assert NAME.lower() not in path.read_text().lower()


def test_a_large_export_is_never_held_in_memory(monkeypatch):
    """Rows are made piece by piece: when the first line leaves, only one piece was looked up."""
    for _number in range(5):
        making.published()
    looked_up: list[int] = []
    real = query.page

    def page(wanted: Filter, *, after: Any, size: int) -> list[Case]:
        found = real(wanted, after=after, size=2)
        looked_up.append(len(found))
        return found

    monkeypatch.setattr(query, "page", page)
    lines = exports.csv_lines(rows.all_rows(Filter()))
    next(lines)
    next(lines)
    assert looked_up == [2]
    assert len(list(lines)) == 4
