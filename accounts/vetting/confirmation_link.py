"""The link by which an applicant proves that a mailbox is theirs: signed, valid for a week."""

import uuid

from django.core import signing
from django.urls import reverse

LINK_DAYS = 7
_SALT = "accounts.confirm-address"


class BadLink(Exception):
    """A link that is damaged or older than a week."""


def confirmation_path(application_id: uuid.UUID) -> str:
    """Return the path of the page that confirms the address of this application."""
    return reverse("accounts:confirm", args=[signing.dumps(str(application_id), salt=_SALT)])


def application_id_from(token: str) -> uuid.UUID:
    """Return the application id that the token of a link carries. Raises BadLink."""
    try:
        return uuid.UUID(signing.loads(token, salt=_SALT, max_age=LINK_DAYS * 24 * 3600))
    except (signing.BadSignature, ValueError, TypeError, AttributeError) as error:
        raise BadLink from error
