"""How the crowd did, once a case is closed with a reference standard."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consults.discussion.models import Answer, AnswerKind, Outcome, revisions_in_order
from vocabulary import diagnoses

ROLES: Final[dict[str, str | Promise]] = {
    "expert": _("Dermatologists and dermatopathologists"),
    "trainee": _("Residents"),
    "physician": _("Other doctors"),
    "other": _("Nurses and assistants"),
}


@dataclass(frozen=True)
class Share:
    """How one kind of member did: of `answers`, how many were right; `percent` values are whole numbers."""

    role: str | Promise
    answers: int
    top1: int
    top3: int
    branch1: int
    branch3: int

    def percent(self, hits: int) -> int:
        """Hits as a whole percentage of the answers."""
        return round(100 * hits / self.answers)

    @property
    def rows(self) -> list[tuple[str | Promise, int, int]]:
        """(what counts as right, hits, percent), strictest first."""
        kinds = (
            (_("First choice, exact"), self.top1),
            (_("First choice, exact or same branch"), self.branch1),
            (_("Among the three, exact"), self.top3),
            (_("Among the three, exact or same branch"), self.branch3),
        )
        return [(name, hits, self.percent(hits)) for name, hits in kinds]


def how_the_crowd_did(given: Iterable[Answer], outcome: Outcome) -> list[Share]:
    """Hits of the blind first answers (of `given_answers`) before the closing: everybody first, then role by role.

    Later revisions do not count: they were made after seeing the others. Empty without such answers.
    """
    by_role: dict[str, list[list[str]]] = {}
    for answer in given:
        if answer.kind != AnswerKind.DIAGNOSIS or not answer.counted_as or answer.answered_at >= outcome.closed_at:
            continue
        by_role.setdefault(answer.counted_as, []).append(_blind_codes(answer))
    if not by_role:
        return []
    everybody = [codes for answers_of_role in by_role.values() for codes in answers_of_role]
    shares = [_share(_("All members"), everybody, truth=outcome.diagnosis)]
    shares += [_share(ROLES[role], by_role[role], truth=outcome.diagnosis) for role in ROLES if role in by_role]
    return shares


def _blind_codes(answer: Answer) -> list[str]:
    revisions = revisions_in_order(answer.revisions.all())
    if revisions:
        return [code for _rank, code, _confidence in sorted(revisions[0].suggestions)]
    return [suggestion.code for suggestion in answer.suggestions.all()]


def _share(role: str | Promise, given: list[list[str]], *, truth: str) -> Share:
    def branch(code: str) -> bool:
        try:
            return diagnoses.same_branch(code, truth)
        except diagnoses.UnknownDiagnosis:
            return code == truth

    return Share(
        role=role,
        answers=len(given),
        top1=sum(codes[0] == truth for codes in given),
        top3=sum(truth in codes for codes in given),
        branch1=sum(branch(codes[0]) for codes in given),
        branch3=sum(any(map(branch, codes)) for codes in given),
    )
