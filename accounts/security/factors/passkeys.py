"""Passkeys: their registration and use, and the count that gives a copied one away.

allauth and fido2 check challenge, origin, site, signature and user verification. They ignore the signature count
(WebAuthn 7.2, step 22): an authenticator that counts, and comes with a count that it has had, was copied.
"""

from typing import Any, Final

from allauth.account.models import Login
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db import transaction
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts.membership.models import Member
from accounts.security.factors import changes

COUNT: Final = "sign_count"
_MALFORMED = (TypeError, ValueError, KeyError, AttributeError, ValidationError)


def registration_options(member: Member) -> dict[str, Any]:
    """Return what the browser needs to make a passkey that verifies its user; keeps the challenge in the session."""
    return dict(auth.begin_registration(member, True))


def sign_in_options(member: Member | None = None) -> dict[str, Any]:
    """Return what the browser needs to use a passkey, of this member or of anybody; keeps the challenge."""
    return dict(auth.begin_authentication(member))


def checked_registration(credential: Any) -> dict[str, Any]:
    """Return the credential of a new passkey whose user was verified. Raises ValidationError."""
    try:
        RegistrationResponse.from_dict(credential)
        binding = auth.complete_registration(credential)
    except _MALFORMED as error:
        raise get_adapter().validation_error("incorrect_code") from error
    if not binding.is_user_verified():
        raise get_adapter().validation_error("incorrect_code")
    return dict(credential)


def used(credential: Any, *, member: Member | None) -> Authenticator:
    """Return the passkey that made this response, with its user. Raises ValidationError.

    Without a member the response names them (a sign-in by passkey alone).
    """
    try:
        response = AuthenticationResponse.from_dict(credential)
        who = member or auth.extract_user_from_response(credential)
        found = auth.complete_authentication(who, credential)
    except _MALFORMED as error:
        raise get_adapter().validation_error("incorrect_code") from error
    if not counts_up(found, count=response.response.authenticator_data.counter):
        raise get_adapter().validation_error("incorrect_code")
    found.refresh_from_db()
    found.user = who
    return found


def counts_up(passkey: Authenticator, *, count: int) -> bool:
    """Store the count of a use; whether it is plausible. One that is not is logged, and its owner gets a mail.

    Zero on both sides: this authenticator does not count, as those that are synchronised do not.
    """
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().select_related("user").get(pk=passkey.pk)
        stored = row.data.get(COUNT)
        if stored is None:
            stored = row.wrap().authenticator_data.counter
        if (count or stored) and count <= stored:
            changes.note_copied(member=row.user, stored=stored, got=count)
            return False
        row.data[COUNT] = count
        row.save(update_fields=["data"])
    return True


def login_of(passkey: Authenticator, *, redirect_url: str | None) -> Login:
    """Return the sign-in of the passkey's owner."""
    return Login(user=passkey.user, redirect_url=redirect_url)
