"""Badges of a member: what was checked or counted here, never what somebody says of themselves."""

from dataclasses import dataclass
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.membership.models import Member, Profession
from accounts.profiles.models import Profile

BANDS: Final = (500, 100, 50, 10)  # cases answered
_SPECIALISTS: Final = (Profession.DERMATOLOGIST, Profession.DERMATOPATHOLOGIST)


@dataclass(frozen=True)
class Badge:
    """A badge as templates/partials/badge.html takes it."""

    text: str
    tone: str = ""
    icon: str = ""


def band(answered: int) -> int:
    """Return the largest of BANDS that is reached; 0 below all of them, where a number would tell too much."""
    return next((least for least in BANDS if answered >= least), 0)


def badges(member: Member, profile: Profile, *, answered: int) -> list[Badge]:
    """Return a member's badges."""
    found = []
    if member.profession in _SPECIALISTS:
        found.append(Badge(_("Specialist"), "accent", "check"))
    elif member.profession == Profession.RESIDENT:
        found.append(Badge(_("Resident"), "accent"))
    if member.may_moderate:
        found.append(Badge(_("Moderator"), "accent", "shield"))
    # The date until which the conduct module counts as done stands with the member once there is such a module.
    conduct_until = getattr(member, "conduct_until", None)
    if conduct_until and conduct_until >= timezone.localdate():
        found.append(Badge(_("Conduct module passed"), "good", "check"))
    if reached := band(answered):
        found.append(Badge(_("%(number)d or more cases answered") % {"number": reached}, "", "comment"))
    if profile.orcid_confirmed_at:
        found.append(Badge(_("ORCID iD confirmed"), "good", "check"))
    return found
