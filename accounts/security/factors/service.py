"""Adding and removing factors, and making recovery codes; each logged, and told to its owner by mail."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.exceptions import NotYet
from accounts.membership.models import Member
from accounts.security import sessions
from accounts.security.factors import changes, codes, rules

MOST = 10  # passkeys of one member
LONGEST_NAME = 60


def add_passkey(*, request: HttpRequest, member: Member, name: str, credential: dict[str, Any]) -> bool:
    """Add a passkey; whether recovery codes were made with it. Raises NotYet."""
    with transaction.atomic():
        _lock(member)
        if Authenticator.objects.filter(user=member, type=Authenticator.Type.WEBAUTHN).count() >= MOST:
            raise NotYet(_("You have ten passkeys. Remove one that you do not use first."))
        made = WebAuthn.add(member, name[:LONGEST_NAME], credential).instance
        first = _added(request, member, made)
    _remember(request, member, made)
    return first


def add_app(*, request: HttpRequest, member: Member, secret: str, counter: int) -> bool:
    """Add an authenticator app in place of an earlier one; whether recovery codes were made with it."""
    with transaction.atomic():
        _lock(member)
        for old in Authenticator.objects.filter(user=member, type=Authenticator.Type.TOTP):
            old.delete()
        data = codes.totp_data(secret, counter=counter)
        made = Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data=data)
        first = _added(request, member, made)
    request.session.pop(codes.DRAFT, None)
    _remember(request, member, made)
    return first


def rename_passkey(*, passkey: Authenticator, name: str) -> None:
    """Give a passkey another name."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=passkey.pk)
        row.data["name"] = name[:LONGEST_NAME]
        row.save(update_fields=["data"])


@transaction.atomic
def remove(*, member: Member, factor: Authenticator, keep: str | None = None) -> None:
    """Remove a passkey or app, and end all sessions but the one with the key `keep`.

    The recovery codes go with the last one. Raises NotYet for the last one of an office.
    """
    row = _lock(member)
    if not rules.may_remove(row, factor):
        raise NotYet(_("Moderators, privacy officers and administrators keep one at all times. Add another one first."))
    factor.delete()
    if not rules.factors_of(row).exists():
        _delete_codes(row)
    sessions.end_others(member=row, this=keep)
    changes.note_removed(member=row, kind=factor.type, by=row)


@transaction.atomic
def make_codes(*, member: Member) -> None:
    """Make ten recovery codes in place of the earlier ones. Raises NotYet without a passkey or app."""
    row = _lock(member)
    if not rules.factors_of(row).exists():
        raise NotYet(_("Add a passkey or an authenticator app first."))
    _delete_codes(row)
    RecoveryCodes.activate(row)
    changes.note_codes_made(member=row)


@transaction.atomic
def remove_all(*, member: Member, by: Member | None, tells: bool = True) -> int:
    """Remove every factor and recovery code, as a recovery and an erasure do; return how many factors.

    `tells` by mail: not somebody who has left.
    """
    row = _lock(member)
    found = list(rules.factors_of(row))
    for factor in found:
        factor.delete()
        changes.note_removed(member=row, kind=factor.type, by=by, tells=tells)
    _delete_codes(row)
    return len(found)


def _lock(member: Member) -> Member:
    """Lock the member's row, so that of two changes at once each sees the other."""
    row: Member = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    return row


def _added(request: HttpRequest, member: Member, made: Authenticator) -> bool:
    # A session that somebody opened with the password alone must not go on because its owner has a factor now.
    sessions.end_others(member=member, this=request.session.session_key)
    first = codes.recovery_codes(member) is None
    if first:
        RecoveryCodes.activate(member)
    changes.note_added(member=member, kind=made.type)
    return first


def _remember(request: HttpRequest, member: Member, made: Authenticator) -> None:
    """Note in the session that this factor was given: it was, to enrol it."""
    record_authentication(request, member, "mfa", id=made.pk, type=made.type)


def _delete_codes(member: Member) -> None:
    for row in Authenticator.objects.filter(user=member, type=Authenticator.Type.RECOVERY_CODES):
        row.delete()
