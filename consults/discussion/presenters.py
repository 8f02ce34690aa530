"""What opens after one's own answer: the others' answers, the thread, and how the crowd did.

Nothing here asks who may see it. Call it for a case of the policy's `case.discuss` only: before that, the
number of answers is all that a member is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, Profession
from consults.cases.models import Case
from consults.discussion.consensus import Consensus
from consults.discussion.models import Answer, AnswerKind, Comment, revisions_in_order
from vocabulary import diagnoses, terms

# Badges beside names: short, because a phone has room for one line.
BADGES: Final[dict[str, str | Promise]] = {
    Profession.DERMATOLOGIST: _("Dermatologist"),
    Profession.DERMATOPATHOLOGIST: _("Dermatopathologist"),
    Profession.RESIDENT: _("Resident"),
    Profession.PHYSICIAN: _("Doctor, other field"),
    Profession.NURSE: _("Nurse or assistant"),
    Profession.STUDENT: _("Student"),
}


@dataclass(frozen=True)
class Named:
    """A diagnosis in the reader's language, and how sure somebody was of it."""

    code: str
    label: str
    confidence: str
    malignant: bool


@dataclass(frozen=True)
class GivenAnswer:
    """One member's answer as it stands now, and how often it was changed after seeing the others."""

    pk: UUID
    member: Member
    badge: str | Promise
    answered_at: datetime
    diagnoses: list[Named]
    first: list[Named]
    revisions: int
    is_mine: bool


@dataclass(frozen=True)
class Line:
    """One diagnosis of the consensus: who supports it at any rank, and its shares in whole percent."""

    label: str
    supporters: int
    everybody: int
    experts: int


def name_of(code: str) -> str:
    """A diagnosis in the reader's language; the code itself when the vocabulary no longer knows it."""
    try:
        return diagnoses.get(code).label_in(get_language() or "en")
    except diagnoses.UnknownDiagnosis:
        return code


def _named(code: str, confidence: str) -> Named:
    known = dict(terms.Confidence.choices)
    try:
        malignant = diagnoses.is_malignant(code)
    except diagnoses.UnknownDiagnosis:
        malignant = False
    return Named(code=code, label=name_of(code), confidence=str(known.get(confidence, "")), malignant=malignant)


def answers(given: Sequence[Answer], *, reader: Member) -> list[GivenAnswer]:
    """Every diagnosis given (`given_answers`), the reader's own before all others."""
    found = [_answer(answer, reader=reader) for answer in given if answer.kind == AnswerKind.DIAGNOSIS]
    return sorted(found, key=lambda answer: not answer.is_mine)


def _answer(answer: Answer, *, reader: Member) -> GivenAnswer:
    now = [_named(s.code, s.confidence) for s in answer.suggestions.all()]
    revisions = revisions_in_order(answer.revisions.all())
    first = [_named(code, confidence) for _rank, code, confidence in revisions[0].suggestions] if revisions else now
    return GivenAnswer(
        pk=answer.pk,
        member=answer.member,
        badge=badge(answer.member),
        answered_at=answer.answered_at,
        diagnoses=now,
        first=first,
        revisions=len(revisions),
        is_mine=answer.member_id == reader.pk,
    )


def lines(agreed: Consensus) -> list[Line]:
    """The consensus diagnosis by diagnosis, the most supported first, the experts' share beside everybody's."""
    of_experts = {share.code: share.share for share in agreed.experts.shares}
    return [
        Line(
            label=name_of(share.code),
            supporters=share.supporters,
            everybody=round(100 * share.share),
            experts=round(100 * of_experts.get(share.code, 0)),
        )
        for share in agreed.shares
    ]


def raised_alone(given: Sequence[GivenAnswer], agreed: Consensus | None) -> list[str]:
    """Malignant diagnoses that must not drown: those of one member alone, all of them while answers are few."""
    if agreed is not None:
        return [name_of(code) for code in agreed.lone_malignant]
    return sorted({named.label for answer in given for named in answer.diagnoses if named.malignant})


def badge(member: Member) -> str | Promise:
    """What a member is, in a word or two."""
    return BADGES.get(member.profession, "")


def thread(case: Case) -> list[tuple[Comment, str | Promise]]:
    """The comments in the order they were written, each with its author's badge."""
    comments = case.comments.select_related("author", "reply_to__author").order_by("written_at", "id")
    return [(comment, badge(comment.author)) for comment in comments]
