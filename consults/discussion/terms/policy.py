"""Policy of proposed terms: who decides them.

Moderators are as blind as everybody: a proposed diagnosis belongs to a case, so it is read by those of them for whom
the discussion of the case is open, and by others only where they could not answer it.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from consults.cases.models import PUBLISHED, Case
from consults.discussion.policy import to_answer
from consults.discussion.terms.models import ProposedTerm, TermState
from core.permissions import Policy


def proposals(member: object) -> QuerySet[ProposedTerm]:
    """Return the waiting proposals of others on published cases, for moderators: that they wait, not what they say."""
    if not isinstance(member, Member) or not member.may_moderate:
        return ProposedTerm.objects.none()
    waiting = ProposedTerm.objects.filter(state=TermState.WAITING, answer__case__state__in=PUBLISHED)
    return waiting.exclude(answer__member=member)


def to_decide(member: object) -> QuerySet[ProposedTerm]:
    """Return the waiting proposals of others that a moderator may read and decide."""
    return proposals(member).exclude(_still_to_answer(member))


def closed_to(member: object) -> QuerySet[ProposedTerm]:
    """Return those on cases that this moderator may still answer blind: they read them after that."""
    return proposals(member).filter(_still_to_answer(member))


def _still_to_answer(member: object) -> Q:
    """Return the condition that the case is open to this member's own blind answer, which they have not given."""
    mine = Case.objects.filter(answers__member=getattr(member, "pk", None), pk=OuterRef("answer__case"))
    return Q(Exists(to_answer(member).filter(pk=OuterRef("answer__case")))) & ~Q(Exists(mine))


POLICY: Policy = {"term.decide": to_decide}
