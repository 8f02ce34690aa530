"""Policy of answering, discussing and closing: action -> rows."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from accounts.policy import rights
from consent.models import Status
from consults.cases import gate
from consults.cases.models import Case, CaseState, with_solution
from consults.discussion.models import Answer, AnswerKind, Comment, CommentHold
from consults.holds import HIDING
from core.permissions import Policy, is_among


def to_answer(member: object) -> QuerySet[Case]:
    """Return open visible cases of others that this member may diagnose."""
    if not isinstance(member, Member) or not rights(member).diagnose:
        return Case.objects.none()
    return gate.visible_cases(member).filter(state=CaseState.RELEASED).exclude(author=member)


def discussions(member: object) -> QuerySet[Case]:
    """Return visible cases whose answers and thread are open to this member: answered, own, or closed."""
    if not isinstance(member, Member):
        return Case.objects.none()
    return gate.visible_cases(member).filter(is_open_to(member))


def is_open_to(member: object) -> Q:
    """Return the condition that a member has answered a case or only read it, wrote it, or that it is closed.

    Whether they see the case is another question: this one is also asked about a case that was hidden since.
    """
    pk = getattr(member, "pk", None)
    answered = Answer.objects.filter(case=OuterRef("pk"), member=pk)
    return Q(author=pk) | Q(state=CaseState.CLOSED) | Q(Exists(answered))


def to_comment(member: object) -> QuerySet[Case]:
    """Return the discussions in which this member may comment; the teaching scope reads only."""
    if not isinstance(member, Member) or not rights(member).diagnose:
        return Case.objects.none()
    return discussions(member)


def to_revise(member: object) -> QuerySet[Case]:
    """Return open cases on which this member may revise their own answer: not after reading a solution.

    Who only read it has none.
    """
    if not isinstance(member, Member):
        return Case.objects.none()
    mine = Answer.objects.filter(case=OuterRef("pk"), member=member).exclude(kind=AnswerKind.READ_ONLY)
    return to_answer(member).filter(~with_solution(), Exists(mine))


def solutions(member: object) -> QuerySet[Case]:
    """Return the teaching cases whose solution is open to this member: those whose discussion is."""
    return discussions(member).filter(with_solution())


def to_correct(member: object) -> QuerySet[Case]:
    """Return own closed cases."""
    return gate.own_cases(member).filter(state=CaseState.CLOSED, outcome__isnull=False)


def to_sum_up(member: object) -> QuerySet[Case]:
    """Return own cases that were published, of which the author may have a summary: none that was withdrawn."""
    gone = Q(state=CaseState.WITHDRAWN) | Q(consent__status__in=(Status.WITHDRAWN, Status.REFUSED))
    return gate.own_cases(member).filter(released_at__isnull=False).exclude(gone)


def to_close(member: object) -> QuerySet[Case]:
    """Return own open cases; a follow-up has no outcome of its own."""
    return gate.own_cases(member).filter(state=CaseState.RELEASED, follows=None)


def comments_to_change(member: object) -> QuerySet[Comment]:
    """Return own comments in open discussions that are neither deleted nor hidden by a moderator."""
    own = Comment.objects.filter(author_id=getattr(member, "pk", None), deleted_at=None)
    return own.filter(~is_hidden(), is_among(to_comment(member), "case"))


def comments_to_react(member: object) -> QuerySet[Comment]:
    """Return comments of others that stand in discussions in which this member may comment."""
    standing = Comment.objects.filter(~is_hidden(), is_among(to_comment(member), "case"), deleted_at=None)
    return standing.exclude(author_id=getattr(member, "pk", None))


def comments_to_read(member: object) -> QuerySet[Comment]:
    """Return the comments that stand in discussions open to this member: neither deleted nor hidden by a moderator."""
    return Comment.objects.filter(~is_hidden(), is_among(discussions(member), "case"), deleted_at=None)


def is_hidden() -> Q:
    """Return the condition that a moderator has hidden a comment."""
    return Q(Exists(CommentHold.objects.filter(comment=OuterRef("pk"), state__in=HIDING)))


POLICY: Policy = {
    "case.diagnose": to_answer,
    "case.revise": to_revise,
    "case.discuss": discussions,
    "case.comment": to_comment,
    "case.close": to_close,
    "case.correct": to_correct,
    "case.solution": solutions,
    "case.summary": to_sum_up,
    "comment.change": comments_to_change,
    "comment.react": comments_to_react,
    "comment.read": comments_to_read,
}
