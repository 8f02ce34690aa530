"""The request for a new password: the same work for a known address and an unknown one."""

import uuid
from typing import Final

from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.membership.models import Member, normalise_email
from core import jobs

RESET: Final = "accounts.reset"  # subject: a member, or an id that no member has


def ask_for_link(*, email: str) -> None:
    """Enqueue the mail with the link for a new password.

    Threat: the answer takes longer for an address that has an account. An unknown address gets a job too, whose
    handler finds nobody; its subject is always the same one, so that asking twice takes the same way as well.
    """
    email = normalise_email(email)
    nobody = uuid.UUID(bytes=salted_hmac("accounts.resetting", email, algorithm="sha256").digest()[:16])
    known = Member.objects.filter(email=email).values_list("pk", flat=True).first()
    with transaction.atomic():
        jobs.enqueue(kind=RESET, subject=known or nobody)
