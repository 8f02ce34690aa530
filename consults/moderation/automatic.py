"""Hiding by members' reports alone, until a moderator who has not reported decides (`consults.reporting`)."""

from typing import cast

from django.db import IntegrityError, transaction

from audit.record import record
from consults.cases.gate import holding
from consults.cases.gate.models import CaseHold
from consults.discussion.models import Comment, CommentHold
from consults.exceptions import ChangeRefused
from consults.holds import HIDING
from consults.moderation import telling
from consults.moderation.models import Report
from consults.reporting import hides


def hide_if_due(report: Report) -> bool:
    """Hide what was reported where the rule says so, and tell its author; return whether it was hidden.

    Call it in the transaction of the report. The reports wait on, until a moderator confirms or lifts the hiding.
    """
    same = Report.objects.filter(case=report.case, hidden=None).exclude(pk=report.pk).select_related("reporter")
    same = same.filter(comment=report.comment) if report.comment_id else same.filter(comment=None)
    if not hides(report.reason, by=report.reporter, others=[one.reporter for one in same]):
        return False
    try:
        if report.comment_id:
            hold: CommentHold | CaseHold = _hide_comment(report)
        else:
            hold = holding.hold(case=report.case, by=None, reason=report.reason)
    except (ChangeRefused, IntegrityError):
        return False  # somebody was quicker
    telling.enqueue_author(hold=hold.pk)
    telling.enqueue_moderators(about=hold.pk)
    return True


def is_hidden(report: Report) -> bool:
    """Whether what was reported is hidden now, by whomever. One query."""
    if report.comment_id:
        return CommentHold.objects.filter(comment=report.comment_id, state__in=HIDING).exists()
    return CaseHold.objects.filter(case=report.case_id, state__in=HIDING).exists()


def _hide_comment(report: Report) -> CommentHold:
    with transaction.atomic():
        placed = CommentHold.objects.create(comment=cast(Comment, report.comment), by=None, reason=report.reason)
    record(
        verb="comment.held",
        actor=None,
        subject=("comment", placed.comment_id),
        hold=str(placed.pk),
        reason=str(placed.reason),
    )
    return placed
