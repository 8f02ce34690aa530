"""The link in the mails of a recovery: one page, on which its owner confirms, follows or stops it."""

import uuid
from typing import Final

from django.core import signing
from django.urls import reverse

from accounts.security.recovery.models import Recovery

DAYS: Final = 30
_SALT = "accounts.recovery-link"


def path_of(recovery: Recovery) -> str:
    """Return the path of the page."""
    return reverse("accounts:recovery_link", args=[signing.dumps(str(recovery.pk), salt=_SALT)])


def recovery_of(token: str) -> Recovery | None:
    """Return the recovery that a link is of; None for a damaged or old one."""
    try:
        pk = uuid.UUID(signing.loads(token, salt=_SALT, max_age=DAYS * 24 * 3600))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return Recovery.objects.filter(pk=pk).first()
