"""Job handlers that send the mails of the accounts app."""

import uuid

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from accounts.membership import renewal
from accounts.models import Application, Draft, Member, Reference, RenewalReminder, Standing
from accounts.security.mail_limits import once_in_a_while
from accounts.security.resetting import RESET
from accounts.vetting import events, joining
from accounts.vetting.confirmation_link import confirmation_path, finishing_path
from core import jobs
from notifications import (
    account_mails,  # noqa: F401 - importing registers the handlers
    mail,
)


@jobs.handles(events.RECEIVED, urgency=jobs.Urgency.MAIL)
def mail_received(subject: uuid.UUID) -> None:
    """Ask an applicant to confirm the address."""
    application = Application.objects.select_related("member").get(pk=subject)
    with once_in_a_while("confirming", application.member.email) as may_send:
        if may_send:
            mail.send(mail.Notice("received", application.member.email, confirmation_path(application.pk)))


@jobs.handles(events.DRAFTED, urgency=jobs.Urgency.MAIL)
def mail_drafted(subject: uuid.UUID) -> None:
    """Ask the owner of an address to finish the application, or tell them that there is an account already."""
    draft = Draft.objects.filter(pk=subject).first()
    if draft is None:
        return
    if Member.objects.filter(email=draft.email).exists():
        with once_in_a_while("joining", draft.email) as may_send:
            if may_send:
                mail.send(mail.Notice("known", draft.email, reverse("account_login")))
        joining.discard(draft.email)
        return
    with once_in_a_while("joining", draft.email) as may_send:
        if may_send:
            mail.send(mail.Notice("drafted", draft.email, finishing_path(draft.pk)))


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


@jobs.handles(events.STUCK, urgency=jobs.Urgency.MAIL)
def mail_stuck(subject: uuid.UUID) -> None:
    """Tell an administrator that moderators are missing; who and where stands on the page."""
    member = Member.objects.get(pk=subject)
    mail.send(mail.Notice("unattended", member.email, reverse("accounts:people")))


@jobs.handles(renewal.REMIND, urgency=jobs.Urgency.MAIL)
def mail_renewal(subject: uuid.UUID) -> None:
    """Remind a member that the verification ends, unless it was renewed since."""
    reminder = RenewalReminder.objects.select_related("member").get(pk=subject)
    member = reminder.member
    if member.is_verified and member.verified_until == reminder.until:
        mail.send(mail.Notice("renew", member.email, reverse("accounts:application")))


@jobs.handles(renewal.LAPSED, urgency=jobs.Urgency.MAIL)
def mail_lapsed(subject: uuid.UUID) -> None:
    """Tell a member that the verification has ended, and that what they posted is hidden."""
    member = Member.objects.get(pk=subject)
    if member.standing == Standing.LAPSED:
        mail.send(mail.Notice("lapsed", member.email, reverse("accounts:application")))


@jobs.handles(events.PICTURE_REFUSED, urgency=jobs.Urgency.MAIL)
def mail_picture_refused(subject: uuid.UUID) -> None:
    """Tell an applicant that the picture could not be read and another one is needed."""
    application = Application.objects.select_related("member").get(pk=subject)
    if application.is_open:
        mail.send(mail.Notice("picture", application.member.email, reverse("accounts:application")))


@jobs.handles(RESET, urgency=jobs.Urgency.MAIL)
def mail_reset(subject: uuid.UUID) -> None:
    """Send the link for a new password; it is created here, so that no queue ever holds it.

    The subject of an unknown address is no member's id: nothing is sent.
    """
    member = Member.objects.filter(pk=subject).first()
    if member is None or not member.is_active:
        return
    token = {
        "uidb36": user_pk_to_url_str(member),
        "key": default_token_generator.make_token(member),
    }
    with once_in_a_while("reset", member.email) as may_send:
        if may_send:
            path = reverse("account_reset_password_from_key", kwargs=token)
            mail.send(mail.Notice("reset", member.email, path))
