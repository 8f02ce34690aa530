"""Job handlers that send the mails of the accounts app."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.appointments import terms
from accounts.conduct import renewal as conduct_renewal
from accounts.membership import renewal
from accounts.membership.supervision import service as supervision
from accounts.membership.suspension import appeals
from accounts.membership.suspension import events as suspension
from accounts.membership.suspension.models import SuspensionReason, SuspensionState
from accounts.membership.yearly import service as yearly
from accounts.models import (
    Application,
    ConductReminder,
    Draft,
    Member,
    Reference,
    RenewalReminder,
    Standing,
    Supervision,
    Suspension,
    YearlyCheck,
)
from accounts.profiles import orcid
from accounts.security.factors import changes
from accounts.security.mail_limits import once_in_a_while
from accounts.security.recovery import service as recovery
from accounts.security.recovery.link import path_of
from accounts.security.recovery.models import Recovery
from accounts.security.resetting import RESET
from accounts.vetting import events, joining
from accounts.vetting.confirmation_link import confirmation_path, finishing_path
from accounts.vetting.models import OPEN
from core import jobs
from notifications import (
    account_mails,  # noqa: F401 - importing registers the handlers
    mail,
)
from notifications.models import Notice
from notifications.notices import Kind, delivery, tell
from notifications.push import sending, vapid


def _tell(member_id: uuid.UUID, *, about: uuid.UUID, view: str = "accounts:membership") -> None:
    """Leave beside the bell what a mail says: once, however often the mail is tried."""
    lately = timezone.now() - timedelta(days=1)
    if not Notice.objects.filter(member=member_id, kind=Kind.MEMBERSHIP, about_id=about, at__gt=lately).exists():
        with transaction.atomic():
            tell(Kind.MEMBERSHIP, [member_id], view=view, about=about)


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


@jobs.handles(events.WAITS, urgency=jobs.Urgency.MAIL)
def tell_moderators(subject: uuid.UUID) -> None:
    """Tell moderators beside the bell that an application waits; whether it is theirs to read is asked there."""
    application = Application.objects.filter(pk=subject, state__in=OPEN).first()
    if application is None:
        return
    told = Notice.objects.filter(kind=Kind.APPLICATION, about_id=subject).values_list("member_id", flat=True)
    _tell_of_application(application, but=set(told))


@jobs.every(seconds=24 * 3600)
def tell_of_due_applications() -> None:
    """Tell moderators again of applications that are to be decided today."""
    waiting = Application.objects.filter(state__in=OPEN, address_confirmed_at__isnull=False)
    for application in waiting.filter(target_on=timezone.localdate()):
        _tell_of_application(application)


def _tell_of_application(application: Application, *, but: Collection[uuid.UUID] = ()) -> None:
    moderators = Member.objects.moderators().exclude(pk=application.member_id).values_list("pk", flat=True)
    with transaction.atomic():
        tell(
            Kind.APPLICATION,
            set(moderators) - set(but),
            view="accounts:decide",
            args=[application.pk],
            about=application.pk,
        )


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
    """Remind a member that the verification ends, unless it was renewed since, or waits for moderators already."""
    reminder = RenewalReminder.objects.select_related("member").get(pk=subject)
    member = reminder.member
    if member.is_verified and member.verified_until == reminder.until and yearly.waiting(member) is None:
        _tell(member.pk, about=reminder.pk)
        name = "renew_yearly" if yearly.kind_due(member) == yearly.Kind.LIGHT else "renew"
        mail.send(mail.Notice(name, member.email, reverse("accounts:membership")))


@jobs.handles(conduct_renewal.REMIND, urgency=jobs.Urgency.MAIL)
def mail_conduct(subject: uuid.UUID) -> None:
    """Remind a member that the conduct module ends, unless it was repeated since."""
    reminder = ConductReminder.objects.select_related("member").get(pk=subject)
    member = reminder.member
    if member.is_verified and member.conduct_until == reminder.until:
        _tell(member.pk, about=reminder.pk, view="accounts:conduct")
        mail.send(mail.Notice("conduct", member.email, reverse("accounts:conduct")))


@jobs.handles(renewal.LAPSED, urgency=jobs.Urgency.MAIL)
def mail_lapsed(subject: uuid.UUID) -> None:
    """Tell a member that the verification has ended, and that what they posted is hidden."""
    member = Member.objects.get(pk=subject)
    if member.standing == Standing.LAPSED:
        _tell(member.pk, about=member.pk, view="accounts:application")
        mail.send(mail.Notice("lapsed", member.email, reverse("accounts:application")))


@jobs.handles(events.PICTURE_REFUSED, urgency=jobs.Urgency.MAIL)
def mail_picture_refused(subject: uuid.UUID) -> None:
    """Tell an applicant that the picture could not be read and another one is needed."""
    application = Application.objects.select_related("member").get(pk=subject)
    if application.is_open:
        mail.send(mail.Notice("picture", application.member.email, reverse("accounts:application")))


@jobs.handles(changes.ADDED, urgency=jobs.Urgency.MAIL)
def mail_factor_added(subject: uuid.UUID) -> None:
    """Tell a member that a passkey or app was added to the account."""
    _tell_of_factor("factor_added", subject)


@jobs.handles(changes.REMOVED, urgency=jobs.Urgency.MAIL)
def mail_factor_removed(subject: uuid.UUID) -> None:
    """Tell a member that a passkey or app was removed from the account."""
    _tell_of_factor("factor_removed", subject)


@jobs.handles(changes.CODES_MADE, urgency=jobs.Urgency.MAIL)
def mail_codes_made(subject: uuid.UUID) -> None:
    """Tell a member that there are new recovery codes."""
    _tell_of_factor("codes_made", subject)


@jobs.handles(changes.CODE_USED, urgency=jobs.Urgency.MAIL)
def mail_code_used(subject: uuid.UUID) -> None:
    """Tell a member that a recovery code was used."""
    _tell_of_factor("code_used", subject)


@jobs.handles(changes.COPIED, urgency=jobs.Urgency.MAIL)
def mail_passkey_copied(subject: uuid.UUID) -> None:
    """Tell a member that a passkey was refused because it looks copied."""
    _tell_of_factor("passkey_copied", subject)


def _tell_of_factor(name: str, member_id: uuid.UUID) -> None:
    member = Member.objects.filter(pk=member_id).first()
    if member is not None and member.is_active:
        mail.send(mail.Notice(name, member.email, reverse("accounts:me_security")))


@jobs.handles(recovery.ASKED, urgency=jobs.Urgency.MAIL)
def mail_recovery_asked(subject: uuid.UUID) -> None:
    """Ask the mailbox whether its owner lost everything. The subject of an unknown address is no member's id."""
    found = recovery.begin(subject)
    if found is None:
        return
    with once_in_a_while("recovery", found.member.email) as may_send:
        if may_send:
            _tell_of_recovery("recovery_asked", found.pk)


@jobs.handles(recovery.WAITS, urgency=jobs.Urgency.MAIL)
def mail_recovery_waits(subject: uuid.UUID) -> None:
    """Tell somebody who may identify a member that one asks for it; who stands on the page."""
    member = Member.objects.get(pk=subject)
    mail.send(mail.Notice("recovery_waits", member.email, reverse("accounts:recoveries")))


@jobs.handles(recovery.APPROVED, urgency=jobs.Urgency.MAIL)
def mail_recovery_approved(subject: uuid.UUID) -> None:
    """Tell the mailbox that the account begins anew in a day, and how to stop it."""
    _tell_of_recovery("recovery_approved", subject)


@jobs.handles(recovery.REFUSED, urgency=jobs.Urgency.MAIL)
def mail_recovery_refused(subject: uuid.UUID) -> None:
    """Tell the mailbox that the recovery was refused."""
    _tell_of_recovery("recovery_refused", subject)


@jobs.handles(recovery.DONE, urgency=jobs.Urgency.MAIL)
def mail_recovery_done(subject: uuid.UUID) -> None:
    """Send the link for a new password, which is created here, so that no queue ever holds it."""
    member = Recovery.objects.select_related("member").get(pk=subject).member
    mail.send(mail.Notice("recovery_done", member.email, _reset_path(member)))


def _tell_of_recovery(name: str, recovery_id: uuid.UUID) -> None:
    found = Recovery.objects.select_related("member").get(pk=recovery_id)
    mail.send(mail.Notice(name, found.member.email, path_of(found)))


@jobs.handles(RESET, urgency=jobs.Urgency.MAIL)
def mail_reset(subject: uuid.UUID) -> None:
    """Send the link for a new password; it is created here, so that no queue ever holds it.

    The subject of an unknown address is no member's id: nothing is sent.
    """
    member = Member.objects.filter(pk=subject).first()
    if member is None or not member.is_active:
        return
    with once_in_a_while("reset", member.email) as may_send:
        if may_send:
            mail.send(mail.Notice("reset", member.email, _reset_path(member)))


@jobs.handles(orcid.LINKED, urgency=jobs.Urgency.MAIL)
def mail_orcid_linked(subject: uuid.UUID) -> None:
    """Tell a member that an ORCID iD opens the account from now on."""
    member = Member.objects.filter(pk=subject).first()
    if member is not None and member.is_active:
        mail.send(mail.Notice("orcid", member.email, reverse("accounts:profile_edit")))


def _reset_path(member: Member) -> str:
    token = {"uidb36": user_pk_to_url_str(member), "key": default_token_generator.make_token(member)}
    return reverse("account_reset_password_from_key", kwargs=token)


@jobs.handles(yearly.DECIDED, urgency=jobs.Urgency.MAIL)
def mail_check_decided(subject: uuid.UUID) -> None:
    """Tell a member what came of the yearly check."""
    check = YearlyCheck.objects.select_related("member").get(pk=subject)
    _tell(check.member_id, about=check.pk)
    name = "check_confirmed" if check.state == "confirmed" else "check_full"
    mail.send(mail.Notice(name, check.member.email, reverse("accounts:membership")))


@jobs.handles(suspension.SUSPENDED, urgency=jobs.Urgency.MAIL)
def mail_suspended(subject: uuid.UUID) -> None:
    """Tell a member that they are suspended, why, to whom they write and where they appeal."""
    found = Suspension.objects.select_related("member").get(pk=subject)
    if found.state == SuspensionState.IN_FORCE:
        reason = SuspensionReason(found.reason).label
        mail.send(mail.Notice("suspended", found.member.email, appeals.path_of(found), reason=reason))


@jobs.handles(suspension.UPHELD, urgency=jobs.Urgency.MAIL)
def mail_upheld(subject: uuid.UUID) -> None:
    """Tell a member that their appeal was answered; the answer stands on the page."""
    found = Suspension.objects.select_related("member").get(pk=subject)
    if found.state == SuspensionState.UPHELD:
        mail.send(mail.Notice("suspension_upheld", found.member.email, appeals.path_of(found)))


@jobs.handles(suspension.LIFTED, urgency=jobs.Urgency.MAIL)
def mail_reinstated(subject: uuid.UUID) -> None:
    """Tell a member that the suspension is over."""
    found = Suspension.objects.select_related("member").get(pk=subject)
    if found.member.standing not in (Standing.SUSPENDED, Standing.ERASED):
        mail.send(mail.Notice("reinstated", found.member.email, reverse("accounts:membership")))


@jobs.handles(suspension.APPEALED, urgency=jobs.Urgency.MAIL)
def mail_suspension_appealed(subject: uuid.UUID) -> None:
    """Ask somebody uninvolved to answer an appeal; whose stands on the page."""
    member = Member.objects.get(pk=subject)
    mail.send(mail.Notice("suspension_appealed", member.email, reverse("accounts:members")))


@jobs.handles(supervision.ASKED, urgency=jobs.Urgency.MAIL)
def mail_supervision_asked(subject: uuid.UUID) -> None:
    """Ask a specialist whether they supervise somebody."""
    found = Supervision.objects.select_related("supervisor").get(pk=subject)
    if found.supervisor is not None and found.state == "asked":
        _tell(found.supervisor.pk, about=found.pk)
        mail.send(mail.Notice("supervision_asked", found.supervisor.email, reverse("accounts:membership")))


@jobs.handles(supervision.ANSWERED, urgency=jobs.Urgency.MAIL)
def mail_supervision_answered(subject: uuid.UUID) -> None:
    """Tell who asked for a supervisor that there is an answer."""
    found = Supervision.objects.select_related("resident").get(pk=subject)
    _tell(found.resident_id, about=found.pk)
    mail.send(mail.Notice("supervision_answered", found.resident.email, reverse("accounts:membership")))


@jobs.handles(supervision.ENDED, urgency=jobs.Urgency.MAIL)
def mail_supervision_ended(subject: uuid.UUID) -> None:
    """Tell a member that a supervision of theirs has ended."""
    member = Member.objects.get(pk=subject)
    mail.send(mail.Notice("supervision_ended", member.email, reverse("accounts:membership")))


@jobs.handles(terms.ENDS, urgency=jobs.Urgency.MAIL)
def mail_office_ends(subject: uuid.UUID) -> None:
    """Remind the holder of an office that it ends."""
    reminder = RenewalReminder.objects.select_related("member").get(pk=subject)
    _tell(reminder.member_id, about=reminder.pk)
    mail.send(mail.Notice("office_ends", reminder.member.email, reverse("accounts:membership")))


@jobs.handles(terms.OTHERS_END, urgency=jobs.Urgency.MAIL)
def mail_offices_end(subject: uuid.UUID) -> None:
    """Tell an administrator that offices end soon; whose stands on the page."""
    member = Member.objects.get(pk=subject)
    mail.send(mail.Notice("offices_end", member.email, reverse("accounts:people")))


@jobs.handles(terms.ENDED, urgency=jobs.Urgency.MAIL)
def mail_office_ended(subject: uuid.UUID) -> None:
    """Tell a member that an office of theirs has ended."""
    member = Member.objects.get(pk=subject)
    _tell(member.pk, about=member.pk)
    mail.send(mail.Notice("office_ended", member.email, reverse("accounts:membership")))


@jobs.handles(terms.OVERDUE, urgency=jobs.Urgency.MAIL)
def mail_office_overdue(subject: uuid.UUID) -> None:
    """Tell the last administrator that their office is over and goes on for want of another one."""
    member = Member.objects.get(pk=subject)
    mail.send(mail.Notice("office_overdue", member.email, reverse("accounts:people")))


@jobs.handles(delivery.MAIL, urgency=jobs.Urgency.MAIL)
def mail_notices(subject: uuid.UUID) -> None:
    """Mail a member that there is news beside the bell."""
    delivery.mail_at_once(member_id=subject)


@jobs.handles(delivery.DIGEST, urgency=jobs.Urgency.MAIL)
def mail_digest(subject: uuid.UUID) -> None:
    """Mail a member their digest."""
    delivery.mail_digest(member_id=subject)


@jobs.handles(sending.PUSH, urgency=jobs.Urgency.MAIL)
def push_notices(subject: uuid.UUID) -> None:
    """Wake a member's browser: there is news beside the bell."""
    sending.push(subscription_id=subject)


jobs.every(seconds=3600)(vapid.ensure_key)
jobs.every(seconds=60)(delivery.hand_over)
jobs.every(seconds=600)(delivery.hand_over_digests)
jobs.every(seconds=24 * 3600)(delivery.forget_old)
