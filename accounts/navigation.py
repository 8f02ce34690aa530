"""Navigation of the accounts app."""

from django.utils.translation import gettext_lazy as _

from accounts.membership.models import Member
from core.navigation import Place

SECTIONS = {
    "accounts:queue": "applications",
    "accounts:decide": "applications",
    "accounts:people": "people",
    "consults:managed_group": "people",
    "accounts:checks": "applications",
    "accounts:check": "applications",
    "accounts:membership": "me",
    "accounts:confirm_year": "me",
    "accounts:change": "me",
    "accounts:me": "me",
    "accounts:conduct": "me",
    "accounts:recover": "me",
    "accounts:lost": "login",
    "mfa_": "login",
    "accounts:sessions": "me",
    "accounts:address": "me",
    "accounts:my_data": "me",
    "accounts:leave": "me",
    "accounts:appl": "apply",
    "account_": "me",
    "account_login": "login",
}


def places(member: Member) -> list[Place]:
    """Return the queue of applications for moderators, and the page of offices for administrators."""
    if member.is_verified and member.is_staff:
        return [Place(55, "people", _("People"), "people", "accounts:people")]
    if member.may_see_cases and member.is_moderator:
        return [Place(50, "applications", _("Applications"), "people", "accounts:queue")]
    return []
