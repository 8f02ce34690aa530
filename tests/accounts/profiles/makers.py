"""Profiles ready to be looked at."""

from typing import Any

from accounts.models import Member, Position, Profile, Publication, Training
from accounts.profiles import service

CANARY = "Hummingbird"  # stands in every field of `full_profile`, and nowhere else


def say(member: Member, **fields: Any) -> Profile:
    """Save fields of a member's profile as the page does."""
    service.save(member=member, **fields)
    return Profile.objects.get(member=member)


def full_profile(member: Member) -> None:
    """A profile with CANARY in every field that takes words."""
    say(member, about=f"{CANARY}About", interests=["hair", "bullous"], languages=["tr"], orcid="0000-0002-1825-0097")
    lines: list[Any] = [
        Training(degree=f"{CANARY}Degree", specialty=f"{CANARY}Specialty", institution=f"{CANARY}School"),
        Position(title=f"{CANARY}Title", institution=f"{CANARY}House", from_year=2019),
        Publication(words=f"{CANARY}Paper", doi=f"10.1001/{CANARY.lower()}"),
    ]
    for line in lines:
        service.add_line(line, member=member)
