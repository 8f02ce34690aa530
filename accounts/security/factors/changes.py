"""What follows a change of factors: a line in the log, and a mail to the address of the account."""

from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from django.db import transaction
from django.dispatch import receiver

from accounts.membership.models import Member
from audit.record import record
from core import jobs

# Jobs that send a mail; the subject is the member.
ADDED: Final = "accounts.factor_added"
REMOVED: Final = "accounts.factor_removed"
CODES_MADE: Final = "accounts.codes_made"
CODE_USED: Final = "accounts.code_used"
COPIED: Final = "accounts.passkey_copied"


@transaction.atomic
def note_added(*, member: Member, kind: str) -> None:
    """Log that a passkey or app was added, and enqueue the mail."""
    jobs.enqueue(kind=ADDED, subject=member.pk)
    record(verb="member.factor_added", actor=member, subject=("member", member.pk), factor=str(kind))


@transaction.atomic
def note_removed(*, member: Member, kind: str, by: Member | None, tells: bool = True) -> None:
    """Log that a passkey or app was removed, and enqueue the mail unless nobody is to be told."""
    if tells:
        jobs.enqueue(kind=REMOVED, subject=member.pk)
    record(verb="member.factor_removed", actor=by, subject=("member", member.pk), factor=str(kind))


@transaction.atomic
def note_codes_made(*, member: Member) -> None:
    """Log that recovery codes were made, and enqueue the mail."""
    jobs.enqueue(kind=CODES_MADE, subject=member.pk)
    record(verb="member.codes_made", actor=member, subject=("member", member.pk))


@transaction.atomic
def note_code_used(*, member: Member, left: int) -> None:
    """Log that a recovery code was used, and how many are left; enqueue the mail."""
    jobs.enqueue(kind=CODE_USED, subject=member.pk)
    record(verb="member.code_used", actor=member, subject=("member", member.pk), left=left)


@transaction.atomic
def note_copied(*, member: Member, stored: int, got: int) -> None:
    """Log that a passkey counted backwards, as a copy of it does, and enqueue the mail."""
    jobs.enqueue(kind=COPIED, subject=member.pk)
    record(verb="member.passkey_copied", actor=None, subject=("member", member.pk), stored=stored, got=got)


@receiver(authentication_failed, dispatch_uid="accounts.record_wrong_factor")
def record_wrong_factor(user: Member, authenticator: Authenticator, **_sent: Any) -> None:
    """Log a wrong code, at sign-in or reauthentication."""
    with transaction.atomic():
        record(verb="member.sign_in_failed", actor=None, subject=("member", user.pk), factor=str(authenticator.type))
