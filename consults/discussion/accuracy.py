"""Accuracy of the blind answers, once a case is closed with a reference standard."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consults.discussion.models import Answer, AnswerKind, Outcome, blind_suggestions
from vocabulary import diagnoses

PLACES: Final = (1, 2, 3)
ROLES: Final[dict[str, str | Promise]] = {
    "expert": _("Dermatologists and dermatopathologists"),
    "trainee": _("Residents"),
    "physician": _("Other doctors"),
    "other": _("Nurses and assistants"),
}


@dataclass(frozen=True)
class RoleAccuracy:
    """Hits among the `answers` of one role: the first diagnosis or any of three, exact or in the same branch."""

    role: str | Promise
    answers: int
    top1: int
    top3: int
    branch1: int
    branch3: int

    def percent(self, hits: int) -> int:
        """Return hits as a whole percentage of the answers."""
        return round(100 * hits / self.answers)

    @property
    def rows(self) -> list[tuple[str | Promise, int, int]]:
        """The rows (criterion, hits, percent), strictest first."""
        kinds = (
            (_("First choice, exact"), self.top1),
            (_("First choice, exact or same branch"), self.branch1),
            (_("Among the three, exact"), self.top3),
            (_("Among the three, exact or same branch"), self.branch3),
        )
        return [(name, hits, self.percent(hits)) for name, hits in kinds]


def accuracy_by_role(given: Iterable[Answer], outcome: Outcome) -> list[RoleAccuracy]:
    """Return the accuracy of the blind first answers (of `given_answers`) before the closing: all, then each role.

    Later revisions do not count, because they were made after seeing the others. Empty without such answers, and for an
    outcome that is no standard to be measured by.
    """
    if not outcome.counts:
        return []
    by_role: dict[str, list[list[str]]] = {}
    for answer in given:
        if answer.kind != AnswerKind.DIAGNOSIS or not answer.counted_as or answer.answered_at >= outcome.closed_at:
            continue
        codes = blind_codes(answer)
        if any(codes):
            by_role.setdefault(answer.counted_as, []).append(codes)
    if not by_role:
        return []
    everybody = [codes for answers_of_role in by_role.values() for codes in answers_of_role]
    shares = [_role_accuracy(_("All members"), everybody, truth=outcome.diagnosis)]
    shares += [_role_accuracy(ROLES[role], by_role[role], truth=outcome.diagnosis) for role in ROLES if role in by_role]
    return shares


def blind_codes(answer: Answer) -> list[str]:
    """Return the codes of the three places of the first, blind answer; suggestions and revisions are prefetched.

    "" for an empty place: behind a first choice that waits for a moderator comes the second.
    """
    found = {rank: code for rank, code, _confidence in blind_suggestions(answer)}
    return [found.get(rank, "") for rank in PLACES]


def _role_accuracy(role: str | Promise, given: list[list[str]], *, truth: str) -> RoleAccuracy:
    return RoleAccuracy(
        role=role,
        answers=len(given),
        top1=sum(codes[0] == truth for codes in given),
        top3=sum(truth in codes for codes in given),
        branch1=sum(is_right(codes[0], truth) for codes in given),
        branch3=sum(any(is_right(code, truth) for code in codes) for codes in given),
    )


def is_right(code: str, truth: str) -> bool:
    """Whether a diagnosis is the outcome or in the same branch; codes that are no longer known must be equal."""
    try:
        return diagnoses.same_branch(code, truth)
    except diagnoses.UnknownDiagnosis:
        return code == truth


def hit(answer: Answer, outcome: Outcome) -> int:
    """Return the rank, 1 to 3, at which the blind answer named the outcome or its branch; 0 for none.

    0 as well for an answer after the closing, for reading only, and for an outcome that is no standard.
    """
    if answer.kind != AnswerKind.DIAGNOSIS or not outcome.counts or answer.answered_at >= outcome.closed_at:
        return 0
    ranks = (rank for rank, code in enumerate(blind_codes(answer), start=1) if is_right(code, outcome.diagnosis))
    return next(ranks, 0)
