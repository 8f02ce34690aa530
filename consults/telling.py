"""Tell those who took part in a case or saved it that it is gone. A notice holds nothing of it, not even a title."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import mail
from accounts.models import Member
from consults.models import Case, ExportRecall, Told
from consults.models.cases import PUBLISHED
from core import jobs

TELL = "case.tell_gone"  # subject: the row of Told


def ask_to_tell(*, case: Case) -> None:
    """Ask for a notice to the author and to everybody who answered, wrote or saved it, before these rows go."""
    if case.state not in PUBLISHED:
        return
    members = {case.author_id, *case.answers.values_list("member_id", flat=True)}
    members |= set(case.comments.values_list("author_id", flat=True))
    members |= set(case.bookmarks.values_list("member_id", flat=True))
    known = set(Told.objects.filter(case=case).values_list("member_id", flat=True))
    for member_id in sorted(members - known):
        told = Told.objects.create(case=case, member_id=member_id)
        jobs.enqueue(kind=TELL, subject=told.id)


def tell(*, told_id: UUID) -> None:
    """Send the notice, unless it was sent or the member is no longer verified."""
    told = Told.objects.select_related("member").filter(pk=told_id, sent_at__isnull=True).first()
    if told is None:
        return
    if told.member.is_verified:
        mail.send(mail.Notice("gone", told.member.email, reverse("consults:cases")))
    with transaction.atomic():
        Told.objects.filter(pk=told.pk, sent_at__isnull=True).update(sent_at=timezone.now())


def tell_exporter(*, recall_id: UUID) -> None:
    """Tell the officer who made an export that it is out of date, once, if they still are one.

    One mail for all exports of theirs that one withdrawal put out of date: it leads to the list of them.
    """
    recall = ExportRecall.objects.select_related("export__by").filter(pk=recall_id, told_at__isnull=True).first()
    if recall is None:
        return
    by = recall.export.by
    told = ExportRecall.objects.filter(consent_id=recall.consent_id, export__by=by, told_at__gte=recall.at)
    if by is not None and by.is_officer and by.is_verified and not told.exists():
        mail.send(mail.Notice("recalled", by.email, reverse("consults:consent_audit_exports")))
    ExportRecall.objects.filter(pk=recall.pk, told_at__isnull=True).update(told_at=timezone.now())


def tell_staff_of_late_work() -> None:
    """Tell privacy officers and administrators that something is not destroyed in time."""
    for member in Member.objects.filter(standing="verified"):
        if member.is_officer and member.is_verified:
            mail.send(mail.Notice("late", member.email, reverse("home")))
