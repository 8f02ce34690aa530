"""Targets, weight and independence of reports."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from consults import reporting
from consults.holds import Reason
from consults.models import Report
from consults.reporting import Finding
from tests import factories
from tests.consults import reading

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("reason", "made_at", "due"),
    [
        ("identifies", "2026-11-27 23:00", "2026-11-28 03:00"),  # a Friday; four hours are four hours
        ("conduct", "2026-11-23 09:00", "2026-11-25 23:59"),  # Monday to Wednesday
        ("conduct", "2026-11-26 09:00", "2026-11-30 23:59"),  # Thursday to Monday
        ("conduct", "2026-11-28 09:00", "2026-12-01 23:59"),  # Saturday to Tuesday
        ("copyright", "2026-11-27 23:59", "2026-12-01 23:59"),
    ],
)
def test_targets(reason: str, made_at: str, due: str) -> None:
    begins = timezone.make_aware(datetime.fromisoformat(made_at))
    assert reporting.due(reason, made_at=begins).strftime("%Y-%m-%d %H:%M") == due


@pytest.mark.parametrize(
    ("one", "other", "independent"),
    [
        ({"institution": "A"}, {"institution": "B"}, True),
        ({"institution": ""}, {"institution": ""}, True),
        ({"institution": "Charité Berlin"}, {"institution": "Berlin (Charite)"}, False),
        ({"institution": "A"}, {"institution": ""}, True),
    ],
)
def test_who_is_independent(one: dict[str, Any], other: dict[str, Any], independent: bool) -> None:
    first, second = factories.member(**one), factories.member(**other)
    assert reporting.independent(first, second) is independent
    assert reporting.independent(second, first) is independent
    assert not reporting.independent(first, first)


def test_a_resident_and_their_supervisor_are_not_independent() -> None:
    resident, alice = factories.person("resident"), factories.person("alice")
    assert not reporting.independent(resident, alice)
    assert not reporting.independent(alice, resident)
    assert reporting.independent(resident, factories.person("bob"))


def settled(member: Any, finding: str, *, days_ago: int = 1) -> Report:
    then = timezone.now() - timedelta(days=days_ago)
    return Report.objects.create(
        case=reading.case(), reporter=member, reason="conduct", hidden=False, finding=finding,
        settled_by=factories.person("mod1"), settled_at=then, made_at=then, due_at=then,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "days_ago", "weighs"),
    [
        ([], 1, True),
        ([Finding.BASELESS] * 2, 1, True),
        ([Finding.BASELESS] * 3, 1, False),
        ([Finding.BASELESS] * 3, 366, True),
        ([Finding.MISTAKEN] * 5, 1, True),
        ([Finding.UPHELD] * 5, 1, True),
    ],
)
def test_what_a_reporter_s_word_weighs(findings: list[str], days_ago: int, weighs: bool) -> None:
    bob = factories.person("bob")
    for finding in findings:
        settled(bob, finding, days_ago=days_ago)
    assert reporting.weighs(bob) is weighs


@pytest.mark.parametrize("reason", Reason.values)
def test_one_report_hides_only_what_identifies(reason: str) -> None:
    bob, other = factories.person("bob"), factories.person("physician")
    assert reporting.hides(reason, by=bob, others=[]) is (reason == "identifies")
    assert reporting.hides(reason, by=bob, others=[other])
    assert reporting.hides(reason, by=bob, others=[bob]) is (reason == "identifies")


def test_reports_without_weight_hide_nothing() -> None:
    bob, other = factories.person("bob"), factories.person("physician")
    for _ in range(3):
        settled(bob, Finding.BASELESS)
    assert not reporting.hides("identifies", by=bob, others=[other])
    assert not reporting.hides("conduct", by=other, others=[bob])


def test_the_share_that_was_answered_in_time() -> None:
    now, bob, mod1 = timezone.now(), factories.person("bob"), factories.person("mod1")
    case = reading.case()

    def made(reason: str, *, due: int, settled_at: int | None) -> None:
        done = {} if settled_at is None else {"hidden": False, "settled_by": mod1, "finding": "mistaken"}
        Report.objects.create(
            case=case, reporter=bob, reason=reason, due_at=now + timedelta(hours=due), made_at=now,
            settled_at=None if settled_at is None else now + timedelta(hours=settled_at), **done,
        )  # fmt: skip

    made("identifies", due=-1, settled_at=-2)
    made("identifies", due=-2, settled_at=-1)
    made("identifies", due=-2, settled_at=None)
    made("conduct", due=5, settled_at=None)  # not due yet
    made("conduct", due=5, settled_at=1)
    made("conduct", due=-24 * 100, settled_at=-24 * 100)  # long ago
    assert reporting.punctuality() == {"quick": (1, 3), "others": (1, 1)}
