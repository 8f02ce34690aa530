"""Policy of reporting, hiding and deciding: action -> rows.

Moderators are as blind as everybody: what a comment or a reporter says about a case is open to those of them for whom
the discussion is (`discussion.policy.is_open_to`).
"""

from datetime import timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Member
from consults.cases import gate
from consults.cases.gate.models import CaseHold
from consults.cases.models import Case
from consults.discussion.models import Comment, CommentHold
from consults.discussion.policy import discussions, is_hidden, is_open_to
from consults.holds import HIDING
from consults.moderation.concerns.policy import POLICY as CONCERNS
from consults.moderation.models import Report
from core.permissions import Policy, is_among

REOPENED_DAYS: Final = 30


def _moderates(member: object) -> bool:
    return isinstance(member, Member) and member.may_moderate


def cases_to_report(member: object) -> QuerySet[Case]:
    """Return visible cases of others."""
    return gate.visible_cases(member).exclude(author_id=getattr(member, "pk", None))


def comments_to_report(member: object) -> QuerySet[Comment]:
    """Return comments of others in open discussions."""
    shown = Comment.objects.filter(~is_hidden(), is_among(discussions(member), "case"), deleted_at=None)
    return shown.exclude(author_id=getattr(member, "pk", None))


def cases_to_hide(member: object) -> QuerySet[Case]:
    """Return the visible cases of others, for moderators."""
    return cases_to_report(member) if _moderates(member) else Case.objects.none()


def comments_to_hide(member: object) -> QuerySet[Comment]:
    """Return comments of others in discussions that are open to a moderator."""
    return comments_to_report(member) if _moderates(member) else Comment.objects.none()


def case_holds(member: object) -> QuerySet[CaseHold]:
    """Return the hidden cases that a moderator may look at, those that they hid themselves among them."""
    return CaseHold.objects.filter(is_among(gate.held_cases(member), "case"), state__in=HIDING)


def case_holds_to_decide(member: object) -> QuerySet[CaseHold]:
    """Return the hidden cases about which a moderator may decide: hidden by others, and not upon their own report."""
    pk = getattr(member, "pk", None)
    mine = Report.objects.filter(case=OuterRef("case"), comment=None, reporter=pk, hidden=None)
    return case_holds(member).exclude(by_id=pk).filter(~Exists(mine))


def comment_holds(member: object, *, opened: bool = True) -> QuerySet[CommentHold]:
    """Return hidden comments of others in cases that a moderator sees: in open discussions, or in closed ones."""
    if not _moderates(member):
        return CommentHold.objects.none()
    visible = is_among(gate.visible_cases(member), "comment__case")
    is_open = Q(_case_is_open(member, "comment__case"))
    found = CommentHold.objects.filter(visible, is_open if opened else ~is_open, state__in=HIDING)
    return found.exclude(comment__author_id=getattr(member, "pk", None))


def comment_holds_to_decide(member: object) -> QuerySet[CommentHold]:
    """Return the hidden comments about which a moderator may decide: the same."""
    pk = getattr(member, "pk", None)
    mine = Report.objects.filter(comment=OuterRef("comment"), reporter=pk, hidden=None)
    return comment_holds(member).exclude(by_id=pk).filter(~Exists(mine))


def reports(member: object, *, opened: bool = True) -> QuerySet[Report]:
    """Return the waiting reports that a moderator may settle; those of comments in open discussions, or in closed ones.

    Never about their own case or comment, nor their own. Reports that have hidden something are settled with that.
    """
    of_case = CaseHold.objects.filter(case=OuterRef("case"), state__in=HIDING)
    of_comment = CommentHold.objects.filter(comment=OuterRef("comment"), state__in=HIDING)
    has_hidden = Q(Exists(of_case), comment=None) | Q(Exists(of_comment), comment__isnull=False)
    return (
        _reports(member, opened=opened).filter(~has_hidden, hidden=None).exclude(reporter=getattr(member, "pk", None))
    )


def reports_to_reopen(member: object) -> QuerySet[Report]:
    """Return the reports that another moderator has answered within 30 days without hiding anything."""
    pk = getattr(member, "pk", None)
    lately = timezone.now() - timedelta(days=REOPENED_DAYS)
    settled = _reports(member, opened=True).filter(hidden=False, settled_at__gt=lately)
    return settled.exclude(settled_by=pk).exclude(reporter=pk)


def own_reports(member: object) -> QuerySet[Report]:
    """Return a member's own reports."""
    return Report.objects.filter(reporter=getattr(member, "pk", None))


def _reports(member: object, *, opened: bool) -> QuerySet[Report]:
    if not _moderates(member):
        return Report.objects.none()
    seen = is_among(gate.visible_cases(member), "case") | is_among(gate.held_cases(member), "case")
    is_open = Q(comment=None) | Q(_case_is_open(member, "case"))
    pk = getattr(member, "pk", None)
    found = Report.objects.filter(seen, is_open if opened else ~is_open)
    return found.exclude(case__author_id=pk, comment=None).exclude(comment__author_id=pk)


def _case_is_open(member: object, path: str) -> Exists:
    """Return the condition that the discussion of the case at `path` is open to a member."""
    return Exists(Case.objects.filter(is_open_to(member), pk=OuterRef(path)))


def histories(member: object) -> QuerySet[Comment]:
    """Return the comments whose former texts a member may read: changed ones in discussions that are open to them.

    Of deleted and hidden ones moderators alone, and never of their own.
    """
    changed = Comment.objects.filter(is_among(discussions(member), "case"), versions__isnull=False).distinct()
    standing = Q(~is_hidden(), deleted_at=None)
    return changed.filter(standing | ~Q(author_id=getattr(member, "pk", None)) if _moderates(member) else standing)


POLICY: Policy = {
    "case.report": cases_to_report,
    "case.hold": cases_to_hide,
    "comment.report": comments_to_report,
    "comment.hold": comments_to_hide,
    "comment.history": histories,
    "case_hold.view": case_holds,
    "case_hold.decide": case_holds_to_decide,
    "comment_hold.decide": comment_holds_to_decide,
    "report.settle": reports,
    "report.reopen": reports_to_reopen,
    "report.own": own_reports,
    **CONCERNS,
}
