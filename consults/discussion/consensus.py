"""Consensus of a case's answers: weight × confidence × 1/rank, summed by diagnosis and normalised to 1.

Weights by role, in the figure for all members: a specialist 1, a resident or another physician ½ (three of them
outvote one specialist, one does not), a nurse or physician assistant ¼. The figure for specialists alone is shown
beside it, so that nobody has to trust these weights.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Final

from vocabulary import diagnoses

WEIGHTS: Final = {"expert": 1.0, "physician": 0.5, "trainee": 0.5, "other": 0.25, "": 0.0}
STRONG_FROM_ANSWERS: Final = 5
STRONG_FROM_SHARE: Final = 0.6
# Three of five equally sure answers are 60 %, in spite of rounding errors.
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Opinion:
    """One member's answer: (code, rank from 1, confidence 0 to 1) per diagnosis; `counted_as` is a key of WEIGHTS.

    Raises ValueError for a role, rank or confidence out of range and for a code given twice.
    """

    counted_as: str
    diagnoses: Sequence[tuple[str, int, float]]
    is_dermatologist: bool

    def __post_init__(self) -> None:
        if self.counted_as not in WEIGHTS:
            raise ValueError("no such role")
        if len({code for code, _, _ in self.diagnoses}) < len(self.diagnoses):
            raise ValueError("a diagnosis is given twice")
        for _code, rank, confidence in self.diagnoses:
            if rank < 1 or not 0 <= confidence <= 1:
                raise ValueError("rank counts from 1, confidence lies between 0 and 1")

    @property
    def weight(self) -> float:
        """The weight of the member's role, 0 to 1."""
        return WEIGHTS[self.counted_as]


@dataclass(frozen=True, slots=True)
class DiagnosisShare:
    """One diagnosis: its share of the total score, 0 to 1, and how many counted answers name it at any rank."""

    code: str
    share: float
    supporters: int


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of counted answers and their shares, highest first; shares sum to 1 or there are none."""

    answers: int
    shares: tuple[DiagnosisShare, ...]


@dataclass(frozen=True, slots=True)
class BranchShare(DiagnosisShare):
    """One disease with the kinds of it that were named, in `parts`, highest first.

    `code` is the nearest diagnosis above all of them; the share is their sum, and each supporter counts once.
    """

    parts: tuple[DiagnosisShare, ...]


@dataclass(frozen=True, slots=True)
class RolledUp:
    """The same answers by disease, where that changes the first diagnosis or makes the agreement strong."""

    shares: tuple[BranchShare, ...]
    experts: tuple[BranchShare, ...]
    strong: bool


@dataclass(frozen=True, slots=True)
class Consensus(Tally):
    """The consensus of all counted members, with that of the specialists alone in `experts`.

    `rolled_up`: nodular and superficial BCC are one disease. None where seeing them as one changes nothing.

    `lone_malignant`: codes of malignant diagnoses that only one member named, counted or not. They are shown
    whatever their share: one colleague who sees a melanoma must not be outvoted by ten who see a naevus.
    """

    strong: bool
    experts: Tally
    lone_malignant: list[str] = field(default_factory=list)
    rolled_up: RolledUp | None = None

    @property
    def agrees_strongly(self) -> bool:
        """Whether it is strong, on one diagnosis or on one disease."""
        return self.strong or (self.rolled_up is not None and self.rolled_up.strong)


def consensus(opinions: Iterable[Opinion], *, shown_from: int = 3) -> Consensus | None:
    """Return the consensus of all opinions on a case; None below `shown_from` counted answers.

    Strong means at least five counted answers, a dermatologist among them, and a top share of 60 % or more.
    Raises UnknownDiagnosis.
    """
    everybody = list(opinions)
    counted = [opinion for opinion in everybody if opinion.weight > 0]
    if len(counted) < shown_from:
        return None
    shares = _shares(counted)
    experts = [opinion for opinion in counted if opinion.counted_as == "expert"]
    return Consensus(
        answers=len(counted),
        shares=shares,
        strong=_is_strong(counted, shares),
        experts=Tally(answers=len(experts), shares=_shares(experts)),
        lone_malignant=_lone_malignant(everybody),
        rolled_up=_rolled_up(counted, experts, shares=shares),
    )


def _is_strong(counted: Sequence[Opinion], shares: Sequence[DiagnosisShare]) -> bool:
    return (
        len(counted) >= STRONG_FROM_ANSWERS
        and any(opinion.is_dermatologist for opinion in counted)
        and bool(shares)
        and _is_large(shares[0])
    )


def _is_large(share: DiagnosisShare) -> bool:
    return share.share >= STRONG_FROM_SHARE - _ROUNDING


def _rolled_up(
    counted: Sequence[Opinion], experts: Sequence[Opinion], *, shares: Sequence[DiagnosisShare]
) -> RolledUp | None:
    """Return the shares by disease; None where that changes nothing.

    It changes something where another disease comes first, or the first reaches the share of a strong agreement.
    """
    if not shares:
        return None
    branches = branch_shares(counted)
    first = {part.code for part in branches[0].parts}
    if shares[0].code in first and _is_large(shares[0]) == _is_large(branches[0]):
        return None
    return RolledUp(shares=branches, experts=branch_shares(experts), strong=_is_strong(counted, branches))


def branch_shares(opinions: Sequence[Opinion]) -> tuple[BranchShare, ...]:
    """Return the shares by disease, highest first; those of kinds of one disease are added up.

    Two codes are of one disease when they share a diagnosis at or above them (`diagnoses.same_branch`); a heading joins
    nothing. Raises UnknownDiagnosis.
    """
    parts: dict[str, list[DiagnosisShare]] = defaultdict(list)
    for share in _shares(opinions):
        parts[_lineage(share.code)[-1]].append(share)
    found = []
    for below in parts.values():
        codes = {share.code for share in below}
        found.append(
            BranchShare(
                code=_nearest_above([share.code for share in below]),
                share=fsum(share.share for share in below),
                supporters=sum(any(code in codes for code, _, _ in opinion.diagnoses) for opinion in opinions),
                parts=tuple(below),
            )
        )
    return tuple(sorted(found, key=lambda branch: (-branch.share, branch.code)))


def _lineage(code: str) -> list[str]:
    """Return a diagnosis and those above it without the heading, nearest first; the code alone for a heading."""
    return [code, *(one.code for one in diagnoses.ancestors(code) if not one.is_heading)]


def _nearest_above(codes: Sequence[str]) -> str:
    """Return the nearest diagnosis at or above all of these, which are of one branch."""
    common = set.intersection(*(set(_lineage(code)) for code in codes))
    return next(code for code in _lineage(codes[0]) if code in common)


def _shares(opinions: Sequence[Opinion]) -> tuple[DiagnosisShare, ...]:
    scores: dict[str, list[float]] = defaultdict(list)
    for opinion in opinions:
        for code, rank, confidence in opinion.diagnoses:
            scores[code].append(opinion.weight * confidence / rank)
    # fsum is exact, so the result does not depend on who answered first.
    total = fsum(score for each in scores.values() for score in each)
    if not total:
        return ()
    shares = [
        DiagnosisShare(code=code, share=fsum(each) / total, supporters=len(each)) for code, each in scores.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.share, share.code)))


def _lone_malignant(opinions: Sequence[Opinion]) -> list[str]:
    raised = [{code for code, _, _ in opinion.diagnoses if diagnoses.is_malignant(code)} for opinion in opinions]
    lone = set()
    for place, codes in enumerate(raised):
        others = [code for elsewhere, theirs in enumerate(raised) if elsewhere != place for code in theirs]
        lone |= {code for code in codes if not any(diagnoses.same_branch(code, other) for other in others)}
    return sorted(lone)
