"""What happens to an account's security leaves a line in the log: in, out, refused, a new password, once more.

An address that nobody has is logged too, without the address: the answer takes as long as for a known one.
"""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, password_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import Member, normalise_email
from audit.record import record
from core.ids import new_id

SIGNED_IN_AT = "signed_in_at"  # seconds since 1970; kept in the session, read by accounts.middleware


@receiver(user_logged_in, dispatch_uid="accounts.record_sign_in")
def record_sign_in(sender: object, request: HttpRequest, user: Member, **kwargs: Any) -> None:
    """Note when the session began, for its absolute limit, and log the sign-in."""
    request.session[SIGNED_IN_AT] = int(time.time())
    with transaction.atomic():
        record(verb="member.signed_in", actor=user, subject=("member", user.pk))


@receiver(user_logged_out, dispatch_uid="accounts.record_sign_out")
def record_sign_out(sender: object, user: Member | None, **kwargs: Any) -> None:
    """Log a sign-out; somebody already signed out leaves no line."""
    if user is not None:
        with transaction.atomic():
            record(verb="member.signed_out", actor=user, subject=("member", user.pk))


@receiver(user_login_failed, dispatch_uid="accounts.record_refusal")
def record_refusal(sender: object, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Log a wrong password, at the sign-in or when it is asked for once more."""
    member = Member.objects.filter(email=normalise_email(str(credentials.get("email", "")))).first()
    with transaction.atomic():
        subject = ("member", member.pk) if member is not None else ("unknown_address", new_id())
        record(verb="member.sign_in_failed", actor=None, subject=subject)


@receiver(password_changed, dispatch_uid="accounts.record_password_changed")
@receiver(password_reset, dispatch_uid="accounts.record_password_reset")
def record_new_password(sender: object, user: Member, signal: object, **kwargs: Any) -> None:
    """Log that a password was changed by who knew the old one, or replaced by who reads the mail."""
    verb = "member.password_changed" if signal is password_changed else "member.password_reset"
    with transaction.atomic():
        record(verb=verb, actor=user, subject=("member", user.pk))


def record_confirmed(member: Member) -> None:
    """Log that somebody signed in showed once more who they are."""
    with transaction.atomic():
        record(verb="member.confirmed", actor=member, subject=("member", member.pk))


def confirmed_lately(request: HttpRequest) -> bool:
    """Whether whoever sits here has shown within the last minutes, after signing in, that they are this member.

    By password or by a second factor, as allauth's `account_reauthenticate` asks for it; for how long this counts
    is ACCOUNT_REAUTHENTICATION_TIMEOUT (seconds).
    """
    if not isinstance(request.user, Member):
        return False
    shown = [one["at"] for one in get_authentication_records(request, request.user) if one.get("reauthenticated")]
    return bool(shown) and 0 <= time.time() - shown[-1] < app_settings.REAUTHENTICATION_TIMEOUT
