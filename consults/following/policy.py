"""Policy of following and saved searches: action -> rows.

| who | follows a case | follows a group | ends it, sees their own | saves searches |
|---|---|---|---|---|
| verified member who sees cases | visible ones of others | their own groups | yes | yes |
| author | never the own case: its news comes anyway | their own groups | yes | yes |
| privacy officer, administrator, anybody not verified | none | none | none | none |
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from accounts.policy import rights
from consults.cases import gate
from consults.cases.models import Case
from consults.following.models import Following, SavedSearch
from consults.groups.models import Group, Membership
from core.permissions import Policy


def cases_to_follow(member: object) -> QuerySet[Case]:
    """Return visible cases of others."""
    if not isinstance(member, Member):
        return Case.objects.none()
    return gate.visible_cases(member).exclude(author=member)


def groups_to_follow(member: object) -> QuerySet[Group]:
    """Return the groups that this member belongs to."""
    if not isinstance(member, Member) or not rights(member).see_cases:
        return Group.objects.none()
    mine = Membership.objects.filter(member=member, group=OuterRef("pk"))
    return Group.objects.filter(Q(Exists(mine)), ended_at=None)


def own_followings(member: object) -> QuerySet[Following]:
    """Return what this member follows, whatever has become of it."""
    if not isinstance(member, Member) or not rights(member).see_cases:
        return Following.objects.none()
    return Following.objects.filter(member=member)


def own_searches(member: object) -> QuerySet[SavedSearch]:
    """Return the searches that this member saved."""
    if not isinstance(member, Member) or not rights(member).see_cases:
        return SavedSearch.objects.none()
    return SavedSearch.objects.filter(member=member)


POLICY: Policy = {
    "case.follow": cases_to_follow,
    "group.follow": groups_to_follow,
    "following.end": own_followings,
    "search.change": own_searches,
}
