"""Figures of one member for their profile, counted from their blind first answers."""

from collections.abc import Sequence
from typing import Final

from accounts.models import Member
from accounts.profiles.hooks import MOST_COUNTED, Calibration, Sureness
from consults.cases.models import CaseState
from consults.discussion.accuracy import hit, is_right
from consults.discussion.models import Answer, AnswerKind, revisions_in_order
from vocabulary import terms

_STANDARDS: Final = [one.value for one in terms.ReferenceStandard if one.counts]
_SUREST_FIRST: Final = tuple(reversed(terms.Confidence))


class AnswerFigures:
    """The implementation of `accounts.profiles.hooks.Figures`."""

    def answered(self, member: Member) -> int:
        """Count the cases that the member gave a diagnosis for, to MOST_COUNTED. One query."""
        return Answer.objects.filter(member=member, kind=AnswerKind.DIAGNOSIS)[:MOST_COUNTED].count()

    def calibration(self, member: Member) -> Calibration:
        """Compare the newest answers to closed cases with their outcomes. At most three queries."""
        given = (
            Answer.objects.filter(member=member, kind=AnswerKind.DIAGNOSIS, case__state=CaseState.CLOSED)
            .filter(case__outcome__reference__in=_STANDARDS)
            .select_related("case__outcome")
            .prefetch_related("suggestions", "revisions")
            .order_by("-answered_at")[:MOST_COUNTED]
        )
        counted = [answer for answer in given if answer.answered_at < answer.case.outcome.closed_at]
        first = [(_first_choice(answer), answer.case.outcome.diagnosis) for answer in counted]
        return Calibration(
            answers=len(first),
            rows=[_row(level, first) for level in _SUREST_FIRST],
            right=sum(hit(answer, answer.case.outcome) > 0 for answer in counted),
        )


def _first_choice(answer: Answer) -> tuple[str, str]:
    """Return (code, confidence) of the first diagnosis of the blind answer: revisions were made after reading."""
    revisions = revisions_in_order(answer.revisions.all())
    if revisions:
        _rank, code, confidence = min(revisions[0].suggestions)
        return code, confidence
    suggestion = answer.suggestions.all()[0]
    return suggestion.code, suggestion.confidence


def _row(level: terms.Confidence, given: Sequence[tuple[tuple[str, str], str]]) -> Sureness:
    of_level = [(code, truth) for (code, confidence), truth in given if confidence == level]
    right = sum(is_right(code, truth) for code, truth in of_level)
    return Sureness(confidence=str(level.label), given=len(of_level), right=right)
