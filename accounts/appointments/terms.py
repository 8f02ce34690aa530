"""Terms of offices: an office ends after two years unless two persons renew it, and reminders before.

The date is looked at every hour, so that an office may outlive its last day by that. The site never loses its last
administrator that way: their office goes on, and they are told until somebody else is appointed.
"""

import uuid
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.appointments.models import FIELDS, Office, OfficeTerm
from accounts.membership.lifecycle import standing_changed
from accounts.membership.models import RENEWAL_DAYS, Member, RenewalReminder, Standing
from accounts.membership.renewal import DAYS
from accounts.membership.states import STANDING
from accounts.security import sessions
from audit.record import record
from core import jobs
from core.deadlines import add_months

ENDS: Final = "accounts.office_ends"  # subject: the reminder
OTHERS_END: Final = "accounts.offices_end"  # subject: an administrator, who can propose the renewal
ENDED: Final = "accounts.office_ended"  # subject: the member whose office has ended
OVERDUE: Final = "accounts.office_overdue"  # subject: the last administrator
TOLD_AGAIN_AFTER: Final = timedelta(days=7)


def _end_of(begins: date) -> date:
    return add_months(begins, int(settings.RULES["office_months"]))


def begin(*, member: Member, office: str) -> None:
    """Begin the term of an office today, in the caller's transaction."""
    today = timezone.localdate()
    OfficeTerm.objects.update_or_create(
        member=member, office=office, defaults={"since": today, "until": _end_of(today), "overdue_told_at": None}
    )


def may_renew(member: Member, office: str) -> bool:
    """Whether the term ends within RENEWAL_DAYS, or is over and goes on for want of anybody else."""
    soon = timezone.localdate() + timedelta(days=RENEWAL_DAYS)
    return OfficeTerm.objects.filter(member=member, office=office, until__lte=soon).exists()


def renew(*, member: Member, office: str) -> None:
    """Let an office go on for another term after its present end; no day is lost."""
    row = OfficeTerm.objects.select_for_update().get(member=member, office=office)
    row.until = _end_of(max(row.until, timezone.localdate()))
    row.overdue_told_at = None
    row.save(update_fields=["until", "overdue_told_at"])


def lay_down(*, member: Member, office: str) -> None:
    """Take an office from a locked member, end its term and the sessions that were opened with its rights.

    Who has no profession and no other office has nothing left to be verified for: they lapse.
    """
    setattr(member, FIELDS[Office(office)], False)
    fields: dict[str, Any] = {FIELDS[Office(office)]: False}
    if member.profession or member.is_officer or member.standing != Standing.VERIFIED:
        Member.objects.filter(pk=member.pk).update(**fields)
    else:
        STANDING.move(member, start=Standing.VERIFIED, to=Standing.LAPSED, **fields)
        standing_changed.send(sender=Member, member_id=member.pk)
    OfficeTerm.objects.filter(member=member, office=office).delete()
    sessions.end_all(member.pk)


def adopt() -> int:
    """Begin the terms of those who hold an office without one, as founders do; return how many."""
    made = 0
    for office, flag in FIELDS.items():
        known = OfficeTerm.objects.filter(member=OuterRef("pk"), office=office)
        for member in Member.objects.filter(**{flag: True}).exclude(Exists(known)):
            today = timezone.localdate()
            defaults = {"since": today, "until": _end_of(today)}
            made += OfficeTerm.objects.get_or_create(member=member, office=office, defaults=defaults)[1]
    return made


def end_expired() -> int:
    """End the offices whose last day is over; return how many."""
    over = OfficeTerm.objects.filter(until__lt=timezone.localdate()).order_by("until", "pk")
    return sum(_end(pk) for pk in list(over.values_list("pk", flat=True)))


def _end(pk: uuid.UUID) -> int:
    with transaction.atomic():
        # Locked in one order, so that two administrators whose offices end together are not both the last but one.
        staff = list(Member.objects.select_for_update(no_key=True).filter(is_staff=True).order_by("pk"))
        term = OfficeTerm.objects.filter(pk=pk, until__lt=timezone.localdate()).first()
        if term is None:
            return 0
        row = Member.objects.select_for_update(no_key=True).get(pk=term.member_id)
        if term.office == Office.ADMINISTRATOR and not any(one.is_verified and one.pk != row.pk for one in staff):
            _tell_the_last(term)
            return 0
        lay_down(member=row, office=term.office)
        jobs.enqueue(kind=ENDED, subject=row.pk)
        record(verb="office.ended", actor=None, subject=("member", row.pk), office=term.office)
    return 1


def _tell_the_last(term: OfficeTerm) -> None:
    """Tell the last administrator, once a week, that their office is over and goes on."""
    now = timezone.now()
    if term.overdue_told_at is not None and term.overdue_told_at > now - TOLD_AGAIN_AFTER:
        return
    OfficeTerm.objects.filter(pk=term.pk).update(overdue_told_at=now)
    jobs.enqueue(kind=OVERDUE, subject=term.member_id)
    record(verb="office.overdue", actor=None, subject=("member", term.member_id), office=term.office)


def remind_due() -> int:
    """Create and enqueue the reminders that are due, to the holder and to the other administrators; return how many."""
    today, made = timezone.localdate(), 0
    others: set[uuid.UUID] = set()
    with transaction.atomic():
        for number, days in enumerate(DAYS):
            sooner = DAYS[number + 1] if number + 1 < len(DAYS) else -1
            ending = OfficeTerm.objects.filter(
                until__lte=today + timedelta(days=days), until__gt=today + timedelta(days=sooner)
            )
            known = RenewalReminder.objects.filter(
                member=OuterRef("member"), about=OuterRef("office"), until=OuterRef("until"), days=days
            )
            for term in ending.exclude(Exists(known)):
                row, first = RenewalReminder.objects.get_or_create(
                    member_id=term.member_id, about=term.office, until=term.until, days=days
                )
                if first:
                    jobs.enqueue(kind=ENDS, subject=row.pk)
                    staff = Member.objects.verified().filter(is_staff=True).exclude(pk=term.member_id)
                    others.update(staff.values_list("pk", flat=True))
                    made += 1
        for pk in sorted(others):
            jobs.enqueue(kind=OTHERS_END, subject=pk)
    return made
