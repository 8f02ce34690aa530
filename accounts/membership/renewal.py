"""Renewal: reminders before a verification ends, and who may apply again early."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.membership.models import RENEWAL_DAYS, Member, RenewalReminder
from core import jobs

REMIND: Final = "accounts.renewal"  # subject: the reminder
LAPSED: Final = "accounts.lapsed"  # subject: the member whose verification has ended
DAYS: Final = (RENEWAL_DAYS, 14, 3)  # before the end; each once


def remind_due() -> int:
    """Create and enqueue the reminders that are due, the latest of each member only; return how many."""
    today = timezone.localdate()
    made = 0
    for number, days in enumerate(DAYS):
        sooner = DAYS[number + 1] if number + 1 < len(DAYS) else -1
        ending = Member.objects.verified().filter(
            verified_until__lte=today + timedelta(days=days), verified_until__gt=today + timedelta(days=sooner)
        )
        known = RenewalReminder.objects.filter(
            member=OuterRef("pk"), about=RenewalReminder.VERIFICATION, until=OuterRef("verified_until"), days=days
        )
        for member in ending.exclude(Exists(known)):
            with transaction.atomic():
                row, first = RenewalReminder.objects.get_or_create(
                    member=member, until=member.verified_until, days=days
                )
                if first:
                    jobs.enqueue(kind=REMIND, subject=row.pk)
                    made += 1
    return made
