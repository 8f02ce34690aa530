"""Redaction of comments elsewhere that repeat a withdrawn case.

Quotations are removed; other comments are listed for a moderator. A quotation is a run of RUN_WORDS words that occurs
in the case too (all words of a shorter text, if there are MIN_WORDS). Colleagues' own words are never changed without
a person. What a reply quotes is a place in the comment that it answers, so it changes and goes with that.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent.models import REDACTED
from consults.cases import gate
from consults.cases.models import Case, CaseState
from consults.discussion.models import Comment, CommentVersion, Mention
from consults.discussion.plans.models import FormerPlan, Plan
from consults.discussion.policy import is_open_to
from consults.exceptions import ChangeRefused
from consults.groups.rooms.models import PollOption, Post, PostVersion
from consults.pins.models import Pin
from consults.withdrawal.models import Redaction
from core.permissions import is_among

RUN_WORDS: Final = 6
MIN_WORDS: Final = 4
# Where colleagues write too, beside comments: models and their texts; upper rooms add theirs at start-up.
ELSEWHERE: Final[list[tuple[type[Model], tuple[str, ...]]]] = [
    (Post, ("title", "text", "place")),
    (PostVersion, ("title", "text")),
    (PollOption, ("text",)),
]
_WORD: Final = re.compile(r"\w+")


# --- Quotations


def find_quotations(text: str, *, of: Iterable[str]) -> list[tuple[int, int]]:
    """Return the stretches (start, end) of `text` that repeat a source word for word, ignoring case and punctuation."""
    words = [(m.start(), m.end(), m.group().casefold()) for m in _WORD.finditer(text)]
    found: list[tuple[int, int]] = []
    runs = _runs(of)
    for size, known in runs.items():
        for first in range(len(words) - size + 1):
            stretch = words[first : first + size]
            if tuple(word for _start, _end, word in stretch) in known:
                found.append((stretch[0][0], stretch[-1][1]))
    return _merged(found)


def _runs(sources: Iterable[str]) -> dict[int, set[tuple[str, ...]]]:
    runs: dict[int, set[tuple[str, ...]]] = {}
    for source in sources:
        words = [m.group().casefold() for m in _WORD.finditer(source)]
        size = min(RUN_WORDS, len(words))
        if size < MIN_WORDS:
            continue
        runs.setdefault(size, set()).update(tuple(words[i : i + size]) for i in range(len(words) - size + 1))
    return runs


def _merged(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def replace_stretches(text: str, stretches: Iterable[tuple[int, int]]) -> str:
    """Return the text with these stretches replaced by an ellipsis in brackets."""
    for start, end in sorted(stretches, reverse=True):
        text = f"{text[:start]}{REDACTED}{text[end:]}"
    return text


def remove_quotations(*, case: Case) -> int:
    """Remove quotations of this case from what members wrote elsewhere; return how many comments were changed.

    Reads every comment and plan of the site once. Comments that link to the case are listed for the moderators.
    """
    sources = list(_texts_of(case))
    address = str(case.pk)
    changed = 0
    elsewhere = Comment.objects.exclude(case=case).exclude(case__state=CaseState.WITHDRAWN)
    for comment in elsewhere.only("id", "text", "source").iterator(chunk_size=500):
        found = {name: find_quotations(getattr(comment, name), of=sources) for name in ("text", "source")}
        redacted = {name: replace_stretches(getattr(comment, name), at) for name, at in found.items() if at}
        if redacted:
            Comment.objects.filter(pk=comment.pk).update(**redacted)
            _list_for_review(comment, Redaction.Reason.QUOTE)
            changed += 1
        if address in comment.text:
            _list_for_review(comment, Redaction.Reason.LINK)
    former = CommentVersion.objects.exclude(comment__case=case).exclude(comment__case__state=CaseState.WITHDRAWN)
    for version in former.iterator(chunk_size=500):
        stretches = find_quotations(version.text, of=sources)
        if stretches:
            CommentVersion.objects.filter(pk=version.pk).update(text=replace_stretches(version.text, stretches))
    for model, path in ((Plan, "answer__case"), (FormerPlan, "revision__answer__case")):
        _remove_from_plans(model._default_manager.exclude(**{path: case}).exclude(words=""), sources, address)
    _remove_from_pins(case, sources)
    return changed + _from_rooms_and_concerns(sources, address)


def _remove_from_plans(plans: QuerySet[Any], sources: list[str], address: str) -> None:
    """Remove quotations from the words of plans, and the address of the case, of which nothing else is left there."""
    for pk, words in plans.values_list("pk", "words").iterator(chunk_size=500):
        cleaned = replace_stretches(words, find_quotations(words, of=sources)).replace(address, REDACTED)
        if cleaned != words:
            plans.model._default_manager.filter(pk=pk).update(words=cleaned)


def _remove_from_pins(case: Case, sources: Iterable[str]) -> None:
    elsewhere = Pin.objects.exclude(case=case).exclude(case__state=CaseState.WITHDRAWN)
    for pin in elsewhere.only("id", "text").iterator(chunk_size=500):
        stretches = find_quotations(pin.text, of=sources)
        if stretches:
            Pin.objects.filter(pk=pin.pk).update(text=replace_stretches(pin.text, stretches))


def _from_rooms_and_concerns(sources: list[str], address: str) -> int:
    """Remove quotations of a case, and its address, from what is said in rooms and to trusted persons; return how many.

    There is no list for review of those: what moderators of the site may not read they cannot review.
    """
    changed = 0
    for model, fields in ELSEWHERE:
        for row in model._default_manager.only("pk", *fields).iterator(chunk_size=500):
            before = {name: getattr(row, name) for name in fields}
            after = {name: _without(text, sources, address) for name, text in before.items()}
            if after != before:
                model._default_manager.filter(pk=row.pk).update(**after)
                changed += 1
    return changed


def _without(text: str, sources: list[str], address: str) -> str:
    return replace_stretches(text, find_quotations(text, of=sources)).replace(address, REDACTED)


def _texts_of(case: Case) -> Iterator[str]:
    yield from (case.title, case.note, case.treatments, case.teaching_points)
    yield from case.pictures.values_list("caption", flat=True)
    yield from case.comments.values_list("text", flat=True)
    yield from CommentVersion.objects.filter(comment__case=case).values_list("text", flat=True)
    of_pins = Q(case=case) | Q(rendition__photo__placement__case=case)  # those on a follow-up are its case's
    yield from Pin.objects.filter(of_pins).values_list("text", flat=True)
    if hasattr(case, "outcome"):
        yield case.outcome.done
        for former in case.outcome.versions.all():
            yield from (former.done, former.words)
    yield from Plan.objects.filter(answer__case=case).values_list("words", flat=True)
    yield from FormerPlan.objects.filter(revision__answer__case=case).values_list("words", flat=True)


# --- Review by a moderator


def list_comments_for_review(*, case: Case) -> None:
    """List the comments of a case that lost a picture for review: they may describe it."""
    for comment in case.comments.all():
        _list_for_review(comment, Redaction.Reason.PICTURE)


def _list_for_review(comment: Comment, reason: Redaction.Reason) -> None:
    Redaction.objects.get_or_create(comment=comment, reason=reason, decision="")


def open_redactions(member: object, *, opened: bool = True) -> QuerySet[Redaction]:
    """Return the listed comments of others on visible cases: in discussions open to this moderator, or in closed ones.

    Moderators are as blind as everybody: a comment on a case that they have not answered would tell them a diagnosis.
    """
    if not isinstance(member, Member) or not member.may_moderate:
        return Redaction.objects.none()
    visible = gate.visible_cases(member)
    cases = visible.filter(is_open_to(member)) if opened else visible.exclude(is_open_to(member))
    return Redaction.objects.filter(is_among(cases, "comment__case"), decision="").exclude(comment__author=member)


def all_redactions(member: object) -> QuerySet[Redaction]:
    """Return the same in all discussions: that something waits there, not what it says."""
    return open_redactions(member) | open_redactions(member, opened=False)


@transaction.atomic
def decide(*, redaction: Redaction, by: Member, decision: Redaction.Decision) -> None:
    """Remove or keep a listed comment. Raises ChangeRefused when it was decided already."""
    mine = open_redactions(by).filter(pk=redaction.pk)
    if not Redaction.objects.filter(pk__in=mine.values("pk")).update(
        decision=decision, decided_by=by, decided_at=timezone.now()
    ):
        raise ChangeRefused(_("Somebody else has decided this already."))
    if decision == Redaction.Decision.REMOVED:
        Comment.objects.filter(pk=redaction.comment_id).update(text=REDACTED, source="")
        Mention.objects.filter(comment=redaction.comment_id).delete()
        CommentVersion.objects.filter(comment=redaction.comment_id).delete()
    record(
        verb="comment.redaction_decided",
        actor=by,
        subject=("comment", redaction.comment_id),
        decision=str(decision),
        reason=redaction.reason,
    )
