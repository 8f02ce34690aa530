"""The links by which applicants prove that a mailbox is theirs: signed, valid for a week."""

import uuid

from django.core import signing
from django.urls import reverse

LINK_DAYS = 7
_SALT = "accounts.confirm-address"
_DRAFT_SALT = "accounts.finish-draft"


class BadLink(Exception):
    """A link that is damaged or older than a week."""


def confirmation_path(application_id: uuid.UUID) -> str:
    """Return the path of the page that confirms the address of this application."""
    return reverse("accounts:confirm", args=[signing.dumps(str(application_id), salt=_SALT)])


def application_id_from(token: str) -> uuid.UUID:
    """Return the application id that the token of a link carries. Raises BadLink."""
    return _id_from(token, salt=_SALT)


def finishing_path(draft_id: uuid.UUID) -> str:
    """Return the path of the page on which the owner of the address makes an account of a draft."""
    return reverse("accounts:finish", args=[signing.dumps(str(draft_id), salt=_DRAFT_SALT)])


def draft_id_from(token: str) -> uuid.UUID:
    """Return the draft's id that the token of a link carries. Raises BadLink."""
    return _id_from(token, salt=_DRAFT_SALT)


def _id_from(token: str, *, salt: str) -> uuid.UUID:
    try:
        return uuid.UUID(signing.loads(token, salt=salt, max_age=LINK_DAYS * 24 * 3600))
    except (signing.BadSignature, ValueError, TypeError, AttributeError) as error:
        raise BadLink from error
