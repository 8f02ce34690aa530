"""Verification, suspension, lifting and lapse of members, by conditional updates that are logged."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import BadReason, NotYours, TooLate
from accounts.membership import renewal
from accounts.membership.models import Member, Standing, Verification
from accounts.membership.states import STANDING, VERIFIABLE, Moved
from accounts.membership.suspension import events
from accounts.membership.suspension.models import LiftReason, Suspension, SuspensionReason, SuspensionState
from accounts.membership.suspension.states import SUSPENSION
from accounts.membership.yearly.models import CheckState, YearlyCheck
from accounts.membership.yearly.states import CHECK
from accounts.security import sessions
from audit.models import Event
from audit.record import record
from core import jobs, permissions
from core.deadlines import add_months

# Sent when a verification began, ended or got another last day, in its transaction and before the line in the log:
# `member_id` says whose. What somebody has posted is seen only while they are verified.
standing_changed = Signal()

__all__ = [
    "LiftReason",
    "SuspensionReason",
    "extend",
    "lapse_expired",
    "reinstate",
    "standing_changed",
    "suspend",
    "verify",
]


def verify(*, member_id: uuid.UUID, supervisor: uuid.UUID | None, **fields: Any) -> None:
    """Verify a member in full, from today or from the end of a verification that they renew early; set `fields` too.

    In the caller's transaction. Raises NotYours for a suspended member.
    """
    row = Member.objects.select_for_update(no_key=True).get(pk=member_id)
    today = timezone.localdate()
    begins = row.verified_until if row.may_renew and row.verified_until else today  # who renews early loses no day
    until = add_months(begins, int(settings.RULES["membership_months"]))
    if row.is_verified and row.verified_until:
        until = max(until, row.verified_until)
    known = Verification.objects.filter(pk=row.pk).first()
    since = known.since if known and row.is_verified else today
    try:
        STANDING.move(
            row, start=VERIFIABLE, to=Standing.VERIFIED, verified_until=until, supervisor=supervisor, **fields
        )
    except Moved as moved:
        sentence = _("This person was suspended in the meantime. An administrator must reinstate them first.")
        raise NotYours(sentence) from moved
    due = add_months(begins, int(settings.RULES["full_check_months"]))
    Verification.objects.update_or_create(member=row, defaults={"since": since, "full_due_on": due})
    CHECK.update(YearlyCheck.objects.filter(member=row), start=CheckState.WAITING, to=CheckState.SUPERSEDED)
    standing_changed.send(sender=Member, member_id=row.pk)


def extend(*, member_id: uuid.UUID, until: date) -> None:
    """Verify a member until a later day after a light check, in the caller's transaction. Raises NotYours.

    A membership that lapsed while the moderator was late goes on.
    """
    row = Member.objects.select_for_update(no_key=True).get(pk=member_id)
    STANDING.move(row, start=(Standing.VERIFIED, Standing.LAPSED), to=Standing.VERIFIED, verified_until=until)
    standing_changed.send(sender=Member, member_id=row.pk)


def suspend(*, member: Member, by: Member, reason: str, note: str = "") -> None:
    """Suspend a member with immediate effect and end their sessions; `note` tells them more than the reason.

    Raises NotYours, BadReason, TooLate.
    """
    if reason not in SuspensionReason.values:
        raise BadReason(_("Choose why."))
    with transaction.atomic():
        if not permissions.allows(by, "member.suspend", member):
            raise NotYours(_("You cannot suspend this person; an administrator can."))
        if _suspensions_today(by, of=member) >= int(settings.RULES["suspensions_a_day"]):
            raise TooLate(_("You have suspended as many members as one person may in a day. Ask somebody else."))
        row = Member.objects.get(pk=member.pk)
        former = row.standing
        try:
            STANDING.move(row, to=Standing.SUSPENDED)
        except Moved as moved:
            raise NotYours(_("This member is suspended already.")) from moved
        made = Suspension.objects.create(member=row, by=by, reason=reason, note=note.strip(), former=former)
        ended = sessions.end_all(row.pk)
        standing_changed.send(sender=Member, member_id=row.pk)
        jobs.enqueue(kind=events.SUSPENDED, subject=made.pk)
        record(
            verb="member.suspended",
            actor=by,
            subject=("member", row.pk),
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


def reinstate(*, member: Member, by: Member, reason: str, answer: str = "") -> None:
    """Lift a suspension: the member stands as before it, lapsed if the end date has passed. `answer` tells them more.

    Another person lifts it than the one who imposed it, unless the member had asked for it, or nobody else may.
    Raises NotYours, BadReason.
    """
    if reason not in LiftReason.values:
        raise BadReason(_("Choose why the suspension ends."))
    with transaction.atomic():
        if not permissions.allows(by, "member.reinstate", member):
            raise NotYours(_("Another moderator or administrator lifts this: you imposed it, or may not."))
        row = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
        found = Suspension.objects.filter(member=row).exclude(state=SuspensionState.LIFTED).first()
        back = _standing_after(row, found)
        try:
            STANDING.move(row, start=Standing.SUSPENDED, to=back)
        except Moved as moved:
            raise NotYours(_("This member is not suspended.")) from moved
        if found is not None:
            SUSPENSION.move(
                found,
                to=SuspensionState.LIFTED,
                lifted_by=by,
                lifted_at=timezone.now(),
                lift_reason=reason,
                alone=found.by_id == by.pk,
                answer=answer.strip() or found.answer,
            )
            jobs.enqueue(kind=events.LIFTED, subject=found.pk)
        standing_changed.send(sender=Member, member_id=row.pk)
        record(
            verb="member.reinstated",
            actor=by,
            subject=("member", row.pk),
            reason=reason,
            standing=str(back),
        )
    member.refresh_from_db()


def _standing_after(row: Member, found: Suspension | None) -> Standing:
    """Return the standing of a suspended member once it is lifted."""
    if found is not None and found.former == Standing.DECLINED:
        return Standing.DECLINED
    holds = row.verified_until is not None and row.verified_until >= timezone.localdate()
    holds = holds and bool(row.profession or row.is_officer)
    return Standing.VERIFIED if holds else Standing.LAPSED


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
        expired = Member.objects.filter(pk=pk, verified_until__lt=timezone.localdate())
        done = STANDING.update(expired, start=Standing.VERIFIED, to=Standing.LAPSED)
        if done:
            standing_changed.send(sender=Member, member_id=pk)
            jobs.enqueue(kind=renewal.LAPSED, subject=pk)
            record(verb="member.lapsed", actor=None, subject=("member", pk))
    return done
