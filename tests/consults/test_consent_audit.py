"""The consent audit: whole, right, without names, for officers only, and safe to open in a spreadsheet."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from audit import triggers
from audit.models import Event
from audit.tasks import publish_head
from consent import triggers as form_triggers
from consent.models import Assent, Capacity, Consent, Form, Relation, Status, Use, WithdrawnBy
from consent.service import withdraw
from consults import gate
from consults.consent_audit import charts, query, rows, words
from consults.consent_audit.forms import FilterForm, as_query, in_words
from consults.consent_audit.query import Filter
from consults.models import Case, Group, Membership, Release
from imaging.models import Rendition
from tests import factories
from tests.consent import making

pytestmark = pytest.mark.django_db

PAGE = "/consent-audit/"
SUMMARY = "/consent-audit/summary/"
EXPORT = "/consent-audit/export/"
EXPORTS = "/consent-audit/exports/"
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
@pytest.mark.parametrize(
    ("method", "address"), [("get", PAGE), ("get", SUMMARY), ("get", EXPORTS), ("get", EXPORT), ("post", LOG)]
)
def test_for_officers_only(request, sign_in, person, status, method, address):
    client = sign_in(request.getfixturevalue(person))
    confirm_first = address == EXPORT and status == 200
    assert getattr(client, method)(address).status_code == (302 if confirm_first else status)


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
    form_triggers.drop(connection)  # as the database's owner could
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
        {"route": "sedated"},
        {"group": "7"},
        {"expiring": "31"},
        {"gate": "ajar"},
        {"text": "abc"},
        {"text": "' OR 1=1"},
        {"text": "a" * 63},
        {"form": "00000000-0000-4000-8000-000000000000"},
    ],
)
@pytest.mark.parametrize("address", [PAGE, SUMMARY, EXPORT])
def test_a_filter_that_makes_no_sense_is_explained(at_work, asked, address):
    response = at_work.get(address, asked)
    assert response.status_code == 422
    assert "has-errors" in response.content.decode()


@pytest.fixture
def four_posts(run_jobs):
    """A plain one; a child's in a group; one whose consent ends in 20 days; one hidden since its consent ran out."""
    group = Group.objects.create(name="Ward")
    Membership.objects.create(group=group, member=factories.person("alice"))
    child = {
        "capacity": Capacity.CHILD,
        "relation": Relation.GUARDIAN,
        "authority": "mother",
        "assent": Assent.AGREED,
        "uses": (Use.NAMED_GROUP,),
        "group": group.pk,
    }
    soon = {"expires_on": timezone.now().date() + timedelta(days=20)}
    posts = {
        "plain": making.published(),
        "child": making.published(consent_fields=child, group=group),
        "soon": making.published(consent_fields=soon),
        "over": making.published(),
    }
    Consent.objects.filter(pk=posts["over"].consent.pk).update(expires_on=timezone.now().date() - timedelta(days=1))
    return posts


ASKED: list[tuple[str, Callable[[dict[str, making.Published]], object], set[str]]] = [
    ("route", lambda posts: "child", {"child"}),
    ("route", lambda posts: "capable", {"plain", "soon", "over"}),
    ("group", lambda posts: posts["child"].case.group_id, {"child"}),
    ("expiring", lambda posts: 30, {"soon"}),
    ("expiring", lambda posts: 90, {"soon"}),
    ("gate", lambda posts: "visible", {"plain", "child", "soon"}),
    ("gate", lambda posts: "not_visible", {"over"}),
    ("text", lambda posts: str(posts["soon"].case.pk), {"soon"}),
    ("text", lambda posts: str(posts["soon"].case.pk)[:8].upper(), {"soon"}),
    ("text", lambda posts: str(posts["soon"].case.pk)[:16], {"soon"}),
    ("text", lambda posts: posts["plain"].consent.pk.hex, {"plain"}),
    ("text", lambda posts: posts["plain"].case.author_id, {"plain", "child", "soon", "over"}),
    ("text", lambda posts: posts["child"].case.group_id, {"child"}),
    ("text", lambda posts: posts["over"].case.releases.first().sha256, {"over"}),
    ("text", lambda posts: posts["over"].consent.form.sha256, {"plain", "child", "soon", "over"}),
    ("text", lambda posts: "0" * 64, set()),
]


@pytest.mark.parametrize(("name", "value", "expected"), ASKED)
def test_more_of_the_filter(at_work, four_posts, name, value, expected):
    response = at_work.get(PAGE, {name: str(value(four_posts))})
    found = {item["row"].case_id for item in response.context["rows"]}
    assert {name for name, made in four_posts.items() if made.case.pk in found} == expected


def test_a_filter_comes_back_from_its_facts_and_from_its_address(four_posts):
    form_id = four_posts["plain"].consent.form_id
    wanted = Filter(
        since=date(2026, 1, 1),
        until=date(2026, 12, 31),
        state="active",
        route="child",
        form=form_id,
        group=four_posts["child"].case.group_id,
        expiring=30,
        gate="visible",
        text="0123abcd",
        exceptions_only=True,
    )
    assert Filter.from_facts(json.loads(json.dumps(wanted.facts()))) == wanted
    assert Filter.from_facts({}) == Filter()
    form = FilterForm(as_query(wanted))
    assert form.is_valid()
    assert form.wanted() == wanted
    assert set(wanted.facts()) - {"exceptions_only"} | {"exceptions"} == set(form.fields)
    said = dict(in_words(wanted))
    assert said["How it was decided"] == "Child: a guardian decides, the child agrees"
    assert (said["Group"], said["Ends soon"], said["Gate today"]) == ("Ward", "within 30 days", "visible")
    assert in_words(Filter()) == []


@pytest.mark.parametrize("asked", [{"since": "0001-01-01", "until": "9999-12-31"}, {"form": "this"}])
def test_a_wide_filter_and_a_form(at_work, asked):
    made = making.published()
    other = making.published(consent_fields={"form": making.form(code="other", title="Other")})
    asked = {name: str(made.consent.form_id) if value == "this" else value for name, value in asked.items()}
    html = at_work.get(PAGE, asked).content.decode()
    assert (str(made.case.pk) in html, str(other.case.pk) in html) == (True, "form" not in asked)


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


@pytest.mark.parametrize(("seconds", "expected"), [(0.2, "1 s"), (3.4, "3 s"), (600, "10 min"), (3 * 3600, "3 h")])
def test_spans_are_said_in_plain_words(seconds, expected):
    assert charts.seconds_in_words(seconds) == expected


def test_latencies_are_counted_once_each():
    spans = charts._spans([0.0, 10.0, 10.1, 59, 300, 301, 900, 901, 5000])
    assert [share.count for share in spans] == [2, 2, 1, 2, 2]
    assert [share.label for share in spans] == ["up to 10 s", "up to 60 s", "up to 5 min", "up to 15 min", "longer"]
    assert {share.of for share in spans} == {9}


def test_an_education_model_needs_no_consent():
    case = making.submitted(education_model=True)
    case = gate.release(case=case, by=factories.person("mod1"))
    factories.person("bob")
    row = row_of(case)
    assert (row.basis, row.covered, row.visible, row.consent_id) == ("education_model", True, True, None)


def test_a_model_whose_patient_was_asked_is_not_covered():
    published = making.published()
    Case.objects.update(education_model=True)
    Consent.objects.update(status=Status.REFUSED)
    row = row_of(published.again().case)
    assert (row.covered, row.visible) == (False, False)


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


@pytest.mark.django_db(transaction=True)
def test_a_log_that_was_cut_off_or_a_forged_head_is_said_on_the_spot(at_work, settings):
    publish_head()
    assert "One head published earlier fits" in at_work.post(LOG).content.decode()
    seq = Event.objects.count()
    settings.LOG_HEADS_FILE.write_text(settings.LOG_HEADS_FILE.read_text().replace(f'"seq":{seq}', f'"seq":{seq + 7}'))
    assert "not everything in it is signed" in at_work.post(LOG).content.decode()
    settings.LOG_HEADS_FILE.unlink()
    making.published()
    publish_head()
    triggers.drop(connection)
    Event.objects.filter(seq=Event.objects.count()).delete()
    triggers.create(connection)
    assert "the log was cut off before event" in at_work.post(LOG).content.decode()


def test_empty_pages_name_the_next_step(at_work):
    assert "Nothing is published yet" in at_work.get(PAGE).content.decode()
    assert "No post matches" in at_work.get(PAGE, {"state": "withdrawn"}).content.decode()
