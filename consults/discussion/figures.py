"""Figures of one member for their profile, counted from their blind first answers."""

from collections.abc import Sequence
from typing import Final

from accounts.models import Member
from accounts.profiles.hooks import MOST_COUNTED, Calibration, Sureness
from consults.cases.models import CaseState
from consults.discussion.accuracy import hit, is_right
from consults.discussion.models import COUNTED, Answer, AnswerKind, blind_suggestions
from vocabulary import terms

_STANDARDS: Final = [one.value for one in terms.ReferenceStandard if one.counts]
_SUREST_FIRST: Final = tuple(reversed(terms.Confidence))


class AnswerFigures:
    """The implementation of `accounts.profiles.hooks.Figures`."""

    def answered(self, member: Member) -> int:
        """Count the cases that the member gave a diagnosis or a plan for, to MOST_COUNTED. One query."""
        return Answer.objects.filter(member=member, kind__in=COUNTED)[:MOST_COUNTED].count()

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
        # A first choice in the member's own words that became none of the list is measured by nothing.
        chosen = [
            (answer, code, confidence)
            for answer in counted
            for rank, code, confidence in blind_suggestions(answer)
            if rank == 1
        ]
        first = [((code, confidence), answer.case.outcome.diagnosis) for answer, code, confidence in chosen]
        return Calibration(
            answers=len(first),
            rows=[_row(level, first) for level in _SUREST_FIRST],
            right=sum(hit(answer, answer.case.outcome) > 0 for answer, _code, _confidence in chosen),
        )


def _row(level: terms.Confidence, given: Sequence[tuple[tuple[str, str], str]]) -> Sureness:
    of_level = [(code, truth) for (code, confidence), truth in given if confidence == level]
    right = sum(is_right(code, truth) for code, truth in of_level)
    return Sureness(confidence=str(level.label), given=len(of_level), right=right)
