"""Whether a member has passed the conduct module, and until when; by the member's row alone, without a query."""

from datetime import date, timedelta
from typing import Final

from django.utils import timezone

from accounts.membership.models import Member
from core.deadlines import add_months

MONTHS: Final = 12  # that a result counts
EARLY_DAYS: Final = 60  # before the end, from when it can be repeated without losing a day
SOON_DAYS: Final = 30  # before the end, from when pages say so


def has_passed(member: Member) -> bool:
    """Whether this member's module counts today; its last day is one of them."""
    return member.conduct_until is not None and member.conduct_until >= timezone.localdate()


def ends_soon(member: Member) -> bool:
    """Whether the module counts today and ends within SOON_DAYS."""
    left = member.conduct_until - timezone.localdate() if member.conduct_until else timedelta(days=-1)
    return timedelta(0) <= left <= timedelta(days=SOON_DAYS)


def begins_on(member: Member) -> date:
    """Return the first day on which this member may begin the module: today, or EARLY_DAYS before its end."""
    today = timezone.localdate()
    if member.conduct_until is None:
        return today
    return max(today, member.conduct_until - timedelta(days=EARLY_DAYS))


def may_begin(member: Member) -> bool:
    """Whether this member may begin the module today."""
    return member.may_see_cases and begins_on(member) == timezone.localdate()


def until_when_passed(member: Member) -> date:
    """Return the last day of a module that this member passes today: what is left of the old one is kept."""
    begins = member.conduct_until if has_passed(member) and member.conduct_until else timezone.localdate()
    return add_months(begins, MONTHS)
