"""Hiding of cases and comments by a moderator, and the decision of a second one."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases.gate import holding
from consults.cases.gate.models import CaseHold
from consults.cases.models import Case
from consults.discussion.models import Comment, CommentHold
from consults.exceptions import ChangeRefused
from consults.holds import MOVES, HoldState, Moved, Reason, decide
from consults.moderation import reports, telling
from consults.moderation.models import Report
from consults.reporting import Finding
from core import permissions
from core.states import Machine

COMMENT_HOLD = Machine(CommentHold, MOVES, moved=Moved)


@transaction.atomic
def hide_case(*, case: Case, by: Member, reason: str, words: str = "") -> CaseHold:
    """Hide a case at once, tell its author and the other moderators. Raises ChangeRefused."""
    words = _explained(reason, words)
    if not permissions.allows(by, "case.hold", case):
        raise ChangeRefused(_("This case is not visible any more, or it is yours. Nothing is left to hide."))
    _within_a_day(by)
    placed = holding.hold(case=case, by=by, reason=reason, words=words)
    reports.settle_all(by=by, case=case)
    telling.enqueue_author(hold=placed.pk)
    telling.enqueue_moderators(about=placed.pk)
    return placed


@transaction.atomic
def hide_comment(*, comment: Comment, by: Member, reason: str, words: str = "") -> CommentHold:
    """Hide a comment at once, tell its author and the other moderators. Raises ChangeRefused."""
    words = _explained(reason, words)
    if not permissions.allows(by, "comment.hold", comment):
        raise ChangeRefused(_("This comment is not there any more, or it is yours. Nothing is left to hide."))
    _within_a_day(by)
    try:
        with transaction.atomic():
            placed = CommentHold.objects.create(comment=comment, by=by, reason=reason, words=words)
    except IntegrityError as error:
        raise ChangeRefused(_("Somebody else has hidden this comment already.")) from error
    reports.settle_all(by=by, case=comment.case, comment=comment)
    telling.enqueue_author(hold=placed.pk)
    telling.enqueue_moderators(about=placed.pk)
    record(
        verb="comment.held", actor=by, subject=("comment", comment.pk), hold=str(placed.pk), reason=str(placed.reason)
    )
    return placed


@transaction.atomic
def decide_case(*, hold: CaseHold, by: Member, confirm: bool, finding: str = Finding.MISTAKEN, words: str = "") -> None:
    """Confirm or lift the hiding of a case; its author is told when it is lifted. Raises ChangeRefused.

    Settles the reports that hid it, with what is found about them when it is lifted.
    """
    _require(by, "case_hold.decide", hold)
    finding, words = (Finding.UPHELD if confirm else finding), reports.screened(words)
    reports.settle_all(by=by, case=hold.case, finding=finding, words=words)
    if confirm:
        holding.confirm(hold=hold, by=by)
    else:
        holding.lift(hold=hold, by=by)
        telling.enqueue_author(hold=hold.pk)


@transaction.atomic
def decide_comment(
    *, hold: CommentHold, by: Member, confirm: bool, finding: str = Finding.MISTAKEN, words: str = ""
) -> None:
    """Confirm or lift the hiding of a comment; its author is told when it is lifted. Raises ChangeRefused.

    Settles the reports that hid it, with what is found about them when it is lifted.
    """
    _require(by, "comment_hold.decide", hold)
    finding, words = (Finding.UPHELD if confirm else finding), reports.screened(words)
    reports.settle_all(by=by, case=hold.comment.case, comment=hold.comment, finding=finding, words=words)
    decide(COMMENT_HOLD, hold, by=by, to=HoldState.CONFIRMED if confirm else HoldState.LIFTED)
    if confirm:
        record(verb="comment.hold_confirmed", actor=by, subject=("comment", hold.comment_id), hold=str(hold.pk))
    else:
        telling.enqueue_author(hold=hold.pk)
        record(verb="comment.hold_lifted", actor=by, subject=("comment", hold.comment_id), hold=str(hold.pk))


def settle_what_is_left(*, row: CaseHold | CommentHold, to: str, **_sent: object) -> None:
    """Settle the reports that hid something, when its hold ends another way: a case that was changed and released."""
    if to != HoldState.LIFTED or row.decided_by is None:
        return
    comment = row.comment if isinstance(row, CommentHold) else None
    case = row.comment.case if isinstance(row, CommentHold) else row.case
    if Report.objects.filter(case=case, comment=comment, hidden=None).exists():
        reports.settle_all(by=row.decided_by, case=case, comment=comment, finding=Finding.MISTAKEN)


def _require(by: Member, action: str, hold: CaseHold | CommentHold) -> None:
    if not permissions.allows(by, action, hold):
        raise ChangeRefused(_("Somebody else has decided this already, or another moderator must."))


def _within_a_day(by: Member) -> None:
    """Refuse when this moderator hid as much as one may in a day; locks their row. Raises ChangeRefused."""
    Member.objects.select_for_update(no_key=True).get(pk=by.pk)
    lately = {"by": by, "placed_at__gt": timezone.now() - timedelta(days=1)}
    placed = CaseHold.objects.filter(**lately).count() + CommentHold.objects.filter(**lately).count()
    if placed >= int(settings.RULES["holds_a_day"]):
        raise ChangeRefused(_("You have hidden as much as one moderator may in a day. Ask another moderator."))


def _explained(reason: str, words: str) -> str:
    words = reports.screened(words)
    if reason == Reason.OTHER and not words:
        raise ChangeRefused(_("Say in a sentence why; the author reads it."))
    return words
