"""Mails about reports and hiding. They say that something waits, and nothing of it."""

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from accounts.security.mail_limits import once_in_a_while
from accounts.vetting import events
from audit.record import record
from consults.cases.gate.models import CaseHold
from consults.discussion.models import CommentHold
from consults.groups.rooms.models import PostHold, PostReport
from consults.holds import DECIDED_WITHIN, HoldState
from consults.moderation import policy
from consults.moderation.models import Report
from consults.reporting import AbstractReport
from core import jobs
from notifications import mail
from notifications.models import Notice
from notifications.notices import Kind, tell

TELL_AUTHOR: Final = "moderation.tell_author"  # subject: the hold
TELL_MODERATORS: Final = "moderation.tell_moderators"  # subject: the hold or report


def enqueue_author(*, hold: UUID) -> None:
    """Enqueue the mail to the author of what was hidden, or is shown again."""
    jobs.enqueue(kind=TELL_AUTHOR, subject=hold)


def enqueue_moderators(*, about: UUID) -> None:
    """Enqueue the mail to the moderators who may decide."""
    jobs.enqueue(kind=TELL_MODERATORS, subject=about)


def tell_reporter(report: AbstractReport) -> None:
    """Tell a reporter that their report was answered; the page says how, and nothing of what it was about."""
    tell(Kind.REPORT, [report.reporter_id], view="consults:my_reports", about=report.pk)


def tell_author(*, hold_id: UUID) -> None:
    """Mail the author of a hidden case or comment what has become of it: hidden, or shown again."""
    hold = _hold(hold_id)
    if hold is None:
        return
    author = hold.case.author if isinstance(hold, CaseHold) else hold.comment.author
    if not author.is_verified:
        return
    _tell_beside_the_bell(hold, author)
    if hold.state == HoldState.LIFTED:
        mail.send(mail.Notice("shown_again", author.email, reverse("consults:mine")))
        return
    if isinstance(hold, CaseHold):
        path = reverse("consults:mine")
    else:
        path = reverse("consults:case", args=[hold.comment.case_id])
    waits = hold.by_id is None and hold.state == HoldState.HELD  # no moderator has looked at it so far
    mail.send(mail.Notice("held", author.email, path, facts={"by_report": waits}))


def _tell_beside_the_bell(hold: CaseHold | CommentHold, author: Member) -> None:
    """Leave a notice too: once when it is hidden and once when it is shown again, however often the mail is tried."""
    case_id = hold.case_id if isinstance(hold, CaseHold) else hold.comment.case_id
    told = Notice.objects.filter(member=author, kind=Kind.HELD, about_id=hold.pk)
    if told.filter(at__gte=hold.decided_at or hold.placed_at).exists():
        return
    where = ("consults:mine", ()) if isinstance(hold, CaseHold) else ("consults:case", [case_id])
    with transaction.atomic():
        tell(Kind.HELD, [author.pk], view=where[0], args=where[1], case=case_id, about=hold.pk)


def _hold(pk: UUID) -> CaseHold | CommentHold | None:
    of_case = CaseHold.objects.select_related("case__author").filter(pk=pk).first()
    return of_case or CommentHold.objects.select_related("comment__author").filter(pk=pk).first()


def tell_moderators(*, about: UUID) -> None:
    """Tell each moderator who may decide that something waits; by mail at most once in ten minutes each."""
    for moderator in Member.objects.moderators().order_by("pk"):
        if not _may_decide(moderator, about):
            continue
        unread = Notice.objects.filter(member=moderator, kind=Kind.REPORT, about_id=about, read_at=None)
        if not unread.exists():  # the job may be tried again
            with transaction.atomic():
                tell(Kind.REPORT, [moderator.pk], view="consults:moderation", about=about)
        with once_in_a_while("moderation", moderator.email) as may_send:
            if may_send:
                mail.send(mail.Notice("to_moderate", moderator.email, reverse("consults:moderation")))


def _may_decide(moderator: Member, about: UUID) -> bool:
    """Whether this moderator may decide, if need be after reading the discussion."""
    held = {"pk": about, "state": HoldState.HELD}
    if policy.case_holds_to_decide(moderator).filter(**held).exists():
        return True
    return any(
        policy.comment_holds(moderator, opened=opened).filter(**held).exclude(by=moderator).exists()
        or policy.reports(moderator, opened=opened).filter(pk=about).exists()
        for opened in (True, False)
    )


def escalate() -> int:
    """Tell administrators of holds undecided for a day and reports past their target, once each; return how many."""
    now = timezone.now()
    found = 0
    for model, waits, at in (
        (CaseHold, Q(state=HoldState.HELD), "placed_at"),
        (CommentHold, Q(state=HoldState.HELD), "placed_at"),
        (Report, Q(hidden=None), "due_at"),
        (PostHold, Q(state=HoldState.HELD), "placed_at"),
        (PostReport, Q(hidden=None), "due_at"),
    ):
        before = now if at == "due_at" else now - DECIDED_WITHIN
        late = model._default_manager.filter(waits, escalated_at=None, **{f"{at}__lt": before})
        for pk in list(late.values_list("pk", flat=True)):
            with transaction.atomic():
                if model._default_manager.filter(pk=pk, escalated_at=None).update(escalated_at=now):
                    found += 1
                    for member in Member.objects.verified().filter(is_staff=True):
                        jobs.enqueue(kind=events.STUCK, subject=member.pk)
                    record(verb="moderation.escalated", actor=None, subject=(str(model._meta.model_name), pk))
    return found
