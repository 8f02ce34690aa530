"""Notices, times and mails for the tests of notifications."""

import uuid
from datetime import timedelta
from typing import Any

from django.core import mail
from django.utils import timezone

from accounts.models import Member, Session
from core import jobs
from notifications.models import Notice, Preference
from notifications.notices import Kind, delivery, tell


def told(member: Member, kind: Kind = Kind.MENTION, **where: Any) -> Notice | None:
    """Tell a member something, and return the notice; None where they want none."""
    tell(kind, [member.pk], **({"view": "consults:cases"} | where))
    return Notice.objects.filter(member=member, kind=kind).order_by("at").last()


def prefers(member: Member, **how: Any) -> None:
    """A member wants to be told so; without quiet hours unless said otherwise."""
    how = {"quiet_from": 0, "quiet_until": 0} | how
    Preference.objects.update_or_create(member=member, defaults=how)


def deliver() -> list[Any]:
    """Run the rounds of delivery and their jobs; return the mails of this delivery."""
    before = len(mail.outbox)
    delivery.hand_over()
    delivery.hand_over_digests()
    jobs.run_waiting()
    return mail.outbox[before:]


def quiet_now(member: Member, **how: Any) -> None:
    """The member is in quiet hours now, and for at least an hour more."""
    hour = timezone.now().hour
    prefers(member, time_zone="UTC", quiet_from=hour, quiet_until=(hour + 2) % 24, **how)


def digest_is_due(member: Member) -> None:
    """The hour of the member's digest has come."""
    Preference.objects.filter(member=member).update(digest_due_at=timezone.now() - timedelta(minutes=1))


def visit(member: Member) -> None:
    """The member is here, a minute later than everything so far."""
    until = timezone.now() + timedelta(hours=1, minutes=1)
    Session.objects.create(session_key=uuid.uuid4().hex, session_data="", expire_date=until, member=member)
