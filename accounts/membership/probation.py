"""Probation: the first cases of a member are second-read with more care."""

from dataclasses import dataclass

from django.conf import settings

from accounts.membership.models import Member


@dataclass(frozen=True)
class Probation:
    """How far a member on probation is: `released` cases of the `needed` ones."""

    released: int
    needed: int

    @property
    def number(self) -> int:
        """The number of the case that is read next, from 1."""
        return self.released + 1


def probation_of(member: Member) -> Probation | None:
    """Return how far a member is on probation; None when it is over."""
    needed = int(settings.RULES["probation_posts"])
    return Probation(member.posts_released, needed) if member.posts_released < needed else None
