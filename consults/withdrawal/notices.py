"""Tell those who took part in a case or saved it that it is gone. A notice holds nothing of it, not even a title."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consults.cases.models import PUBLISHED, Case
from consults.withdrawal.models import WithdrawalNotice
from core import jobs
from notifications import mail

TELL = "case.tell_gone"  # subject: the row of WithdrawalNotice


def ask_to_tell(*, case: Case) -> None:
    """Ask for a notice to the author and to everybody who answered, wrote or saved it, before these rows go."""
    if case.state not in PUBLISHED:
        return
    members = {case.author_id, *case.answers.values_list("member_id", flat=True)}
    members |= set(case.comments.values_list("author_id", flat=True))
    members |= set(case.bookmarks.values_list("member_id", flat=True))
    known = set(WithdrawalNotice.objects.filter(case=case).values_list("member_id", flat=True))
    for member_id in sorted(members - known):
        told = WithdrawalNotice.objects.create(case=case, member_id=member_id)
        jobs.enqueue(kind=TELL, subject=told.id)


def tell(*, notice_id: UUID) -> None:
    """Send the notice, unless it was sent or the member is no longer verified."""
    told = WithdrawalNotice.objects.select_related("member").filter(pk=notice_id, sent_at__isnull=True).first()
    if told is None:
        return
    if told.member.is_verified:
        mail.send(mail.Notice("gone", told.member.email, reverse("consults:cases")))
    with transaction.atomic():
        WithdrawalNotice.objects.filter(pk=told.pk, sent_at__isnull=True).update(sent_at=timezone.now())


def tell_staff_of_late_work() -> None:
    """Tell privacy officers and administrators that something is not destroyed in time."""
    _tell_staff("late")


def tell_staff_of_repairs() -> None:
    """Tell them that lists or counts did not agree with the gate and were repaired."""
    _tell_staff("repaired")


def _tell_staff(name: str) -> None:
    for member in Member.objects.filter(standing="verified"):
        if member.is_officer and member.is_verified:
            mail.send(mail.Notice(name, member.email, reverse("home")))
