"""Steps of a recovery: asked for by mail, confirmed by the mailbox, by two moderators, and after a day in force.

Threat: somebody who reads a member's mail, or talks well, has the factors of an account removed. So the mailbox alone
does nothing, two persons find out independently whether it is the member, by the register and never by the mailbox;
then a day passes in which the owner can stop it by one click in any of three mails, or by signing in with a factor.
"""

import uuid
from datetime import timedelta
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.exceptions import BadReason, NotYet, NotYours
from accounts.membership.models import Member, Standing, normalise_email
from accounts.security import sessions
from accounts.security.factors import rules
from accounts.security.factors import service as factors
from accounts.security.recovery.judges import NEEDED, judges_of
from accounts.security.recovery.models import OPEN, Doubt, Recovery, RecoveryState, RecoveryVote, Way
from accounts.security.recovery.states import RECOVERY
from accounts.security.resetting import RESET, ask_for_link
from audit.record import record
from core import jobs, permissions
from core.states import Moved

WAIT: Final = timedelta(hours=24)
CONFIRM_WITHIN: Final = timedelta(hours=24)
DECIDE_WITHIN: Final = timedelta(days=14)

# Jobs that send a mail. The subject of ASKED is a member, or an id that no member has; of WAITS a moderator.
ASKED: Final = "accounts.recovery_asked"
WAITS: Final = "accounts.recovery_waits"
APPROVED: Final = "accounts.recovery_approved"  # these: a recovery
REFUSED: Final = "accounts.recovery_refused"
DONE: Final = "accounts.recovery_done"


def ask(*, email: str) -> None:
    """Enqueue the mail with which a recovery begins: the same steps for known and unknown addresses."""
    email = normalise_email(email)
    nobody = uuid.UUID(bytes=salted_hmac("accounts.recovery", email, algorithm="sha256").digest()[:16])
    known = Member.objects.filter(email=email).values_list("pk", flat=True).first()
    with transaction.atomic():
        jobs.enqueue(kind=ASKED, subject=known or nobody)


@transaction.atomic
def begin(member_id: uuid.UUID) -> Recovery | None:
    """Return the open recovery of this member, made if need be; None for nobody and for closed accounts.

    Whoever has no factor needs a new password only, and gets the link for it.
    """
    member = Member.objects.select_for_update(no_key=True).filter(pk=member_id).first()
    if member is None or member.standing in (Standing.SUSPENDED, Standing.ERASED):
        return None
    if not rules.factors_of(member).exists():
        jobs.enqueue(kind=RESET, subject=member.pk)
        return None
    known: Recovery | None = Recovery.objects.filter(member=member, state__in=OPEN).first()
    if known is not None:
        return known
    made = Recovery.objects.create(member=member)
    record(verb="recovery.asked", actor=None, subject=("member", member.pk))
    return made


@transaction.atomic
def confirm_address(recovery: Recovery) -> None:
    """Note that the mailbox asked for it, and tell those who may decide. Raises NotYours."""
    RECOVERY.move(recovery, to=RecoveryState.CONFIRMED, confirmed_at=timezone.now())
    for judge in judges_of([recovery])[recovery.pk]:
        jobs.enqueue(kind=WAITS, subject=judge.pk)
    record(verb="recovery.confirmed", actor=None, subject=("member", recovery.member_id))


@transaction.atomic
def vote(*, recovery: Recovery, by: Member, way: str = "", doubt: str = "") -> RecoveryVote:
    """Record what one person found. One doubt ends it; two who identified the member begin the day of waiting.

    Raises NotYours, BadReason.
    """
    if (way in Way.values) == (doubt in Doubt.values):
        raise BadReason(_("Say how you identified the member, or why you could not."))
    row = Recovery.objects.select_for_update(no_key=True, of=("self",)).select_related("member").get(pk=recovery.pk)
    if not permissions.allows(by, "recovery.decide", row):
        raise NotYours(_("Others decide this, or it is decided already."))
    made = RecoveryVote.objects.create(recovery=row, by=by, way=way, doubt=doubt)
    now = timezone.now()
    if doubt:
        RECOVERY.move(row, to=RecoveryState.REFUSED, ended_at=now)
        jobs.enqueue(kind=REFUSED, subject=row.pk)
    elif row.votes.exclude(way="").count() >= NEEDED:
        RECOVERY.move(row, to=RecoveryState.APPROVED, effective_at=now + WAIT)
        jobs.enqueue(kind=APPROVED, subject=row.pk)
    record(verb="recovery.voted", actor=by, subject=("member", row.member_id), way=way, doubt=doubt, state=row.state)
    recovery.refresh_from_db()
    return made


@transaction.atomic
def stop(recovery: Recovery) -> None:
    """Stop an open recovery: the owner said that it was not them, or showed a factor. Raises NotYours."""
    RECOVERY.move(recovery, to=RecoveryState.STOPPED, ended_at=timezone.now())
    record(verb="recovery.stopped", actor=None, subject=("member", recovery.member_id))


@receiver(authenticator_used, dispatch_uid="accounts.stop_recoveries")
def stop_for_factor(user: Member, authenticator: Authenticator, **_sent: Any) -> None:
    """Stop the recovery of somebody who used a passkey or app: they have not lost them."""
    if authenticator.type in rules.STRONG:
        stop_all_of(user)


def stop_all_of(member: Member) -> None:
    """Stop what is open."""
    for one in Recovery.objects.filter(member=member, state__in=OPEN):
        stop(one)


def take_effect() -> int:
    """Complete the recoveries whose day has passed; return how many."""
    due = Recovery.objects.filter(state=RecoveryState.APPROVED, effective_at__lte=timezone.now())
    return sum(_complete(pk) for pk in list(due.values_list("pk", flat=True)))


def _complete(pk: uuid.UUID) -> bool:
    with transaction.atomic():
        row = Recovery.objects.select_related("member").get(pk=pk)
        member = Member.objects.select_for_update(no_key=True).get(pk=row.member_id)
        try:
            if member.standing in (Standing.SUSPENDED, Standing.ERASED):
                stop(row)
                return False
            RECOVERY.move(row, to=RecoveryState.DONE, ended_at=timezone.now())
        except Moved:  # stopped, or done by another worker, at the same moment
            return False
        _begin_anew(member)
        jobs.enqueue(kind=DONE, subject=row.pk)
        record(verb="recovery.done", actor=None, subject=("member", member.pk))
    return True


def _begin_anew(member: Member) -> None:
    """Remove every factor, the password and all sessions."""
    factors.remove_all(member=member, by=None)
    member.set_unusable_password()
    member.save(update_fields=["password"])
    sessions.end_all(member.pk)


@transaction.atomic
def recover_by_command(*, email: str) -> Member:
    """Remove the factors of an account at once, for whoever runs the machine, and send the link. Raises NotYet."""
    member: Member | None = Member.objects.filter(email=normalise_email(email)).first()
    if member is None or member.standing in (Standing.SUSPENDED, Standing.ERASED):
        raise NotYet(_("There is no open account with this address."))
    stop_all_of(member)
    _begin_anew(member)
    ask_for_link(email=member.email)
    record(verb="recovery.commanded", actor=None, subject=("member", member.pk), via="command")
    return member


def expire_old() -> int:
    """Expire what nobody confirmed within a day, or decided within two weeks; return how many."""
    now = timezone.now()
    old = Q(state=RecoveryState.ASKED, asked_at__lt=now - CONFIRM_WITHIN) | Q(
        state=RecoveryState.CONFIRMED, confirmed_at__lt=now - DECIDE_WITHIN
    )
    return RECOVERY.update(Recovery.objects.filter(old), to=RecoveryState.EXPIRED, ended_at=now)
