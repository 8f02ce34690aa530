"""Suspension, reinstatement and lapse of members, by conditional updates that are logged."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.exceptions import BadReason, NotYours, TooLate
from accounts.membership import renewal
from accounts.membership.models import Member, Standing
from accounts.security import sessions
from audit.models import Event
from audit.record import record
from core import jobs, permissions

# Sent when a verification began, ended or got another last day, in its transaction and before the line in the log:
# `member_id` says whose. What somebody has posted is seen only while they are verified.
standing_changed = Signal()


class SuspensionReason(models.TextChoices):
    """Reasons for a suspension."""

    PRIVACY = "privacy", gettext_lazy("A patient's privacy was at risk")
    CONDUCT = "conduct", gettext_lazy("Professional conduct")
    REGISTER = "register", gettext_lazy("The register shows a change")
    SECURITY = "security", gettext_lazy("The account may be in other hands")
    REQUESTED = "requested", gettext_lazy("The member asked for it")


def suspend(*, member: Member, by: Member, reason: str) -> None:
    """Suspend a member with immediate effect and end their sessions. Raises NotYours, BadReason, TooLate."""
    if reason not in SuspensionReason.values:
        raise BadReason(_("Choose why."))
    with transaction.atomic():
        if not permissions.allows(by, "member.suspend", member):
            raise NotYours(_("You cannot suspend this person; an administrator can."))
        if _suspensions_today(by, of=member) >= int(settings.RULES["suspensions_a_day"]):
            raise TooLate(_("You have suspended as many members as one person may in a day. Ask somebody else."))
        done = (
            Member.objects.filter(pk=member.pk)
            .exclude(standing__in=[Standing.SUSPENDED, Standing.ERASED])
            .update(standing=Standing.SUSPENDED)
        )
        if not done:
            raise NotYours(_("This member is suspended already."))
        ended = sessions.end_all(member.pk)
        standing_changed.send(sender=Member, member_id=member.pk)
        record(
            verb="member.suspended",
            actor=by,
            subject=("member", member.pk),
            reason=reason,
            sessions=ended,
        )
    member.refresh_from_db()


def _suspensions_today(by: Member, *, of: Member) -> int:
    """Return how many members this person suspended within a day.

    Locks both rows in the order of their ids: so that all are counted, and two may suspend one another at once. No key
    is locked: whoever answers or writes refers to a member, and would wait crosswise.
    """
    list(Member.objects.select_for_update(no_key=True).filter(pk__in=(by.pk, of.pk)).order_by("pk").values_list("pk"))
    lately = timezone.now() - timedelta(days=1)
    return Event.objects.filter(verb="member.suspended", actor_id=by.pk, at__gt=lately).count()


def reinstate(*, member: Member, by: Member, reason: str) -> None:
    """End a suspension: verified again, or lapsed if the end date has passed. Raises NotYours, BadReason."""
    if reason not in SuspensionReason.values:
        raise BadReason(_("Choose what the suspension was for."))
    with transaction.atomic():
        if not permissions.allows(by, "member.reinstate", member):
            raise NotYours(_("You cannot reinstate this person; an administrator can."))
        suspended = Member.objects.filter(pk=member.pk, standing=Standing.SUSPENDED)
        back = Standing.VERIFIED
        done = suspended.filter(verified_until__gte=timezone.localdate()).update(standing=back)
        if not done:
            back = Standing.LAPSED
            done = suspended.update(standing=back)
        if not done:
            raise NotYours(_("This member is not suspended."))
        standing_changed.send(sender=Member, member_id=member.pk)
        record(
            verb="member.reinstated",
            actor=by,
            subject=("member", member.pk),
            reason=reason,
            standing=str(back),
        )
    member.refresh_from_db()


def lapse_expired() -> int:
    """Mark members past their end date as lapsed; return how many. The date alone already denies them access."""
    expired: list[uuid.UUID] = list(
        Member.objects.filter(standing=Standing.VERIFIED, verified_until__lt=timezone.localdate()).values_list(
            "pk", flat=True
        )
    )
    return sum(_lapse(pk) for pk in expired)


def _lapse(pk: uuid.UUID) -> int:
    with transaction.atomic():
        expired = Member.objects.filter(pk=pk, standing=Standing.VERIFIED, verified_until__lt=timezone.localdate())
        done: int = expired.update(standing=Standing.LAPSED)
        if done:
            standing_changed.send(sender=Member, member_id=pk)
            jobs.enqueue(kind=renewal.LAPSED, subject=pk)
            record(verb="member.lapsed", actor=None, subject=("member", pk))
    return done
