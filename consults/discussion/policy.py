"""Who may answer, discuss and close: action -> rows."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from accounts.policy import rights
from consults.cases import gate
from consults.models import Answer, AnswerKind, Case, CaseState
from core.permissions import Policy


def to_answer(member: object) -> QuerySet[Case]:
    """Open visible cases of others that this member may diagnose."""
    if not isinstance(member, Member) or not rights(member).diagnose:
        return Case.objects.none()
    return gate.visible_cases(member).filter(state=CaseState.RELEASED).exclude(author=member)


def discussions(member: object) -> QuerySet[Case]:
    """Visible cases whose answers and thread are open to this member: answered, own, or closed."""
    if not isinstance(member, Member):
        return Case.objects.none()
    answered = Answer.objects.filter(case=OuterRef("pk"), member=member)
    return gate.visible_cases(member).filter(Q(author=member) | Q(state=CaseState.CLOSED) | Exists(answered))


def to_comment(member: object) -> QuerySet[Case]:
    """Discussions this member may write in: those who only look on in the teaching scope do not."""
    if not isinstance(member, Member) or not rights(member).diagnose:
        return Case.objects.none()
    return discussions(member)


def to_revise(member: object) -> QuerySet[Case]:
    """Open cases on which this member's own diagnosis may be changed; the change is kept as a revision."""
    if not isinstance(member, Member):
        return Case.objects.none()
    mine = Answer.objects.filter(case=OuterRef("pk"), member=member, kind=AnswerKind.DIAGNOSIS)
    return to_answer(member).filter(Exists(mine))


def to_close(member: object) -> QuerySet[Case]:
    """Own open cases."""
    return gate.own_cases(member).filter(state=CaseState.RELEASED)


POLICY: Policy = {
    "case.diagnose": to_answer,
    "case.revise": to_revise,
    "case.discuss": discussions,
    "case.comment": to_comment,
    "case.close": to_close,
}
