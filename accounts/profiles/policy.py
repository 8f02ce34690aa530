"""Who sees and changes what of profiles. Nobody outside sees any: neither officers nor applicants."""

from typing import Any

from django.db.models import QuerySet

from accounts.membership.models import Member
from accounts.profiles.models import Follow, Portrait, PortraitState, Position, Publication, Training
from core.permissions import Policy, is_among


def visible_members(member: Any) -> QuerySet[Member]:
    """Return those whose profile a verified member sees: verified members who are no officers, the member included."""
    nobody: QuerySet[Member] = Member.objects.none()
    if not isinstance(member, Member) or not member.may_see_cases:
        return nobody
    shown: QuerySet[Member] = Member.objects.verified().filter(is_staff=False, is_privacy_officer=False)
    return shown


def _pk(member: Any) -> Any:
    return getattr(member, "pk", None)


def listed_members(member: Any) -> QuerySet[Member]:
    """Return those in the directory: all whose profile is visible, without those who chose not to stand there."""
    return visible_members(member).exclude(profile__is_listed=False)


def members_to_follow(member: Any) -> QuerySet[Member]:
    """Return those whom a member may follow: everybody whose profile is visible, but not themselves."""
    return visible_members(member).exclude(pk=_pk(member))


def follows_of(member: Any) -> QuerySet[Follow]:
    """Return a member's own follows, which they may end whatever has become of the other."""
    if not isinstance(member, Member) or not member.may_see_cases:
        return Follow.objects.none()
    return Follow.objects.filter(follower=member)


def own_profile(member: Any) -> QuerySet[Member]:
    """Return the member alone: nobody changes another's profile, moderators included."""
    return visible_members(member).filter(pk=_pk(member))


def portraits_to_see(member: Any) -> QuerySet[Portrait]:
    """Return the clean portraits of those whose profile is visible."""
    shown = is_among(visible_members(member), "member")
    return Portrait.objects.filter(shown, state=PortraitState.CLEAN)


def own_trainings(member: Any) -> QuerySet[Training]:
    """Return a member's own lines on training."""
    return Training.objects.filter(is_among(own_profile(member), "member"))


def own_positions(member: Any) -> QuerySet[Position]:
    """Return a member's own lines on positions."""
    return Position.objects.filter(is_among(own_profile(member), "member"))


def own_publications(member: Any) -> QuerySet[Publication]:
    """Return a member's own publications."""
    return Publication.objects.filter(is_among(own_profile(member), "member"))


PROFILES: Policy = {
    "profile.view": visible_members,
    "profile.list": listed_members,
    "profile.edit": own_profile,
    "profile.portrait": portraits_to_see,
    "profile.follow": members_to_follow,
    "profile.unfollow": follows_of,
    "training.edit": own_trainings,
    "position.edit": own_positions,
    "publication.edit": own_publications,
}
