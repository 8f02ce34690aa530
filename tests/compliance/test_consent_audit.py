"""The rows of the consent audit: whole, right, without names, for officers only."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from audit.record import record
from compliance.audit import query, rows, words
from compliance.audit.query import Filter
from consent import lifecycle
from consent.forms import triggers as form_triggers
from consent.models import Consent, Form, Status, Until, Use, WithdrawnBy
from consent.withdrawal import withdraw, withdraw_picture
from consults.cases import gate
from consults.cases.gate import holding
from consults.models import Case, Group, Membership, Release
from imaging.models import Rendition
from tests import factories
from tests.compliance.auditing import EXPORT, EXPORTS, LOG, NAME, PAGE, SUMMARY, row_of
from tests.consent import making

pytestmark = pytest.mark.django_db

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
            "uses": (Use.ALL_MEMBERS, Use.PUBLICATION),
            "publication": "Atlas of itch",
            "expires_on": timezone.now().date() + timedelta(days=40),
            "until_event": Until.TREATMENT_ENDS,
        },
    )
    row = row_of(made.case)
    hashes = sorted(Rendition.objects.values_list("sha256", flat=True))
    assert (row.gate_today, row.covered, row.exceptions, row.blockers) == ("visible", True, [], [])
    assert (row.consent_id, row.form_sha256) == (made.consent.pk, made.consent.form.sha256)
    assert row.uses == ["all_members", "publication"]
    assert row.publication_sha256 == hashlib.sha256(b"Atlas of itch").hexdigest()
    assert (row.capacity, row.relation, row.until_event) == ("capable", "self", "treatment_ends")
    assert (row.picture_sha256, row.pictures, row.pipeline_version) == (hashes, 2, ["1"])
    assert (row.masks_dismissed, row.masks_drawn, row.masks_moved) == (2, 2, 2)
    assert row.reviewer_id == factories.person("mod1").pk
    assert row.first_visible_at == Event.objects.get(verb="case.released").at
    assert (row.hidden_at, row.destroyed_at, row.withdrawal_seconds) == (None, None, None)


def test_a_post_whose_clinician_has_left_is_no_exception(run_jobs):
    made = making.published()
    before = row_of(made.case)
    lifecycle.remove_with_clinician(consent_id=made.consent.pk, clinician=made.case.author)
    run_jobs()
    left = row_of(made.case)
    assert (left.gate_today, left.blockers, left.exceptions) == ("not_visible", ["clinician_left"], [])
    assert (left.state, left.consent_status, left.withdrawn_at) == ("withdrawn", "active", None)
    assert before.first_visible_at <= left.hidden_at <= left.destroyed_at
    withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT)
    assert row_of(made.case).blockers == ["withdrawn"]


def test_a_withdrawn_post_stays_as_a_row_without_content(run_jobs):
    named = {"uses": (Use.ALL_MEMBERS, Use.PUBLICATION), "publication": f"{NAME} journal"}
    made = making.published(caption=f"{NAME} caption", title=f"{NAME} title", consent_fields=named)
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
    assert (len(before.publication_sha256), after.publication_sha256) == (64, "")


def test_a_draft_withdrawn_before_it_was_published_is_there_too(run_jobs):
    given, _code = making.consent(factories.person("alice"))
    case = making.submitted(consent=given)
    assert not query.find_cases(Filter()).exists()
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
    "hidden by a moderator": lambda case: holding.hold(case=case, by=factories.person("mod2"), reason="conduct"),
    "released by its author": lambda case: Release.objects.update(approver=case.author),
    "signed later": lambda case: Consent.objects.update(signed_on=timezone.now().date() + timedelta(days=2)),
    "interpreter alone": lambda case: Consent.objects.update(interpreter=True),
    "read aloud alone": lambda case: Consent.objects.update(cannot_read=True),
    "spoken alone": lambda case: Consent.objects.update(signature="oral"),
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
        ("hidden by a moderator", False, True, ["hidden"], ["held"]),
        ("released by its author", True, True, ["approved_by_author"], []),
        ("signed later", True, True, ["signed_late"], []),
        ("interpreter alone", True, True, ["no_witness"], []),
        ("read aloud alone", True, True, ["no_witness"], []),
        ("spoken alone", True, True, ["no_witness"], []),
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


@pytest.mark.parametrize("destroyed", [False, True])
def test_a_picture_that_a_patient_took_back_is_no_exception(run_jobs, destroyed):
    made = making.published(pictures=3)
    second = made.case.pictures.all()[1].photo
    sealed = [f"{rendition.name}:{rendition.sha256}" for rendition in second.renditions.all()]
    record(verb="photo.sealed", actor=None, subject=("photo", second.pk), engine="1", pictures=sealed)
    withdraw_picture(consent_id=made.consent.pk, picture=second.pk, by=WithdrawnBy.PATIENT)
    if destroyed:
        run_jobs()
    row = row_of(made.case)
    assert (row.visible, row.covered, row.exceptions) == (True, True, [])
    Release.objects.filter(rendition__photo=made.case.pictures.first().photo).delete()
    assert row_of(made.case).exceptions == ["log_differs"]


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
    monkeypatch.setattr("consults.cases.gate.visible_cases", lambda member: Case.objects.none())
    assert not row_of(case).visible
    monkeypatch.setattr("consults.cases.gate.visible_cases", lambda member: Case.objects.all())
    Consent.objects.update(expires_on=date(2020, 1, 1))
    row = row_of(case)
    assert (row.visible, row.covered, row.exceptions) == (True, False, ["uncovered"])


def test_every_code_has_its_words():
    assert set(rows.COLUMNS) == set(rows.Row.__dataclass_fields__)
    assert set(words.EXCEPTIONS) >= words.GRAVE


def test_queries_do_not_grow_with_the_table():
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            rows.rows_of(query.fetch_page(Filter(), after=None, size=50))
        return len(seen)

    alice = factories.person("alice")
    making.published(alice)
    few = count()
    for _number in range(4):
        making.published(alice)
    assert count() == few


def test_pages_come_from_an_index_in_their_order():
    # A sort of all cases for each page would be right and slow: 0.8 s at 100,000.
    published = making.published().case
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    for after in (None, query.PageKey(published_at=timezone.now(), case_id=published.pk)):
        with CaptureQueriesContext(connection) as asked:
            assert query.fetch_page(Filter(), after=after, size=50)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL enable_seqscan = off")  # with one row it would be right
                cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(f"{explain} {asked[0]['sql']}")
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
        assert "consults_case_published" in plan
        assert "TEMP B-TREE" not in plan


def test_the_filter_offers_all_forms_and_the_groups_of_cases():
    assert not query.used_groups().exists()
    case = making.published().case
    Case.objects.filter(pk=case.pk).update(group=Group.objects.create(name="Hall"))
    Group.objects.create(name="Empty")
    assert case.consent.form in query.known_forms()
    assert not query.known_forms().filter(published_at=None).exists()
    assert [group.name for group in query.used_groups()] == ["Hall"]


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
