"""Security events of accounts in the log: sign-in, sign-out, failed sign-in, new password, reauthentication.

A sign-in with an unknown address is logged too, without the address, so that it takes as long as a known one.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, password_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from accounts.membership.models import Member, normalise_email
from accounts.security import sessions, trusted_devices
from accounts.security.changes import tell_of_change
from accounts.security.devices import device_of
from accounts.security.models import Change
from accounts.security.session_store import DEVICE, SIGNED_IN_AT
from audit.models import Event
from audit.record import record
from core.ids import new_id

RECOVERY_CODES = "recovery_codes"  # as allauth calls a record of one
SIGNED_IN = "member.signed_in"


@receiver(user_logged_in, dispatch_uid="accounts.record_sign_in")
def record_sign_in(sender: object, request: HttpRequest, user: Member, **kwargs: Any) -> None:
    """Store start and device of the session, log the sign-in, and tell of a browser that is new to the account."""
    request.session[SIGNED_IN_AT] = int(time.time())
    request.session[DEVICE] = list(device_of(request))
    with transaction.atomic():
        if _is_new_device(request, user):
            tell_of_change(user, Change.NEW_DEVICE, request=request)
        record(verb=SIGNED_IN, actor=user, subject=("member", user.pk), ways=_ways(request, user))
    trusted_devices.remember_with_answer(request, email=user.email)


def _is_new_device(request: HttpRequest, user: Member) -> bool:
    """Whether this browser signs in to the account for the first time, and another one did before."""
    if not request.META or trusted_devices.device_token(request, email=user.email):
        return False
    return Event.objects.filter(subject_type="member", subject_id=user.pk, verb=SIGNED_IN).exists()


@receiver(user_logged_out, dispatch_uid="accounts.record_sign_out")
def record_sign_out(sender: object, user: Member | None, **kwargs: Any) -> None:
    """Log a sign-out, unless nobody was signed in."""
    if user is not None:
        with transaction.atomic():
            record(verb="member.signed_out", actor=user, subject=("member", user.pk))


@receiver(user_login_failed, dispatch_uid="accounts.record_failed_sign_in")
def record_failed_sign_in(sender: object, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Log a wrong password, at sign-in or reauthentication."""
    member = Member.objects.filter(email=normalise_email(str(credentials.get("email", "")))).first()
    with transaction.atomic():
        subject = ("member", member.pk) if member is not None else ("unknown_address", new_id())
        record(verb="member.sign_in_failed", actor=None, subject=subject)


@receiver(password_changed, dispatch_uid="accounts.record_password_changed")
@receiver(password_reset, dispatch_uid="accounts.record_password_reset")
def record_password_change(sender: object, request: HttpRequest, user: Member, signal: object, **kwargs: Any) -> None:
    """Log that a password was changed with the old one, or reset by a link; end other sessions, and tell the member."""
    is_reset = signal is not password_changed
    with transaction.atomic():
        sessions.end_others(member=user, this=None if is_reset else request.session.session_key)
        tell_of_change(user, Change.PASSWORD_RESET if is_reset else Change.PASSWORD, request=request)
        verb = "member.password_reset" if is_reset else "member.password_changed"
        record(verb=verb, actor=user, subject=("member", user.pk))


def _ways(request: HttpRequest, user: Member) -> list[str]:
    """Return how somebody signed in: "password", and the kind of each factor."""
    records = get_authentication_records(request, user)
    return [str(one.get("type") or one.get("method")) for one in records]


def record_reauthentication(member: Member) -> None:
    """Log that a signed-in member reauthenticated."""
    with transaction.atomic():
        record(verb="member.confirmed", actor=member, subject=("member", member.pk))


def reauthenticated_recently(request: HttpRequest) -> bool:
    """Whether the member reauthenticated recently, after signing in, within ACCOUNT_REAUTHENTICATION_TIMEOUT (seconds).

    By passkey or authenticator app; by password only for somebody who has neither (`views.Reauthenticate` decides).
    A recovery code does not do: it is for getting in and making a new factor.
    """
    if not isinstance(request.user, Member):
        return False
    shown = [one for one in get_authentication_records(request, request.user) if one.get("reauthenticated")]
    return any(_is_recent(one) and one.get("type") != RECOVERY_CODES for one in shown[-1:])


def ask_again(request: HttpRequest) -> HttpResponse:
    """Lead to reauthentication, and from there back to this page."""
    return redirect_to_login(request.get_full_path(), resolve_url("account_reauthenticate"))


def confirms_identity(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Take what is sent to a view only from somebody who reauthenticated recently; lead others to do so and back.

    The tab keeps what was typed meanwhile (static/core/unsent.js): it is not lost.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not reauthenticated_recently(request):
            return ask_again(request)
        return view(request, *args, **kwargs)

    return asked


def signed_in_recently(request: HttpRequest) -> bool:
    """Whether the member showed recently who they are, by signing in or again: what a change of factors needs.

    By passkey, app or recovery code; by password only before the first factor. So nobody enrols a factor of their own
    in a session that was left open.
    """
    member = request.user
    if not isinstance(member, Member):
        return False
    records = [one for one in get_authentication_records(request, member) if _is_recent(one)]
    return any(one.get("method") == "mfa" or member.factor_enrolled_at is None for one in records)


def _is_recent(one: dict[str, Any]) -> bool:
    return bool(0 <= time.time() - one["at"] < app_settings.REAUTHENTICATION_TIMEOUT)
