"""Policy of groups: administrators make them and say who belongs; they see no case of any."""

from django.db.models import QuerySet

from accounts.models import Member
from consults.groups.models import Group
from core.permissions import Policy


def to_manage(member: object) -> QuerySet[Group]:
    """Return all groups, for administrators."""
    if not isinstance(member, Member) or not (member.is_verified and member.is_staff):
        return Group.objects.none()
    return Group.objects.all()


POLICY: Policy = {"group.manage": to_manage}
