"""Figures of a profile that are counted from answers, which accounts does not know: `consults` fills the slot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from accounts.membership.models import Member
from core.hooks import Slot

MOST_COUNTED: Final = 500  # answers; more are "500 or more"
CALIBRATION_FROM: Final = 20  # answers with an outcome; fewer say nothing
SHARE_FROM: Final = 5  # answers of one confidence; a share of fewer says who had which case


@dataclass(frozen=True)
class Sureness:
    """How often a first choice was right that was given with this confidence, in the reader's language."""

    confidence: str
    given: int
    right: int

    @property
    def percent(self) -> int | None:
        """The share in whole percent; None for too few."""
        return round(100 * self.right / self.given) if self.given >= SHARE_FROM else None


@dataclass(frozen=True)
class Calibration:
    """A member's blind first answers against outcomes, by confidence, surest first.

    `right` of the answers named the outcome, first or among the three.
    """

    answers: int
    rows: Sequence[Sureness]
    right: int = 0

    @property
    def is_enough(self) -> bool:
        """Whether there are enough answers to show anything."""
        return self.answers >= CALIBRATION_FROM


class Figures(Protocol):
    """What is counted from a member's answers."""

    def answered(self, member: Member) -> int:
        """Count the cases that the member gave a diagnosis for, to MOST_COUNTED. One query."""

    def calibration(self, member: Member) -> Calibration:
        """Compare the newest answers with the outcomes. At most three queries."""


figures: Slot[Figures] = Slot("accounts.profiles.hooks.Figures")
