"""Reminders to the author of an open case: when, once, and when not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consent.models import Consent, WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases.gate import listing
from consults.discussion import closing
from consults.discussion.outcomes import reminders
from consults.models import Case, Outcome, OutcomeReminder
from core.jobs import queue
from notifications.notices import Kind
from notifications.notices.models import Notice
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]
DAY = 24  # hours
SOLVED = {"kind": "teaching", "solution": "psoriasis", "solution_reference": "pcr", "teaching_points": "Look twice."}


def steps() -> list[str]:
    """The reminders that were made, in order."""
    return list(OutcomeReminder.objects.order_by("pk").values_list("step", flat=True))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1, []),
        (13.9, []),
        (14.1, ["weeks_2"]),
        (27.9, ["weeks_2"]),
        (28.1, []),  # too late to be of use
        (41.9, []),
        (42.1, ["weeks_6"]),
        (83.9, []),
        (84.1, ["weeks_12"]),
        (97.9, ["weeks_12"]),
        (98.1, []),
        (700, []),
    ],
)
def test_an_open_case_is_asked_about(days: float, expected: list[str], alice: Member) -> None:
    case = reading.case(alice, hours_ago=days * DAY)
    for _time in range(3):
        reminders.remind()

    assert steps() == expected
    told = Notice.objects.filter(kind=Kind.REMINDER).values_list("member", "case_id", "path", "count")
    assert list(told) == [(alice.pk, case.pk, reverse("consults:case", args=[case.pk]), 1)] * len(expected)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (31, []),
        (30, ["consent_30"]),
        (8, ["consent_30"]),
        (7, ["consent_7"]),
        (1, ["consent_7"]),
        (0, ["consent_7"]),
        (-1, []),
    ],
)
def test_a_consent_ends(days: int, expected: list[str], alice: Member) -> None:
    case = reading.case(alice)
    Consent.objects.filter(pk=case.consent_id).update(expires_on=timezone.now().date() + timedelta(days=days))
    listing.refresh(cases=[case.pk])
    for _time in range(3):
        reminders.remind()

    assert steps() == expected
    assert Notice.objects.filter(kind=Kind.REMINDER, member=alice).count() == len(expected)


def test_a_longer_consent_is_warned_of_anew(alice: Member) -> None:
    case = reading.case(alice)
    for days in (20, 25):
        Consent.objects.filter(pk=case.consent_id).update(expires_on=timezone.now().date() + timedelta(days=days))
        listing.refresh(cases=[case.pk])
        reminders.remind()

    assert steps() == ["consent_30", "consent_30"]


def _close(case: Case) -> None:
    closing.close(case=case, by=case.author, outcome=Outcome(diagnosis="psoriasis", reference="pcr"))


def _withdraw(case: Case) -> None:
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)


def _hide(case: Case) -> None:
    case.holds.create(by=factories.person("mod2"), reason="conduct")
    listing.refresh(cases=[case.pk])


def _suspend(case: Case) -> None:
    Member.objects.filter(pk=case.author_id).update(standing="suspended")
    listing.refresh(cases=[case.pk])


@pytest.mark.parametrize(
    ("change", "fields", "expected"),
    [
        (lambda case: None, {}, ["weeks_2"]),
        (lambda case: None, {"kind": "teaching"}, ["weeks_2"]),
        (lambda case: None, SOLVED, []),
        (_close, {}, []),
        (lambda case: closing.close_unresolved(case=case, by=case.author), {}, []),
        (_withdraw, {}, []),
        (_hide, {}, []),
        (_suspend, {}, []),
    ],
)
def test_of_which_cases(
    change: Callable[[Case], object], fields: dict[str, Any], expected: list[str], alice: Member
) -> None:
    change(reading.case(alice, hours_ago=15 * DAY, **fields))
    reminders.remind()

    assert steps() == expected


def test_a_case_that_moved_while_the_round_ran_is_left_out(alice: Member) -> None:
    case = reading.case(alice, hours_ago=15 * DAY)
    (due,) = list(reminders._open_too_long())
    _withdraw(case)

    assert reminders._remind(due) is False
    assert steps() == []


def test_a_withdrawal_takes_the_reminder_away(alice: Member, run_jobs: Callable[[], int]) -> None:
    case = reading.case(alice, hours_ago=15 * DAY, data=b"picture")
    reminders.remind()
    _withdraw(case)
    run_jobs()

    assert steps() == []
    assert not Notice.objects.filter(kind=Kind.REMINDER).exists()


def test_the_round_is_registered_and_asks_no_more_for_more_cases(alice: Member) -> None:
    assert "consults.discussion.outcomes.reminders.remind" in queue._rounds
    reading.case(alice, hours_ago=15 * DAY)
    reminders.remind()
    with CaptureQueriesContext(connection) as one:
        reminders.remind()
    for _number in range(5):
        reading.case(alice, hours_ago=15 * DAY)
    reminders.remind()
    with CaptureQueriesContext(connection) as many:
        reminders.remind()

    assert len(many) == len(one) <= 5


# --- The next step on the page


@pytest.mark.parametrize(
    ("days", "fields", "ends_in", "words"),
    [
        (3, {}, None, []),
        (15, {}, None, ["Has the outcome come?"]),
        (700, {}, None, ["Has the outcome come?"]),
        (15, SOLVED, None, []),
        (3, {}, 29, ["The consent ends on"]),
        (3, {}, 40, []),
        (15, {}, 6, ["Has the outcome come?", "The consent ends on"]),
    ],
)
def test_the_author_reads_the_next_step(
    days: int, fields: dict[str, Any], ends_in: int | None, words: list[str], alice: Member, sign_in: SignIn
) -> None:
    case = reading.case(alice, hours_ago=days * DAY, **fields)
    if ends_in is not None:
        end = timezone.now().date() + timedelta(days=ends_in)
        Consent.objects.filter(pk=case.consent_id).update(expires_on=end)
    page = sign_in(alice).get(reverse("consults:case", args=[case.pk])).content.decode()

    found = [sentence for sentence in ("Has the outcome come?", "The consent ends on") if sentence in page]
    assert found == words


def test_nobody_else_reads_it(alice: Member, bob: Member, sign_in: SignIn) -> None:
    case = reading.case(alice, hours_ago=15 * DAY)
    reading.answer(case, bob, "psoriasis")
    page = sign_in(bob).get(reverse("consults:case", args=[case.pk])).content.decode()

    assert "Has the outcome come?" not in page
    assert "Outcome of your case" not in page
