"""Reminders before a conduct module ends, and the notice when it has changed so much that everybody is asked anew."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.conduct.content import current_major
from accounts.conduct.models import ConductNotice, ConductReminder, ConductResult
from accounts.conduct.standing import SOON_DAYS
from accounts.membership.models import Member
from core import jobs

REMIND: Final = "conduct.remind"  # subject: the reminder
DAYS: Final = (SOON_DAYS, 7)  # before the end; each once
NOTICE_DAYS: Final = 30  # from the first day of a changed module until the old one no longer counts
BATCH: Final = 1000


def remind_due() -> int:
    """Create and enqueue the reminders that are due, the latest of each member only; return how many."""
    today = timezone.localdate()
    made = 0
    for number, days in enumerate(DAYS):
        sooner = DAYS[number + 1] if number + 1 < len(DAYS) else -1
        ending = Member.objects.verified().filter(
            conduct_until__lte=today + timedelta(days=days), conduct_until__gt=today + timedelta(days=sooner)
        )
        known = ConductReminder.objects.filter(member=OuterRef("pk"), until=OuterRef("conduct_until"), days=days)
        for member in ending.exclude(Exists(known)):
            with transaction.atomic():
                row, first = ConductReminder.objects.get_or_create(member=member, until=member.conduct_until, days=days)
                if first:
                    jobs.enqueue(kind=REMIND, subject=row.pk)
                    made += 1
    return made


def end_older_modules() -> int:
    """Let modules of an older first number end NOTICE_DAYS after this site first had the new one; return how many.

    The earlier day counts where they would have ended before. `remind_due` then writes to everybody whom it concerns.
    """
    major = current_major()
    if major == 1:
        return 0
    notice, _made = ConductNotice.objects.get_or_create(major=major)
    last = notice.begins_on + timedelta(days=NOTICE_DAYS)
    done = ConductResult.objects.filter(member=OuterRef("pk"), major__gte=major)
    older = Member.objects.filter(conduct_until__gt=last).exclude(Exists(done))
    ended = 0
    while found := list(older.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        # Asked again: who passes in between keeps what was just earned.
        ended += older.filter(pk__in=found).update(conduct_until=last)
    return ended
