"""How long a case waits for its first answer: counted once a night, shown as it is.

Cases that nobody has answered count as waiting longest, so that a site where most go unanswered does not boast of the
few that were answered fast. Fewer than SHOWN_FROM cases say nothing.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db.models import Min, Q
from django.utils import timezone

from consults.cases.models import PUBLISHED, Case
from consults.discussion.models import COUNTED
from consults.urgency.models import FirstAnswerFigure

DAYS: Final = 90
SHOWN_FROM: Final = 5
A_DAY: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=400)


def median_minutes(waits: Sequence[timedelta | None]) -> int | None:
    """Return the median in whole minutes, the lower of two in the middle; None (no answer) counts as longest.

    None where the one in the middle has no answer, and for no cases at all.
    """
    if not waits:
        return None
    in_order = sorted(waits, key=lambda wait: (wait is None, wait or timedelta(0)))
    middle = in_order[(len(in_order) - 1) // 2]
    return None if middle is None else int(middle.total_seconds() // 60)


def count_first_answers() -> FirstAnswerFigure:
    """Count the cases released within 90 days and at least a day ago, and keep the figure of today."""
    now = timezone.now()
    answered = Min("answers__answered_at", filter=Q(answers__kind__in=COUNTED) & ~Q(answers__counted_as=""))
    cases = (
        Case.objects.filter(
            follows=None,
            state__in=PUBLISHED,
            released_at__gt=now - timedelta(days=DAYS),
            released_at__lte=now - A_DAY,
        )
        .annotate(first_at=answered)
        .values_list("released_at", "first_at")
    )
    waits = [None if first is None else max(first - released, timedelta(0)) for released, first in cases.iterator()]
    given = [wait for wait in waits if wait is not None]
    FirstAnswerFigure.objects.filter(counted_on__lt=(now - KEPT).date()).delete()
    figure, _made = FirstAnswerFigure.objects.update_or_create(
        counted_on=timezone.localdate(),
        defaults={
            "cases": len(waits),
            "answered": len(given),
            "within_a_day": sum(wait <= A_DAY for wait in given),
            "median_minutes": median_minutes(waits),
        },
    )
    return figure


def shown() -> dict[str, int | str | None] | None:
    """Return the newest figure for a page: cases, percent within a day, median; None for too few cases. One query."""
    figure = FirstAnswerFigure.objects.first()
    if figure is None or figure.cases < SHOWN_FROM:
        return None
    return {
        "cases": figure.cases,
        "answered_percent": round(100 * figure.answered / figure.cases),
        "day_percent": round(100 * figure.within_a_day / figure.cases),
        "hours": None if figure.median_minutes is None else figure.median_minutes // 60,
        "minutes": None if figure.median_minutes is None else figure.median_minutes % 60,
        "counted_on": figure.counted_on.isoformat(),
    }
