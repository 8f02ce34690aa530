"""Signing in and out leaves a line in the log, and in the session the time at which it began."""

import time
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import Member
from audit.record import record

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
