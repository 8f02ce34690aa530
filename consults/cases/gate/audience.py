"""Audience of one case: the rule of `visible_cases`, asked of members instead of cases."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from accounts.policy import RIGHTS, Scope
from consults.cases.models import Case, CaseState
from consults.groups.models import Membership
from vocabulary import terms


def members_who_see(case: Case) -> QuerySet[Member]:
    """Return the members to whom a case is addressed, its author among them.

    For a case that is shown: whether it is, the caller has asked `visible_cases`.
    """
    is_closed_teaching = case.kind == terms.CaseKind.TEACHING and case.state == CaseState.CLOSED
    reached = {
        Scope.ALL: True,
        Scope.OPTED_IN: case.group is not None and case.group.open_to_nurses,
        Scope.TEACHING: is_closed_teaching,
        Scope.NONE: False,
    }
    addressed = Q(profession__in=[job for job, right in RIGHTS.items() if reached[right.see_cases]])
    if case.group_id is not None:
        addressed &= Q(Exists(Membership.objects.filter(group=case.group_id, member=OuterRef("pk"))))
    readers: QuerySet[Member] = Member.objects.verified().filter(is_staff=False, is_privacy_officer=False)
    return readers.filter(addressed | Q(pk=case.author_id))
