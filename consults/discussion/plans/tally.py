"""The tally of plans: how many colleagues would do what, by role. Pure, and independent of the order of answers.

A plan may name several things, so the figures of one tally need not add up to the number of answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consults.discussion.consensus import WEIGHTS

# Options in the order in which they are shown when equally many colleagues chose them.
OPTIONS: Final = ("biopsy", "no_biopsy", "treat", "refer", "observe")


@dataclass(frozen=True, slots=True)
class Planned:
    """One member's plan: (option, detail) pairs, each option once; `counted_as` is a key of WEIGHTS.

    Raises ValueError for an unknown role or option, and for an option given twice.
    """

    counted_as: str
    picks: Sequence[tuple[str, str]]

    def __post_init__(self) -> None:
        options = [option for option, _detail in self.picks]
        if self.counted_as not in WEIGHTS or set(options) - set(OPTIONS):
            raise ValueError("no such role or option")
        if len(set(options)) < len(options):
            raise ValueError("an option is given twice")


@dataclass(frozen=True, slots=True)
class OptionCount:
    """One option: how many counted answers named it, in all and by role, and with which details, most first."""

    option: str
    count: int
    by_role: Mapping[str, int]
    details: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PlanTally:
    """The number of counted answers with a plan, in all and by role, and what they named, most first."""

    answers: int
    by_role: Mapping[str, int]
    options: tuple[OptionCount, ...]


def tally(plans: Iterable[Planned], *, shown_from: int = 3) -> PlanTally | None:
    """Return the tally of all plans on a case; None below `shown_from` counted ones, as for the consensus."""
    counted = [plan for plan in plans if WEIGHTS[plan.counted_as] > 0]
    if len(counted) < shown_from:
        return None
    named = {option for plan in counted for option, _detail in plan.picks}
    options = sorted(
        (_count(option, counted) for option in named), key=lambda one: (-one.count, OPTIONS.index(one.option))
    )
    return PlanTally(answers=len(counted), by_role=Counter(plan.counted_as for plan in counted), options=tuple(options))


def _count(option: str, plans: Sequence[Planned]) -> OptionCount:
    found = [(plan.counted_as, detail) for plan in plans for one, detail in plan.picks if one == option]
    details = Counter(detail for _role, detail in found if detail)
    return OptionCount(
        option=option,
        count=len(found),
        by_role=Counter(role for role, _detail in found),
        details=tuple(sorted(details.items(), key=lambda pair: (-pair[1], pair[0]))),
    )
