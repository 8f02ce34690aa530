"""Policy of answering, discussing and closing: action -> rows."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from accounts.policy import rights
from consults.cases import gate
from consults.cases.models import Case, CaseState
from consults.discussion.models import Answer, AnswerKind
from core.permissions import Policy


def to_answer(member: object) -> QuerySet[Case]:
    """Return open visible cases of others that this member may diagnose."""
    if not isinstance(member, Member) or not rights(member).diagnose:
        return Case.objects.none()
    return gate.visible_cases(member).filter(state=CaseState.RELEASED).exclude(author=member)


def discussions(member: object) -> QuerySet[Case]:
    """Return visible cases whose answers and thread are open to this member: answered, own, or closed."""
    if not isinstance(member, Member):
        return Case.objects.none()
    answered = Answer.objects.filter(case=OuterRef("pk"), member=member)
    return gate.visible_cases(member).filter(Q(author=member) | Q(state=CaseState.CLOSED) | Exists(answered))


def to_comment(member: object) -> QuerySet[Case]:
    """Return the discussions in which this member may comment; the teaching scope reads only."""
    if not isinstance(member, Member) or not rights(member).diagnose:
        return Case.objects.none()
    return discussions(member)


def to_revise(member: object) -> QuerySet[Case]:
    """Return open cases on which this member may revise their own diagnosis."""
    if not isinstance(member, Member):
        return Case.objects.none()
    mine = Answer.objects.filter(case=OuterRef("pk"), member=member, kind=AnswerKind.DIAGNOSIS)
    return to_answer(member).filter(Exists(mine))


def to_close(member: object) -> QuerySet[Case]:
    """Return own open cases."""
    return gate.own_cases(member).filter(state=CaseState.RELEASED)


POLICY: Policy = {
    "case.diagnose": to_answer,
    "case.revise": to_revise,
    "case.discuss": discussions,
    "case.comment": to_comment,
    "case.close": to_close,
}
