"""Reminders to the author of an open case: has the outcome come, and the consent ends. Once each, by a round.

Nobody is reminded of a case that is closed, hidden or withdrawn, nor of the outcome of a teaching case that carries its
solution. A reminder that is two weeks late is not sent: an old site does not begin with a flood.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from consent.models import Status
from consults.cases.gate.models import Listing
from consults.cases.models import Case, CaseState, with_solution
from consults.discussion.outcomes.models import OutcomeReminder, ReminderStep
from notifications.notices import Kind, tell

WEEKS: Final = {ReminderStep.WEEKS_2: 2, ReminderStep.WEEKS_6: 6, ReminderStep.WEEKS_12: 12}
# Days before the consent's last day, first to last.
DAYS: Final = {ReminderStep.CONSENT_7: (0, 7), ReminderStep.CONSENT_30: (8, 30)}
LATEST: Final = timedelta(weeks=2)


class Due(NamedTuple):
    """One reminder that is due."""

    case_id: UUID
    author_id: UUID
    step: ReminderStep
    due_on: date


def remind() -> int:
    """Tell the authors what is due, each reminder once however often this runs; return how many."""
    return sum(_remind(due) for due in [*_open_too_long(), *_consent_ends()])


def _open_too_long() -> Iterator[Due]:
    """Find open cases that passed 2, 6 or 12 weeks lately. One query each."""
    now, today = timezone.now(), timezone.localdate()
    for step, weeks in WEEKS.items():
        since = now - timedelta(weeks=weeks)
        rows = Listing.objects.filter(
            state=CaseState.RELEASED, released_at__lte=since, released_at__gt=since - LATEST
        ).exclude(case__in=Case.objects.filter(with_solution()).values("pk"))
        lately = today - LATEST - timedelta(days=1)
        done = OutcomeReminder.objects.filter(case=OuterRef("case"), step=step, due_on__gt=lately)
        waiting = rows.filter(~Exists(done)).values_list("case_id", "author_id", "released_at")
        for case_id, author_id, released_at in waiting:
            due_on = timezone.localdate(released_at) + timedelta(weeks=weeks)
            yield Due(case_id, author_id, step, due_on)


def _consent_ends() -> Iterator[Due]:
    """Find open cases whose consent ends within 7 or 30 days. One query each."""
    today = timezone.now().date()
    for step, (first, last) in DAYS.items():
        within = (today + timedelta(days=first), today + timedelta(days=last))
        rows = Listing.objects.filter(
            state=CaseState.RELEASED,
            visible_until__lte=within[1] + timedelta(days=1),  # an index has these
            case__consent__status=Status.ACTIVE,
            case__consent__expires_on__range=within,
        )
        done = OutcomeReminder.objects.filter(
            case=OuterRef("case"), step=step, due_on=OuterRef("case__consent__expires_on")
        )
        waiting = rows.filter(~Exists(done)).values_list("case_id", "author_id", "case__consent__expires_on")
        for case_id, author_id, end in waiting:
            yield Due(case_id, author_id, step, cast(date, end))


@transaction.atomic
def _remind(due: Due) -> bool:
    """Note a reminder and tell the author, unless it was done or the case has moved since."""
    # A withdrawal locks the case too: it comes first and nothing is told, or later and takes the notice away.
    if not Case.objects.select_for_update(of=("self",)).filter(pk=due.case_id, state=CaseState.RELEASED).exists():
        return False
    _reminder, made = OutcomeReminder.objects.get_or_create(case_id=due.case_id, step=due.step, due_on=due.due_on)
    if made:
        tell(Kind.REMINDER, [due.author_id], view="consults:case", args=[due.case_id], case=due.case_id)
    return made
