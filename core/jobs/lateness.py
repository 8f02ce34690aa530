"""Destructions that are late, and a clock that stands still: read from the rows, by whoever is alive."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.jobs.queue import urgent_rounds
from core.models import Job, Round
from core.urgency import Urgency

CLOCK_MINUTES = 5  # the schedule ticks once a minute


def late_destructions(*, minutes: float) -> QuerySet[Job]:
    """Return the destructions that are older than this and not done, or given up without a newer attempt."""
    newer = Job.objects.filter(
        kind=OuterRef("kind"), subject=OuterRef("subject"), created_at__gt=OuterRef("created_at")
    )
    waiting = Q(state__in=Job.OPEN, created_at__lt=timezone.now() - timedelta(minutes=minutes))
    given_up = Q(state=Job.State.PARKED) & ~Exists(newer)
    return Job.objects.filter(waiting | given_up, urgency=Urgency.DESTRUCTION)


def clock_stands_still() -> bool:
    """Whether no round that destruction depends on has begun lately: then nothing notices what was forgotten."""
    lately = timezone.now() - timedelta(minutes=CLOCK_MINUTES)
    return not Round.objects.filter(name__in=urgent_rounds(), ran_at__gt=lately).exists()
