"""Signing in and out leaves a line in the log."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.dispatch import receiver

from accounts.models import Member
from audit.record import record


@receiver(user_logged_in, dispatch_uid="accounts.record_sign_in")
def record_sign_in(sender: object, user: Member, **kwargs: Any) -> None:
    """Log a sign-in."""
    with transaction.atomic():
        record(verb="member.signed_in", actor=user, subject=("member", user.pk))


@receiver(user_logged_out, dispatch_uid="accounts.record_sign_out")
def record_sign_out(sender: object, user: Member | None, **kwargs: Any) -> None:
    """Log a sign-out; somebody already signed out leaves no line."""
    if user is not None:
        with transaction.atomic():
            record(verb="member.signed_out", actor=user, subject=("member", user.pk))
