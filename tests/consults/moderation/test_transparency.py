"""Figures of a quarter: from the log, none below five, and once."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.record import record
from consults.models import Quarter
from consults.moderation.transparency import figures
from tests import factories


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 3, 31), date(2026, 1, 1)),
        (date(2026, 12, 31), date(2026, 10, 1)),
    ],
)
def test_quarters(day: date, first: date) -> None:
    assert figures.quarter_of(day) == first


def settled(minutes: int, *, finding: str = "upheld", in_time: bool = True) -> tuple[str, str, dict[str, Any]]:
    return "report.settled", "somebody", {"finding": finding, "minutes": minutes, "in_time": in_time}


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([], {}),
        ([("case.taken_down", "x", {})] * 4, {"removals.taken_down": None}),
        ([("case.taken_down", "x", {})] * 5, {"removals.taken_down": 5}),
        (
            [("case.held", None, {})] * 5 + [("comment.held", "x", {})] * 6,
            {"hidden.by_reports": 5, "hidden.by_moderators": 6},
        ),
        (
            [("case.released", "x", {})] * 5 + [("case.released", "x", {"follows": "a case"})] * 5,
            {"cases.released": 5},
        ),
        ([("report.made", "x", {"reason": "copyright"})] * 7, {"reports.copyright": 7}),
        ([("application.decided", None, {"accepted": True})] * 5, {"vetting.accepted": 5}),
        ([("application.decided", None, {"accepted": False})] * 5, {"vetting.declined": 5}),
        ([settled(10)] * 4, {"answers.upheld": None}),
        (
            [settled(minutes) for minutes in (1, 2, 30, 40, 50)],
            {"answers.upheld": 5, "answers.median_minutes": 30, "answers.in_time_percent": 100},
        ),
        (
            [*[settled(5)] * 3, *[settled(5, in_time=False)] * 3],
            {"answers.upheld": 6, "answers.median_minutes": 5, "answers.in_time_percent": 50},
        ),
        ([("report.settled", "x", {"hidden": True})] * 9, {}),  # before there were findings
    ],
)
def test_figures(events: list[Any], found: dict[str, int | None]) -> None:
    assert figures.told(events) == found


@pytest.mark.django_db
def test_a_quarter_is_written_once_a_week_after_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        monkeypatch.setattr("audit.record.timezone.now", lambda n=number: datetime(2026, 9, 25 + n, 12, tzinfo=UTC))
        record(verb="case.taken_down", actor=None, subject=("case", factories.person("alice").pk))
    monkeypatch.setattr(figures.timezone, "now", lambda: datetime(2026, 10, 7, 12, tzinfo=UTC))
    figures.write_finished()
    assert list(Quarter.objects.values_list("pk", flat=True)) == [date(2026, 4, 1)]
    monkeypatch.setattr(figures.timezone, "now", lambda: datetime(2026, 10, 9, 12, tzinfo=UTC))
    assert figures.write_finished()
    assert not figures.write_finished()
    assert Quarter.objects.get(pk=date(2026, 7, 1)).figures == {"removals.taken_down": 5}


@pytest.mark.django_db
def test_members_read_them(alice: Member, sign_in: Callable[[object], Client]) -> None:
    at = reverse("consults:transparency")
    assert "No quarter is over yet" in sign_in(alice).get(at).content.decode()
    Quarter.objects.create(pk=date(2026, 7, 1), figures={"reports.conduct": 12, "reports.other": None})
    for who in ("alice", "student", "mod1", "officer", "admin"):
        page = sign_in(factories.person(who)).get(at).content.decode()
        assert ">12<" in page
        assert "fewer than 5" in page
    assert Quarter.objects.get().made_at <= timezone.now()
