"""Figures for moderators: counts, shares only from five answers on, nobody named."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.conduct import figures, service
from accounts.conduct.content import load
from accounts.models import ConductAnswer, Member
from tests import factories
from tests.accounts.conduct.walking import answer, pass_module

pytestmark = pytest.mark.django_db


def newcomers(number: int) -> list[Member]:
    return [factories.member(conduct_until=None) for _ in range(number)]


def shares() -> dict[str, tuple[int, int | None]]:
    return {one.case.key: (one.answers, one.wrong_percent) for one in figures.by_case(load())}


@pytest.mark.parametrize(("members", "share"), [(4, None), (5, 40)])
def test_a_share_is_shown_from_five_answers_on(members: int, share: int | None) -> None:
    for number, member in enumerate(newcomers(members)):
        pass_module(member, wrong_first=("child",) if number < 2 else ())
    assert shares()["child"] == (members, share)
    assert shares()["advice"] == (members, None if share is None else 0)


def test_only_first_answers_of_the_last_year_count() -> None:
    for member in newcomers(6):
        pass_module(member, wrong_first=("child",))
    assert shares()["child"] == (6, 100)
    first = ConductAnswer.objects.filter(case="child", attempt=1).values_list("pk", flat=True)[:1]
    ConductAnswer.objects.filter(pk__in=list(first)).update(at=timezone.now() - timedelta(days=366))
    assert shares()["child"] == (5, 100)


def test_the_most_often_wrong_comes_first_and_the_unknown_last() -> None:
    for number, member in enumerate(newcomers(5)):
        service.begin(member=member)
        answer(member, "location", right=number == 0)
        answer(member, "consent")
        answer(member, "child", right=number > 1)
    order = [one.case.key for one in figures.by_case(load())]
    assert order[:3] == ["location", "child", "consent"]
    assert len(order) == 12


def test_who_is_counted() -> None:
    today = timezone.localdate()
    for days in (-1, 0, 30, 31):
        factories.member(conduct_until=today + timedelta(days=days))
    factories.member(conduct_until=None)
    factories.person("officer")
    factories.person("lapsed")
    found = figures.passed()
    assert (found.members, found.passed, found.ending) == (5, 3, 2)


@pytest.mark.parametrize(
    ("who", "status"), [("mod1", 200), ("officer", 200), ("admin", 200), ("bob", 403), ("applicant", 403)]
)
def test_who_sees_them(who: str, status: int, sign_in: Callable[[object], Client]) -> None:
    for member in newcomers(5):
        pass_module(member, wrong_first=("mistake",))
    page = sign_in(factories.person(who)).get(reverse("accounts:conduct_figures"))
    assert page.status_code == status
    assert ("100 %" in page.content.decode()) is (status == 200)
    assert "Member " not in page.content.decode().replace("Members", "")
