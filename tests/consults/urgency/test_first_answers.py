"""How long cases wait for their first answer: counted honestly, shown from five cases on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Member
from consults.models import FirstAnswerFigure
from consults.urgency import first_answers
from consults.urgency.first_answers import median_minutes
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]
HOUR = timedelta(hours=1)
PAGE = "consults:waiting_times"


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [
        ([], None),
        ([1], 60),
        ([1, 3], 60),
        ([1, 2, 9], 120),
        ([1, None], 60),
        ([None], None),
        ([1, None, None], None),
        ([None, 2, None, 1], 120),
        ([0.5, 0.5, None, None], 30),
    ],
)
def test_the_median_counts_those_that_wait(hours: list[float | None], minutes: int | None) -> None:
    assert median_minutes([None if one is None else one * HOUR for one in hours]) == minutes


@given(st.lists(st.none() | st.integers(0, 10_000), min_size=1), st.randoms(use_true_random=False))
def test_more_that_wait_never_make_it_look_better(waits: list[int | None], random) -> None:
    given_waits = [None if one is None else timedelta(minutes=one) for one in waits]
    before, after = median_minutes(given_waits), median_minutes([*given_waits, None])
    shuffled = given_waits.copy()
    random.shuffle(shuffled)
    assert median_minutes(shuffled) == before
    assert after is None or (before is not None and after >= before)


def fill() -> None:
    """Six cases: answered after 2, 10 and 30 hours, only read, and two that nobody looked at."""
    bob = factories.person("bob")
    for after in (2, 10, 30):
        reading.answer(reading.case(hours_ago=100), bob, "bcc", hours_ago=100 - after)
    reading.answer(reading.case(hours_ago=100), bob, hours_ago=99)
    reading.case(hours_ago=100)
    reading.case(hours_ago=30)


@pytest.mark.django_db
def test_all_cases_of_90_days_are_counted() -> None:
    fill()
    reading.case(hours_ago=23)  # had no day yet
    reading.case(hours_ago=24 * 91)
    reading.case(state="draft")
    first_answers.count_first_answers()
    found = first_answers.count_first_answers()  # once a day, however often
    assert FirstAnswerFigure.objects.count() == 1
    assert (found.cases, found.answered, found.within_a_day, found.median_minutes) == (6, 3, 2, 30 * 60)


@pytest.mark.django_db
def test_a_first_answer_counts_once_and_by_its_time() -> None:
    case = reading.case(hours_ago=100)
    for who, after in (("resident", 5), ("bob", 1), ("physician", 50)):
        reading.answer(case, factories.person(who), "bcc", hours_ago=100 - after)
    found = first_answers.count_first_answers()
    assert (found.cases, found.median_minutes) == (1, 60)


def test_too_few_say_nothing(bob: Member, sign_in: SignIn) -> None:
    for _number in range(4):
        reading.case(hours_ago=100)
    first_answers.count_first_answers()
    assert first_answers.shown() is None
    page = sign_in(bob).get(reverse(PAGE)).content.decode()
    assert "too few to say anything" in page
    assert "0 %" not in page


def test_the_page_says_it_as_it_is(bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    assert "too few" in client.get(reverse(PAGE)).content.decode()
    fill()
    first_answers.count_first_answers()
    page = " ".join(client.get(reverse(PAGE)).content.decode().split())
    for words in ("30 h 0 min", "33 %", "50 %", "<dd>6</dd>", "no emergency service"):
        assert words in page


def test_where_most_wait_it_says_so(bob: Member, sign_in: SignIn) -> None:
    for _number in range(5):
        reading.case(hours_ago=100)
    first_answers.count_first_answers()
    assert "half of them still wait" in sign_in(bob).get(reverse(PAGE)).content.decode()


def test_the_page_counts_nothing_itself(bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    client.get(reverse(PAGE))
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse(PAGE))
    about_cases = [query["sql"] for query in asked if 'FROM "consults_' in (query["sql"] or "")]
    assert len(about_cases) == 1
    assert "firstanswerfigure" in about_cases[0]
