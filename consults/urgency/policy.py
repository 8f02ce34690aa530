"""Policy of urgency: who marks a case, who is on the rota."""

from django.db.models import QuerySet

from accounts.models import Member
from accounts.policy import SPECIALISTS
from consults.cases import gate
from consults.cases.models import Case, CaseState
from core.permissions import Policy


def to_mark(member: object) -> QuerySet[Case]:
    """Return own open cases that colleagues see."""
    pk = getattr(member, "pk", None)
    return gate.visible_cases(member).filter(author=pk, state=CaseState.RELEASED)


def may_volunteer(member: object) -> bool:
    """Whether this member may be on the rota: a specialist, because that is what the cases wait for."""
    return isinstance(member, Member) and member.may_see_cases and member.profession in SPECIALISTS


POLICY: Policy = {"case.mark_urgent": to_mark}
