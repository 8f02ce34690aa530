"""A member as pages of profiles and directory show them. No queries beyond what the caller has read."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.membership.models import Member
from accounts.profiles import identifiers
from accounts.profiles.models import Portrait, PortraitState, Profile, Publication, profile_of
from accounts.profiles.names import initials
from vocabulary import interests, languages


@dataclass(frozen=True)
class Card:
    """A member with the addresses of the clean portrait, "" without one, and what stands there instead."""

    member: Member
    profile: Profile
    initials: str
    small: str
    large: str

    @property
    def interests(self) -> list[str]:
        """The interests in the reader's language."""
        return [interests.label(code) for code in self.profile.interests]

    @property
    def languages(self) -> list[str]:
        """The languages in the reader's language."""
        return [languages.label(code) for code in self.profile.languages]


def card_of(member: Member) -> Card:
    """Return the card of a member who was read with profile and portrait (`select_related`)."""
    portrait = portrait_of(member)
    is_clean = portrait is not None and portrait.state == PortraitState.CLEAN
    small, large = (_address(portrait, size) if is_clean and portrait else "" for size in (64, 256))
    return Card(member, profile_of(member), initials(member.name), small, large)


def portrait_of(member: Member) -> Portrait | None:
    """Return a member's portrait in whatever state, or None."""
    try:
        return member.portrait
    except Portrait.DoesNotExist:
        return None


def _address(portrait: Portrait, size: int) -> str:
    return reverse("accounts:portrait", args=[portrait.pk, size])


def publication_row(publication: Publication) -> dict[str, Any]:
    """Return a publication with the text and the address of its link."""
    if publication.doi:
        return {"line": publication, "link": f"doi:{publication.doi}", "href": identifiers.doi_address(publication.doi)}
    if publication.pmid:
        address = identifiers.pubmed_address(publication.pmid)
        return {"line": publication, "link": f"PMID {publication.pmid}", "href": address}
    return {"line": publication, "link": "", "href": ""}
