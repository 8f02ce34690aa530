"""Navigation of the accounts app."""

from django.utils.translation import gettext_lazy as _

from accounts.membership.models import Member
from core.navigation import Place

SECTIONS = {
    "accounts:queue": "applications",
    "accounts:decide": "applications",
    "accounts:people": "people",
    "consults:groups": "people",
    "consults:group": "people",
    "accounts:me": "me",
    "accounts:profile_edit": "me",
    "accounts:line": "me",
    "accounts:directory": "members",
    "accounts:following": "members",
    "accounts:profile": "members",
    "accounts:appl": "apply",
    "account_": "me",
    "account_login": "login",
}


def places(member: Member) -> list[Place]:
    """Return the directory for members, the queue of applications for moderators, offices for administrators."""
    if member.is_verified and member.is_staff:
        return [Place(55, "people", _("People"), "people", "accounts:people")]
    if not member.may_see_cases:
        return []
    found = [Place(60, "members", _("Members"), "person", "accounts:directory", minor=True)]
    if member.is_moderator:
        found.append(Place(50, "applications", _("Applications"), "people", "accounts:queue"))
    return found
