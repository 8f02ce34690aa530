"""Presentation of an open discussion: answers, consensus and thread.

Nothing here checks access. Call it for a case of the policy's `case.discuss` only: before that, a member sees the
number of answers and nothing else of them.
"""

from collections.abc import Mapping, Sequence
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
from consults.discussion.models import (
    COUNTED,
    Answer,
    AnswerKind,
    Comment,
    CommentHold,
    blind_suggestions,
    revisions_in_order,
)
from consults.discussion.plans.models import plan_of
from consults.discussion.plans.presenters import ShownPlan, shown
from consults.discussion.terms.models import WhyNot
from consults.holds import HIDING
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
class NamedDiagnosis:
    """A diagnosis in the reader's language, with the confidence of the member who gave it."""

    code: str
    label: str
    confidence: str
    malignant: bool


@dataclass(frozen=True)
class GivenAnswer:
    """One member's answer: as it is now, as first given, and how often it was revised."""

    pk: UUID
    member: Member
    badge: str | Promise
    answered_at: datetime
    diagnoses: list[NamedDiagnosis]
    first: list[NamedDiagnosis]
    revisions: int
    is_mine: bool
    plan: ShownPlan | None = None
    first_plan: ShownPlan | None = None
    # Own words that a moderator has not decided yet, or has not added and why; to their author alone.
    waiting: str = ""
    refused: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class ConsensusLine:
    """One diagnosis of the consensus: the number of supporters at any rank, and its shares in whole percent."""

    label: str
    supporters: int
    everybody: int
    experts: int


def diagnosis_name(code: str) -> str:
    """Return a diagnosis in the reader's language; the code itself when the vocabulary no longer knows it."""
    try:
        return diagnoses.get(code).label_in(get_language() or "en")
    except diagnoses.UnknownDiagnosis:
        return code


def _named(code: str, confidence: str) -> NamedDiagnosis:
    known = dict(terms.Confidence.choices)
    try:
        malignant = diagnoses.is_malignant(code)
    except diagnoses.UnknownDiagnosis:
        malignant = False
    return NamedDiagnosis(
        code=code, label=diagnosis_name(code), confidence=str(known.get(confidence, "")), malignant=malignant
    )


def answers(given: Sequence[Answer], *, reader: Member) -> list[GivenAnswer]:
    """Return `given_answers` with a diagnosis for display, the reader's own first, then oldest first."""
    shown_kinds = [answer for answer in given if answer.kind in COUNTED or _waits(answer, reader=reader)]
    found = [_answer(answer, reader=reader) for answer in shown_kinds]
    return sorted(found, key=lambda answer: not answer.is_mine)


def _waits(answer: Answer, *, reader: Member) -> bool:
    """Whether it is the reader's own, and its only diagnosis waits for a moderator or was refused."""
    return answer.kind == AnswerKind.PENDING and answer.member_id == reader.pk


def _answer(answer: Answer, *, reader: Member) -> GivenAnswer:
    now = [_named(s.code, s.confidence) for s in answer.suggestions.all()]
    revisions = revisions_in_order(answer.revisions.all())
    first = [_named(code, confidence) for _rank, code, confidence in blind_suggestions(answer)]
    plan = shown(plan_of(answer))
    is_mine = answer.member_id == reader.pk
    return GivenAnswer(
        pk=answer.pk,
        member=answer.member,
        badge=profession_badge(answer.member),
        answered_at=answer.answered_at,
        diagnoses=now,
        first=first,
        revisions=len(revisions),
        is_mine=is_mine,
        plan=plan,
        first_plan=shown(plan_of(revisions[0])) if revisions else plan,
        waiting=_own(answer, "own_words") if is_mine else "",
        refused=_own(answer, "own_refused") if is_mine else "",
        why_not=_why_not(answer) if is_mine else "",
    )


def _own(answer: Answer, name: str) -> str:
    """Return an annotation of `given_answers`, "" where there is none."""
    return str(getattr(answer, name, None) or "")


def _why_not(answer: Answer) -> str:
    """Return in words why a proposed diagnosis was not added."""
    reason = dict(WhyNot.choices).get(_own(answer, "own_why_not"), "")
    return " – ".join(str(part) for part in (reason, _own(answer, "own_reply")) if part)


def consensus_lines(agreed: Consensus) -> list[ConsensusLine]:
    """Return the consensus by diagnosis, highest share first, with the specialists' share beside everybody's."""
    of_experts = {share.code: share.share for share in agreed.experts.shares}
    return [
        ConsensusLine(
            label=diagnosis_name(share.code),
            supporters=share.supporters,
            everybody=round(100 * share.share),
            experts=round(100 * of_experts.get(share.code, 0)),
        )
        for share in agreed.shares
    ]


@dataclass(frozen=True)
class RolledLine:
    """One disease of the consensus, with the kinds of it that were named and by how many."""

    label: str
    supporters: int
    answers: int
    everybody: int
    experts: int
    parts: list[tuple[str, int]]


def rolled_lines(agreed: Consensus) -> list[RolledLine]:
    """Return the consensus by disease, highest first; none where kinds of a disease change nothing."""
    rolled = agreed.rolled_up
    if rolled is None:
        return []
    of_experts: dict[str, float] = {}
    for branch in rolled.experts:
        of_experts |= {part.code: branch.share for part in branch.parts}
    return [
        RolledLine(
            label=diagnosis_name(branch.code),
            supporters=branch.supporters,
            answers=agreed.answers,
            everybody=round(100 * branch.share),
            experts=round(100 * max(of_experts.get(part.code, 0) for part in branch.parts)),
            parts=[(diagnosis_name(part.code), part.supporters) for part in branch.parts]
            if [part.code for part in branch.parts] != [branch.code]
            else [],
        )
        for branch in rolled.shares
    ]


def lone_malignant_names(given: Sequence[GivenAnswer], agreed: Consensus | None) -> list[str]:
    """Return the names of malignant diagnoses to show whatever their share.

    Those named by one member alone; all of them while there is no consensus yet.
    """
    if agreed is not None:
        return [diagnosis_name(code) for code in agreed.lone_malignant]
    return sorted({named.label for answer in given for named in answer.diagnoses if named.malignant})


def profession_badge(member: Member) -> str | Promise:
    """Return a member's profession in a word or two."""
    return BADGES.get(member.profession, "")


@dataclass(frozen=True)
class ThreadComment:
    """One comment as its reader sees it: `text` and `quoted` are empty when deleted or hidden, unless it is theirs."""

    comment: Comment
    badge: str | Promise
    text: str
    quoted: str
    hold: CommentHold | None
    may_change: bool
    may_report: bool
    may_hide: bool


def thread(case: Case, *, reader: Member, may_comment: bool) -> list[ThreadComment]:
    """Return the comments in the order they were written. Two queries."""
    rows = case.comments.select_related("author", "reply_to__author").order_by("written_at", "id")
    holds = {hold.comment_id: hold for hold in CommentHold.objects.filter(comment__case=case, state__in=HIDING)}
    return [_in_thread(comment, reader=reader, holds=holds, may_comment=may_comment) for comment in rows]


def _in_thread(
    comment: Comment, *, reader: Member, holds: Mapping[UUID, CommentHold], may_comment: bool
) -> ThreadComment:
    hold = holds.get(comment.pk)
    is_mine = comment.author_id == reader.pk
    is_there = comment.deleted_at is None and hold is None
    return ThreadComment(
        comment=comment,
        badge=profession_badge(comment.author),
        text=comment.text if hold is None or is_mine else "",
        quoted=comment.reply_to.text if comment.reply_to and comment.reply_to.pk not in holds else "",
        hold=hold,
        may_change=is_mine and is_there and may_comment,
        may_report=not is_mine and is_there,
        may_hide=not is_mine and is_there and reader.may_moderate,
    )
