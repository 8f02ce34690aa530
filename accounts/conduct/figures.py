"""Figures of the conduct module for moderators: how many have passed, and which cases are most often wrong at first."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Count, Q
from django.utils import timezone

from accounts.conduct.content import ConductCase, ConductModule
from accounts.conduct.models import ConductAnswer
from accounts.conduct.standing import SOON_DAYS
from accounts.membership.models import Member

LEAST: Final = 5  # answers, below which no share is shown
DAYS: Final = 365


@dataclass(frozen=True)
class CaseFigure:
    """First answers to a case within a year: how many, and the share of wrong ones in percent, None when too few."""

    case: ConductCase
    answers: int
    wrong_percent: int | None


@dataclass(frozen=True)
class Passed:
    """Verified members who see cases: all of them, those whose module counts, and those for whom it ends soon."""

    members: int
    passed: int
    ending: int


def passed() -> Passed:
    """Count members and modules today. One query."""
    today = timezone.localdate()
    counts = Q(conduct_until__gte=today)
    found = (
        Member.objects.verified()
        .filter(is_privacy_officer=False, is_staff=False)
        .aggregate(
            members=Count("pk"),
            passed=Count("pk", filter=counts),
            ending=Count("pk", filter=counts & Q(conduct_until__lte=today + timedelta(days=SOON_DAYS))),
        )
    )
    return Passed(**found)


def by_case(module: ConductModule) -> list[CaseFigure]:
    """Return the cases of the module, most often wrong first, then those with fewer than LEAST answers. One query."""
    since = timezone.now() - timedelta(days=DAYS)
    rows = (
        ConductAnswer.objects.filter(attempt=1, at__gte=since)
        .values("case")
        .annotate(answers=Count("pk"), wrong=Count("pk", filter=Q(is_right=False)))
    )
    counted = {row["case"]: (row["answers"], row["wrong"]) for row in rows}
    figures = []
    for key, case in module.cases.items():
        answers, wrong = counted.get(key, (0, 0))
        figures.append(CaseFigure(case, answers, round(100 * wrong / answers) if answers >= LEAST else None))
    figures.sort(key=lambda figure: -1 if figure.wrong_percent is None else figure.wrong_percent, reverse=True)
    return figures
