"""Presentation of an open discussion: answers, consensus and thread.

Nothing here checks access. Call it for a case of the policy's `case.discuss` only: before that, a member sees the
number of answers and nothing else of them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, Profession
from accounts.profiles.names import without_titles
from consults.cases.models import Case
from consults.discussion.consensus import Consensus
from consults.discussion.models import (
    COUNTED,
    Answer,
    AnswerKind,
    Comment,
    CommentHold,
    Mention,
    Reaction,
    ReactionKind,
    blind_suggestions,
    revisions_in_order,
)
from consults.discussion.plans.models import plan_of
from consults.discussion.plans.presenters import ShownPlan, shown
from consults.discussion.terms.models import WhyNot
from consults.discussion.thread import markup
from consults.holds import HIDING
from core.nested import Nested, keep
from core.prepared import Prepared
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
    """One comment as its reader sees it: `html` and `quoted` are empty when deleted or hidden, unless it is theirs.

    `replies` stand below it, one level deep, however long the chain of answers is; `to` is who was answered there.
    """

    comment: Comment
    badge: str | Promise
    html: SafeString
    quoted: str
    to: str
    hold: CommentHold | None
    agree: int
    helpful: int
    mine: str
    may_change: bool
    may_react: bool
    may_report: bool
    may_hide: bool
    has_history: bool
    replies: list["ThreadComment"] = field(default_factory=list)

    @property
    def is_there(self) -> bool:
        """Whether it was neither deleted nor hidden."""
        return self.comment.deleted_at is None and self.hold is None


@dataclass(frozen=True)
class Thread:
    """The discussion of a case: comments that answer nothing, in order, with their replies; how many there are in all.

    `after` is when the last one was written, to ask for newer ones.
    """

    comments: list[ThreadComment]
    count: int
    after: str

    def standing(self, pk: str) -> Comment | None:
        """Return the comment with this id, unless it was deleted or hidden; None for anything that is no such id."""
        try:
            wanted = UUID(pk)
        except ValueError:
            return None
        everything = (one for root in self.comments for one in (root, *root.replies))
        return next((one.comment for one in everything if one.comment.pk == wanted and one.is_there), None)


def thread(case: Case, *, reader: Member, may_comment: bool, pins: Collection[int] = ()) -> Thread:
    """Return the comments, each reply below what it answers. One kept query."""
    rows = _COMMENTS.objects("comments", _comments, [reader.pk, case.pk])
    holds: dict[UUID, CommentHold] = {}
    for comment in rows:
        comment.case = case
        keep(comment, "mentions", _MENTIONS.read(comment.nested_mentions))  # type: ignore[attr-defined]
        hidden = _HOLDS.read(comment.nested_holds)  # type: ignore[attr-defined]
        if hidden:
            holds[comment.pk] = max(hidden, key=lambda hold: (hold.placed_at, hold.pk))
    context = _Reading(case, reader, holds, may_comment, frozenset(pins))
    shown = {comment.pk: _in_thread(comment, context) for comment in rows}
    roots: list[ThreadComment] = []
    for one in shown.values():
        root = _root(one, shown)
        (roots if root is one else root.replies).append(one)
    newest = max((one.comment.written_at for one in shown.values()), default=case.released_at or timezone.now())
    return Thread(comments=roots, count=len(shown), after=newest.isoformat())


_COMMENTS: Final = Prepared()
# Of members as much as their names and `may_see_cases` need.
_MENTIONS: Final = Nested(
    *(Mention, "id", "comment_id", "written", "role", "member_id", "member__id", "member__name", "member__standing"),
    *("member__verified_until", "member__is_privacy_officer", "member__is_staff"),
    *("group_id", "group__id", "group__name"),
)
_HOLDS: Final = Nested(CommentHold, "id", "comment_id", "reason", "words", "placed_at", "state")


def _comments(reader_id: UUID, case_id: UUID) -> QuerySet[Comment]:
    hidden = CommentHold.objects.filter(comment=OuterRef("pk"), state__in=HIDING)
    rows = Comment.objects.filter(case=case_id).select_related("author", "reply_to__author")
    return rows.annotate(
        agree=_counted(ReactionKind.AGREE),
        helpful=_counted(ReactionKind.HELPFUL),
        mine=_reaction_of(reader_id),
        nested_mentions=_MENTIONS.column(Mention.objects.filter(comment=OuterRef("pk")).order_by()),
        nested_holds=_HOLDS.column(hidden.order_by()),
    ).order_by("written_at", "id")


def _counted(kind: str) -> Coalesce:
    """Return the annotation that counts the reactions of one kind."""
    of_comment = Reaction.objects.filter(comment=OuterRef("pk"), kind=kind).order_by().values("comment")
    return Coalesce(Subquery(of_comment.annotate(n=Count("pk")).values("n")), 0)


def _reaction_of(reader_id: UUID) -> Coalesce:
    mine = Reaction.objects.filter(comment=OuterRef("pk"), member=reader_id)
    return Coalesce(Subquery(mine.values("kind")[:1]), Value(""))


@dataclass(frozen=True)
class _Reading:
    """Who reads which thread, and what is hidden in it."""

    case: Case
    reader: Member
    holds: Mapping[UUID, CommentHold]
    may_comment: bool
    pins: frozenset[int]


def _root(one: ThreadComment, shown: Mapping[UUID, ThreadComment]) -> ThreadComment:
    """Return the comment below which a reply stands; the comment itself when it answers none that is there."""
    start, seen = one, {one.comment.pk}
    while one.comment.reply_to_id is not None and one.comment.reply_to_id in shown:
        one = shown[one.comment.reply_to_id]
        if one.comment.pk in seen:
            return start
        seen.add(one.comment.pk)
    return one


def _in_thread(comment: Comment, context: _Reading) -> ThreadComment:
    reader = context.reader
    hold = context.holds.get(comment.pk)
    is_mine = comment.author_id == reader.pk
    is_there = comment.deleted_at is None and hold is None
    answered = comment.reply_to
    shows_quote = answered is not None and answered.pk not in context.holds and (hold is None or is_mine)
    is_read = comment.deleted_at is None and (hold is None or is_mine)
    return ThreadComment(
        comment=comment,
        badge=profession_badge(comment.author),
        html=rendered(comment, context) if is_read else SafeString(),
        quoted=markup.plain(comment.quoted) if shows_quote and comment.deleted_at is None else "",
        to=answered.author.name if answered is not None else "",
        hold=hold,
        agree=comment.agree if is_there else 0,  # type: ignore[attr-defined]
        helpful=comment.helpful if is_there else 0,  # type: ignore[attr-defined]
        mine=comment.mine,  # type: ignore[attr-defined]
        may_change=is_mine and is_there and context.may_comment,
        may_react=not is_mine and is_there and context.may_comment,
        may_report=not is_mine and is_there,
        may_hide=not is_mine and is_there and reader.may_moderate,
        has_history=comment.edited_at is not None and is_there,
    )


def rendered(comment: Comment, context: _Reading) -> SafeString:
    """Return the text of a comment as HTML for its reader. Reads `mentions`."""
    people = [_person(mention, context) for mention in comment.mentions.all()]
    return markup.render(comment.text, links=markup.Links(people=people, pins=context.pins))


def _person(mention: Mention, context: _Reading) -> markup.Person:
    """Return whom a mention is about today; a group by its name only where it is the audience of this very case."""
    member, group = mention.member, mention.group
    if member is not None:
        has_page = member.may_see_cases and context.reader.may_see_cases
        href = reverse("accounts:profile", args=[member.pk]) if has_page else ""
        return markup.Person(mention.written, without_titles(member.name), href)
    if group is not None:
        name = group.name if group.pk == context.case.group_id else gettext("a group")
        return markup.Person(mention.written, name, "")
    return markup.Person(mention.written, mention.written, "")
