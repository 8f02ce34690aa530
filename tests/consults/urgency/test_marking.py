"""Marks of urgency: who, how often, how long; on the page and in the list; and gone with the open case."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases.authoring import drafts
from consults.cases.gate import listing
from consults.discussion.closing import close
from consults.exceptions import ChangeRefused
from consults.models import Case, Listing, Outcome, UrgencyMark
from consults.urgency import marking, policy
from tests import factories
from tests.consults import reading
from tests.consults.refusing import refused
from vocabulary import terms

SignIn = Callable[[object], Client]
TODAY, WEEK = terms.Urgency
PROCEDURE, OTHER = terms.UrgencyReason.PROCEDURE, terms.UrgencyReason.OTHER


def at(name: str, case: Case) -> str:
    return reverse(f"consults:{name}", args=[case.pk])


def mark(case: Case, level: terms.Urgency = TODAY, **fields: Any) -> UrgencyMark:
    return marking.mark(**({"case": case, "by": case.author, "level": level, "reason": PROCEDURE} | fields))


def said(case: Case) -> tuple[str, bool, str, bool]:
    """What the case and its listing say."""
    case.refresh_from_db()
    row = Listing.objects.get(case=case)
    return case.urgency, case.urgent_until is not None, row.urgency, row.urgent_until is not None


@pytest.fixture
def case(db: None) -> Case:
    """An open case of alice's."""
    return reading.case()


# --- Who

MARKS: list[tuple[str, str, bool]] = [
    ("alice", "released", True),
    ("bob", "released", False),
    ("mod1", "released", False),
    ("officer", "released", False),
    ("alice", "closed", False),
    ("alice", "draft", False),
    ("alice", "submitted", False),
    ("alice", "returned", False),
    ("alice", "withdrawn", False),
]


@pytest.mark.parametrize(("who", "state", "may"), MARKS)
@pytest.mark.django_db
def test_who_marks_what(who: str, state: str, may: bool) -> None:
    case = reading.case(state=state)
    member = factories.person(who)
    assert policy.to_mark(member).filter(pk=case.pk).exists() is may
    if not may and who != "officer":  # no page of a case lets an officer as far as the service
        with pytest.raises(ChangeRefused):
            mark(case, by=member)
        assert not UrgencyMark.objects.exists()


def test_a_mark_stands_in_the_list_and_on_the_page(case: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(case.author)
    posted = {"level": "today", "reason": "procedure", "words": "Surgery tomorrow morning."}
    assert client.post(at("urgency", case), posted).status_code == 302
    assert said(case) == ("today", True, "today", True)
    assert listing.refresh(cases=[case.pk]) == 0
    reader = sign_in(bob)
    assert "Answer today" in reader.get(reverse("consults:cases")).content.decode()
    page = reader.get(at("case", case)).content.decode()
    for words in ("Answer today", "A procedure is planned", "Surgery tomorrow morning.", "no emergency service"):
        assert words in page
    assert "not urgent any more" not in page


@pytest.mark.parametrize(
    ("posted", "complaint"),
    [
        ({}, "required"),
        ({"level": "now", "reason": "procedure"}, "valid choice"),
        ({"level": "today", "reason": "other"}, "Say why it cannot wait."),
        ({"level": "today", "reason": "other", "words": "Call 0532 123 45 67"}, "phone number"),
    ],
)
def test_what_the_form_refuses(posted: dict[str, str], complaint: str, case: Case, sign_in: SignIn) -> None:
    response = sign_in(case.author).post(at("urgency", case), posted)
    assert response.status_code == 422
    assert complaint in response.content.decode()
    assert said(case) == ("", False, "", False)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": OTHER}, "Say why"),
        ({"words": "Call 0532 123 45 67"}, "phone number"),
    ],
)
def test_what_the_service_refuses(fields: dict[str, Any], sentence: str, case: Case) -> None:
    with refused(sentence):
        mark(case, **fields)


# --- How often


@pytest.mark.parametrize(("level", "most"), [(TODAY, 2), (WEEK, 4)])
def test_so_many_in_a_month(level: terms.Urgency, most: int, alice: Member) -> None:
    cases = [reading.case() for _number in range(most + 1)]
    for made, case in enumerate(cases[:most]):
        assert marking.left_this_month(alice)[level] == most - made
        mark(case, level)
    with refused("as many cases as one may"):
        mark(cases[-1], level)
    mark(cases[-1], WEEK if level == TODAY else TODAY)  # the other level is counted by itself
    UrgencyMark.objects.update(made_at=timezone.now() - timedelta(days=31))
    UrgencyMark.objects.filter(case=cases[-1]).update(ended_at=timezone.now())
    mark(cases[-1], level)


def test_a_mark_replaces_the_one_that_stands_and_counts(case: Case, alice: Member) -> None:
    mark(case, WEEK)
    mark(case, TODAY)
    assert said(case) == ("today", True, "today", True)
    assert UrgencyMark.objects.filter(ended_at=None).count() == 1
    assert marking.left_this_month(alice) == {"today": 1, "week": 3}


# --- How long


@pytest.mark.parametrize(("level", "hours"), [(TODAY, 24), (WEEK, 168)])
def test_it_ends_by_itself(level: terms.Urgency, hours: int, case: Case, bob: Member, sign_in: SignIn) -> None:
    made = mark(case, level)
    assert made.until - made.made_at == timedelta(hours=hours)
    assert marking.end_due() == 0
    past = timezone.now() - timedelta(hours=hours + 1)
    UrgencyMark.objects.update(made_at=past, until=past + timedelta(hours=hours))
    Case.objects.update(urgent_until=past + timedelta(hours=hours))
    listing.refresh(cases=[case.pk])
    page = sign_in(bob).get(at("case", case)).content.decode()
    assert "A procedure is planned" not in page  # before the round comes by, too
    assert "Answer today" not in page
    assert marking.end_due() == 1
    assert marking.end_due() == 0
    assert said(case) == ("", False, "", False)


def test_its_author_takes_it_back(case: Case, sign_in: SignIn) -> None:
    mark(case)
    client = sign_in(case.author)
    assert "not urgent any more" in client.get(at("case", case)).content.decode()
    assert client.post(at("end_urgency", case)).status_code == 302
    assert said(case) == ("", False, "", False)
    client.post(at("end_urgency", case))  # nothing is there any more
    verbs = list(Event.objects.filter(verb__contains="urgen").values_list("verb", flat=True))
    assert sorted(verbs) == ["case.marked_urgent", "case.urgency_taken_back"]


def _close(case: Case) -> None:
    close(case=case, by=case.author, outcome=Outcome(diagnosis="bcc", reference="histopathology"))


def _retract(case: Case) -> None:
    drafts.retract(case=case, by=case.author)


def _withdraw(case: Case) -> None:
    assert case.consent is not None
    withdraw(consent_id=case.consent.pk, by=WithdrawnBy.PATIENT)


@pytest.mark.parametrize("end", [_close, _retract, _withdraw])
def test_it_ends_with_the_open_case(end: Callable[[Case], None], case: Case) -> None:
    mark(case, words="Surgery tomorrow.")
    case.refresh_from_db()
    end(case)
    case.refresh_from_db()
    assert (case.urgency, case.urgent_until) == ("", None)
    assert not Listing.objects.exclude(urgency="").exists()
    made = UrgencyMark.objects.get()
    assert made.ended_at is not None
    assert (made.words == "") is (end is _withdraw)


def test_a_purge_leaves_nothing_of_it(case: Case, run_jobs: Callable[[], int]) -> None:
    mark(case, words="Surgery tomorrow.")
    case.refresh_from_db()
    _withdraw(case)
    run_jobs()
    case.refresh_from_db()
    assert case.content_erased_at is not None
    assert not UrgencyMark.objects.exists()


# --- The rows


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ({}, True),
        ({"urgency": "today", "urgent_until": timezone.now()}, True),
        ({"urgency": "today"}, False),
        ({"urgent_until": timezone.now()}, False),
    ],
)
def test_the_database_keeps_whole_marks(fields: dict[str, Any], accepted: bool, case: Case) -> None:
    rows = Case.objects.filter(pk=case.pk)
    if accepted:
        rows.update(title="a", **fields)
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**fields)


def test_one_mark_stands_and_ends_later_than_it_began(case: Case) -> None:
    now = timezone.now()
    row = {"case": case, "author": case.author, "level": "today", "reason": "procedure", "made_at": now}
    UrgencyMark.objects.create(**row, until=now + timedelta(hours=1))
    for until in (now + timedelta(hours=1), now - timedelta(hours=1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            UrgencyMark.objects.create(**row, until=until)


def test_marking_changes_nothing_that_was_read(case: Case, bob: Member) -> None:
    before = case.content_sha256
    mark(case)
    case.refresh_from_db()
    assert case.digest() == case.content_sha256 == before
    assert reading.seen(case)
