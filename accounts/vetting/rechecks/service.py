"""Deciding a re-check: one moderator, blind; if that one would decline, two more, and the majority of the three.

Nobody loses a membership by it: whoever may suspend acts on what was not confirmed. The pictures are destroyed, so
that a re-check looks at the register and at what was stated.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import BadReason, NotYet, NotYours, TooLate
from accounts.membership.models import Member
from accounts.vetting.decisions import VOTES_A_DAY
from accounts.vetting.models import ACCEPTING, DECLINING
from accounts.vetting.rechecks.models import UNDER_WAY, Draw, Recheck, RecheckState, RecheckVote
from accounts.vetting.rechecks.states import RECHECK
from audit.record import record
from core import permissions

SEATS = 3
OVERDUE_DAYS = 30


def decide(
    *, recheck: Recheck, by: Member, accept: bool, reason: str, looked_up_on: date, words: str = ""
) -> RecheckVote:
    """Decide again about an accepted application. Raises NotYours, BadReason, NotYet, TooLate, without any change.

    `looked_up_on` is the day on which `by` looked the number up in the register, not before the draw.
    """
    if reason not in (ACCEPTING if accept else DECLINING):
        raise BadReason(_("Choose a reason that fits your decision."))
    with transaction.atomic():
        row = Recheck.objects.select_for_update().get(pk=recheck.pk)
        if not permissions.allows(by, "recheck.decide", row):
            raise NotYours(_("This re-check is decided, or others must decide it."))
        if not timezone.localdate(row.drawn_at) <= looked_up_on <= timezone.localdate():
            raise NotYet(_("Look the register up now: what it said before the draw does not count."))
        lately = timezone.now() - timedelta(days=1)
        if RecheckVote.objects.filter(moderator=by, cast_at__gte=lately).count() >= VOTES_A_DAY:
            raise TooLate(_("You have decided as many applications as one person may in a day. Go on tomorrow."))
        cast = RecheckVote.objects.create(
            recheck=row,
            seat=row.votes.count() + 1,
            moderator=by,
            accept=accept,
            reason=reason,
            words=words.strip(),
            looked_up_on=looked_up_on,
        )
        _go_on(row)
        record(
            verb="recheck.voted",
            actor=by,
            subject=("recheck", row.pk),
            seat=cast.seat,
            accept=accept,
            reason=reason,
            looked_up_on=looked_up_on.isoformat(),
        )
        if row.state not in UNDER_WAY:
            record(verb="recheck.decided", actor=None, subject=("recheck", row.pk), state=str(row.state))
    return cast


def _go_on(row: Recheck) -> None:
    """Move the locked re-check if its votes suffice."""
    votes = list(row.votes.values_list("accept", flat=True))
    if len(votes) == 1 and not votes[0]:
        RECHECK.move(row, to=RecheckState.REVIEW, start=RecheckState.WAITING)
    elif len(votes) == 1 or len(votes) == SEATS:
        confirmed = votes.count(True) > len(votes) / 2
        to = RecheckState.CONFIRMED if confirmed else RecheckState.OVERTURNED
        RECHECK.move(row, to=to, start=row.state, closed_at=timezone.now())


def overdue() -> int:
    """Return how many re-checks wait for longer than a month: nobody may decide them, or nobody did."""
    before = timezone.now() - timedelta(days=OVERDUE_DAYS)
    return Recheck.objects.filter(state__in=UNDER_WAY, drawn_at__lt=before).count()


@dataclass(frozen=True)
class Figures:
    """What became of the draw of one quarter."""

    quarter: date
    accepted: int
    drawn: int
    open: int
    confirmed: int
    overturned: int
    disagreed: int  # the blind moderator would have declined


def figures(*, last: int = 8) -> Iterable[Figures]:
    """Return the figures of the last quarters, newest first; in one query."""
    rows = Draw.objects.annotate(
        open=Count("rechecks", filter=Q(rechecks__state__in=UNDER_WAY), distinct=True),
        confirmed=Count("rechecks", filter=Q(rechecks__state=RecheckState.CONFIRMED), distinct=True),
        overturned=Count("rechecks", filter=Q(rechecks__state=RecheckState.OVERTURNED), distinct=True),
        disagreed=Count("rechecks", filter=Q(rechecks__votes__seat=1, rechecks__votes__accept=False), distinct=True),
    ).order_by("-quarter")[:last]
    return [
        Figures(
            quarter=row.quarter,
            accepted=row.accepted,
            drawn=row.drawn,
            open=row.open,
            confirmed=row.confirmed,
            overturned=row.overturned,
            disagreed=row.disagreed,
        )
        for row in rows
    ]
