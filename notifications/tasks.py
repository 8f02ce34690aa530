"""Job handlers that send the mails of the accounts app."""

import uuid

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from accounts.models import Application, Member, Reference
from accounts.security.adapter import RESET
from accounts.vetting import events
from accounts.vetting.confirmation_link import confirmation_path
from core import jobs
from notifications import mail


@jobs.handles(events.RECEIVED, urgency=jobs.Urgency.MAIL)
def mail_received(subject: uuid.UUID) -> None:
    """Ask an applicant to confirm the address."""
    application = Application.objects.select_related("member").get(pk=subject)
    mail.send(mail.Notice("received", application.member.email, confirmation_path(application.pk)))


@jobs.handles(events.KNOWN, urgency=jobs.Urgency.MAIL)
def mail_known(subject: uuid.UUID) -> None:
    """Tell the owner of an account that somebody applied with its address."""
    member = Member.objects.get(pk=subject)
    mail.send(mail.Notice("known", member.email, reverse("account_login")))


@jobs.handles(events.DECIDED, urgency=jobs.Urgency.MAIL)
def mail_decided(subject: uuid.UUID) -> None:
    """Tell an applicant that there is a decision."""
    application = Application.objects.select_related("member").get(pk=subject)
    mail.send(mail.Notice("decided", application.member.email, reverse("accounts:application")))


@jobs.handles(events.ASKED, urgency=jobs.Urgency.MAIL)
def mail_asked(subject: uuid.UUID) -> None:
    """Ask a member whether they vouch for an applicant."""
    reference = Reference.objects.select_related("member").get(pk=subject)
    if reference.member is not None and reference.answer is None:
        mail.send(
            mail.Notice(
                "asked",
                reference.member.email,
                reverse("accounts:vouch", args=[reference.pk]),
            )
        )


@jobs.handles(events.PICTURE_REFUSED, urgency=jobs.Urgency.MAIL)
def mail_picture_refused(subject: uuid.UUID) -> None:
    """Tell an applicant that the picture could not be read and another one is needed."""
    application = Application.objects.select_related("member").get(pk=subject)
    if application.is_open:
        mail.send(mail.Notice("picture", application.member.email, reverse("accounts:application")))


@jobs.handles(RESET, urgency=jobs.Urgency.MAIL)
def mail_reset(subject: uuid.UUID) -> None:
    """Send the link for a new password; it is created here, so that no queue ever holds it."""
    member = Member.objects.get(pk=subject)
    token = {
        "uidb36": user_pk_to_url_str(member),
        "key": default_token_generator.make_token(member),
    }
    mail.send(
        mail.Notice(
            "reset",
            member.email,
            reverse("account_reset_password_from_key", kwargs=token),
        )
    )
