"""The quarterly draw of applications to re-check, from a source of chance that nobody can guess or repeat."""

import secrets
from datetime import date, datetime, time
from math import ceil

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.membership.models import Standing
from accounts.vetting.models import Application, State
from accounts.vetting.rechecks.models import Draw, Recheck
from audit.record import record
from core.deadlines import add_months

SHARE = 0.05
_chance = secrets.SystemRandom()


def quarter_of(day: date) -> date:
    """Return the first day of the quarter."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def how_many(accepted: int) -> int:
    """Return how many of so many acceptances are re-checked: one in twenty, rounded up."""
    return ceil(accepted * SHARE)


def draw_due() -> int:
    """Draw from the quarter that ended last, unless that was done; return how many were drawn."""
    quarter = add_months(quarter_of(timezone.localdate()), -3)
    if Draw.objects.filter(pk=quarter).exists():
        return 0
    try:
        with transaction.atomic():
            return _draw(quarter)
    except IntegrityError:  # another worker did
        return 0


def _draw(quarter: date) -> int:
    begins, ends = (timezone.make_aware(datetime.combine(day, time())) for day in (quarter, add_months(quarter, 3)))
    accepted = list(
        Application.objects.filter(
            state=State.ACCEPTED,
            decided_at__gte=begins,
            decided_at__lt=ends,
            member__standing=Standing.VERIFIED,
            recheck__isnull=True,
        ).values_list("pk", flat=True)
    )
    drawn = _chance.sample(accepted, how_many(len(accepted)))
    draw = Draw.objects.create(quarter=quarter, accepted=len(accepted), drawn=len(drawn))
    made = Recheck.objects.bulk_create(Recheck(application_id=pk, draw=draw) for pk in drawn)
    # The log is written last: all writers share its lock, so nothing may wait for a row while holding it.
    for one in made:
        record(verb="recheck.drawn", actor=None, subject=("recheck", one.pk), application=str(one.application_id))
    return len(drawn)
