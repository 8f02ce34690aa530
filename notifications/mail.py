"""Mail to members: it links to a page and contains nothing of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from accounts.membership.models import ERASED
from accounts.models import Member


@dataclass(frozen=True)
class Notice:
    """A mail: `name` selects templates/notifications/mail/<name>.txt, whose first line is the subject.

    `reason` is a sentence of the site's own, translated when it is sent; never what somebody wrote.
    `facts` are for mails about the member's own account; `language` is that of a member who has no such address.
    `headers` are further headers of the mail.
    """

    name: str
    to: str
    path: str
    reason: str | Promise = ""
    language: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def send(notice: Notice) -> None:
    """Send a notice in the language of the member with that address.

    Raises OSError or smtplib.SMTPException, upon which the job is retried.
    """
    address = settings.SITE_ADDRESS.rstrip("/") + notice.path
    if notice.to.endswith(ERASED):
        return
    language = notice.language or Member.objects.filter(email=notice.to).values_list("language", flat=True).first()
    with translation.override(language or settings.LANGUAGE_CODE):
        text = render_to_string(
            f"notifications/mail/{notice.name}.txt",
            {
                "site_name": settings.SITE_NAME,
                "address": address,
                "reason": notice.reason,
                "write_to": settings.APPEALS_ADDRESS,
                **notice.facts,
            },
        )
    subject, _blank, body = text.strip().partition("\n")
    EmailMessage(subject=subject.strip(), body=body.strip() + "\n", to=[notice.to], headers=dict(notice.headers)).send()
