"""Notices by mail: they say that there is something to read, never what."""

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

LINK_DAYS = 7
_SALT = "accounts.confirm-address"

# Kinds of jobs that send one; `accounts.tasks` does them. None says more than "sign in".
RECEIVED, KNOWN, DECIDED, ASKED = (
    "accounts.received",
    "accounts.known",
    "accounts.decided",
    "accounts.asked",
)


class BadLink(Exception):
    """The link in the mail is damaged or older than a week."""


@dataclass(frozen=True)
class Notice:
    """One mail: `name` picks templates/accounts/mail/<name>.txt, whose first line is the subject."""

    name: str
    to: str
    path: str


def send(notice: Notice) -> None:
    """Send a notice. Raises OSError or smtplib.SMTPException; the job is then tried again."""
    address = settings.SITE_ADDRESS.rstrip("/") + notice.path
    text = render_to_string(
        f"accounts/mail/{notice.name}.txt",
        {"site_name": settings.SITE_NAME, "address": address},
    )
    subject, _blank, body = text.strip().partition("\n")
    EmailMessage(subject=subject.strip(), body=body.strip() + "\n", to=[notice.to]).send()


def confirmation_path(application_id: uuid.UUID) -> str:
    """The page that proves that the applicant reads this mailbox; good for a week."""
    return reverse("accounts:confirm", args=[signing.dumps(str(application_id), salt=_SALT)])


def application_in(token: str) -> uuid.UUID:
    """The application a link is about. Raises BadLink."""
    try:
        return uuid.UUID(signing.loads(token, salt=_SALT, max_age=LINK_DAYS * 24 * 3600))
    except (signing.BadSignature, ValueError, TypeError, AttributeError) as error:
        raise BadLink from error
