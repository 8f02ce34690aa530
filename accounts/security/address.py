"""The change of a member's e-mail address: both addresses confirm it by a link, within an hour; each can stop it.

Threat: somebody at a borrowed session moves the account to a mailbox of theirs; so the old address must agree. And
somebody types an address to learn whether it has an account; so the page says the same, and takes as long, for both.
"""

import uuid
from datetime import timedelta
from enum import StrEnum
from typing import Final

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import NotYet
from accounts.membership.models import Member, normalise_email
from accounts.security import sessions
from accounts.security.changes import tell_of_change
from accounts.security.models import AddressChange, Change
from accounts.security.recovery.service import stop_all_of
from audit.record import record
from core import jobs

ASK_OLD: Final = "accounts.address_old"  # subject: the change
ASK_NEW: Final = "accounts.address_new"  # subject: the change
VALID: Final = timedelta(hours=1)
_SALT: Final = "accounts.change-address"


class Side(StrEnum):
    """Whose mailbox a link was sent to."""

    OLD = "old"
    NEW = "new"


class BadLink(Exception):
    """A link that is damaged or over, or whose change was made or stopped."""


def ask(*, member: Member, email: str) -> AddressChange:
    """Have both addresses asked; an earlier wish is forgotten. Raises NotYet for the present address."""
    email = normalise_email(email)
    if email == member.email:
        raise NotYet(_("This is your address already. Write the new one."))
    with transaction.atomic():
        AddressChange.objects.filter(member=member).delete()
        change = AddressChange.objects.create(member=member, email=email)
        for kind in (ASK_OLD, ASK_NEW):
            jobs.enqueue(kind=kind, subject=change.pk)
        record(verb="member.address_asked", actor=member, subject=("member", member.pk))
    return change


def waiting(member: Member) -> AddressChange | None:
    """Return the change that waits for its links to be opened, or None."""
    return AddressChange.objects.filter(member=member, asked_at__gt=timezone.now() - VALID).first()


def link(change: AddressChange, side: Side) -> str:
    """Return the path of the page on which this mailbox confirms or stops the change."""
    return reverse("accounts:confirm_address", args=[signing.dumps([str(change.pk), side], salt=_SALT)])


def open_link(token: str) -> tuple[AddressChange, Side]:
    """Return the change and the mailbox that the token of a link stands for. Raises BadLink."""
    try:
        pk, side = signing.loads(token, salt=_SALT, max_age=VALID)
        found = AddressChange.objects.select_related("member").get(
            pk=uuid.UUID(pk), asked_at__gt=timezone.now() - VALID
        )
        return found, Side(side)
    except (signing.BadSignature, ValueError, TypeError, AttributeError, AddressChange.DoesNotExist) as error:
        raise BadLink from error


@transaction.atomic
def confirm(*, change: AddressChange, side: Side, this: str | None = None) -> bool:
    """Note that a mailbox agrees; make the change when both do, and return whether it was made.

    `this` is the key of the member's session that goes on; all others end. Raises BadLink, NotYet.
    """
    locked = AddressChange.objects.select_for_update(of=("self",)).filter(pk=change.pk).first()
    if locked is None:
        raise BadLink
    field = "old_confirmed_at" if side == Side.OLD else "new_confirmed_at"
    setattr(locked, field, timezone.now())
    locked.save(update_fields=[field])
    if locked.old_confirmed_at is None or locked.new_confirmed_at is None:
        return False
    _make(locked, this=this)
    return True


def _make(change: AddressChange, *, this: str | None) -> None:
    member, old = change.member, change.member.email
    try:
        with transaction.atomic():
            Member.objects.filter(pk=member.pk, email=old).update(email=change.email)
    except IntegrityError as error:
        raise NotYet(_("This address cannot be used any more. Ask for the change again, with another one.")) from error
    EmailAddress.objects.filter(user=member).delete()
    change.delete()
    sessions.end_others(member=member, this=this)
    stop_all_of(member)  # the links of a recovery lie in the former mailbox
    member.refresh_from_db()
    tell_of_change(member, Change.ADDRESS, to=old)
    tell_of_change(member, Change.ADDRESS)
    record(verb="member.address_changed", actor=member, subject=("member", member.pk))


@transaction.atomic
def stop(*, change: AddressChange) -> None:
    """Stop the change, from either mailbox or by its member; without effect when it is over."""
    if AddressChange.objects.filter(pk=change.pk).delete()[0]:
        tell_of_change(change.member, Change.ADDRESS_STOPPED)
        record(verb="member.address_stopped", actor=None, subject=("member", change.member_id))


def forget() -> int:
    """Delete changes whose links are over; return how many."""
    return AddressChange.objects.filter(asked_at__lte=timezone.now() - VALID).delete()[0]
