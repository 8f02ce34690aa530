"""Mail to members: it links to a page and contains nothing of it."""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string


@dataclass(frozen=True)
class Notice:
    """A mail: `name` selects templates/notifications/mail/<name>.txt, whose first line is the subject."""

    name: str
    to: str
    path: str


def send(notice: Notice) -> None:
    """Send a notice. Raises OSError or smtplib.SMTPException, upon which the job is retried."""
    address = settings.SITE_ADDRESS.rstrip("/") + notice.path
    text = render_to_string(
        f"notifications/mail/{notice.name}.txt",
        {"site_name": settings.SITE_NAME, "address": address},
    )
    subject, _blank, body = text.strip().partition("\n")
    EmailMessage(subject=subject.strip(), body=body.strip() + "\n", to=[notice.to]).send()
