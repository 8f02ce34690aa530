"""Notices to members who took part in a withdrawn case or saved it. They hold nothing of it, not even a title."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consults.cases.models import PUBLISHED, Case
from consults.withdrawal.models import WithdrawalNotice
from core import jobs
from notifications import mail
from notifications.notices import Kind, tell

SEND_NOTICE = "case.tell_gone"  # subject: the row of WithdrawalNotice
LATE = "staff.late"  # subject: the member
REPAIRED = "staff.repaired"  # subject: the member


def enqueue_notices(*, case: Case) -> None:
    """Enqueue notices to the author and to everybody who answered, commented on or saved a case; call it first."""
    if case.state not in PUBLISHED:
        return
    members = {case.author_id, *case.answers.values_list("member_id", flat=True)}
    members |= set(case.comments.values_list("author_id", flat=True))
    members |= set(case.bookmarks.values_list("member_id", flat=True))
    known = set(WithdrawalNotice.objects.filter(case=case).values_list("member_id", flat=True))
    # The id merges the notices of one case; it is not what they lead to, and the gate is not asked about it.
    tell(Kind.WITHDRAWAL, members - known, view="consults:cases", about=case.pk)
    for member_id in sorted(members - known):
        notice = WithdrawalNotice.objects.create(case=case, member_id=member_id)
        jobs.enqueue(kind=SEND_NOTICE, subject=notice.id)


def send_notice(*, notice_id: UUID) -> None:
    """Send a notice, unless it was sent already or the member is no longer verified."""
    notice = WithdrawalNotice.objects.select_related("member").filter(pk=notice_id, sent_at__isnull=True).first()
    if notice is None:
        return
    if notice.member.is_verified:
        mail.send(mail.Notice("gone", notice.member.email, reverse("consults:cases")))
    with transaction.atomic():
        WithdrawalNotice.objects.filter(pk=notice.pk, sent_at__isnull=True).update(sent_at=timezone.now())


def notify_staff_of_late_purges() -> None:
    """Enqueue a mail to privacy officers and administrators that a purge is late. Call in a transaction."""
    _enqueue_to_staff(LATE)


def notify_staff_of_repairs() -> None:
    """Enqueue a mail to them that lists or counts did not agree with the gate and were repaired."""
    _enqueue_to_staff(REPAIRED)


def mail_staff(*, member_id: UUID, name: str) -> None:
    """Send one such mail, unless the member is no officer any more. Raises OSError, smtplib.SMTPException."""
    member = Member.objects.verified().filter(pk=member_id).first()
    if member is not None and member.is_officer:
        mail.send(mail.Notice(name, member.email, reverse("home")))


def _enqueue_to_staff(kind: str) -> None:
    # A job for each: a round that waits for a mail server would hold up what it is about.
    for member in Member.objects.verified():
        if member.is_officer:
            jobs.enqueue(kind=kind, subject=member.pk)
