"""Deciding what becomes of a diagnosis that a member proposed.

The answer was given blind with the member's own words in one of its places; once a moderator has added the term, or
named the one in the list that is meant, that place holds the code, in the blind answer and in every revision since.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases.gate import listing
from consults.cases.models import CaseState
from consults.discussion.answers import lock_consent, tell_of_answer
from consults.discussion.models import COUNTED, Answer, AnswerKind, Suggestion
from consults.discussion.terms import policy
from consults.discussion.terms.models import AddedTerm, ProposedTerm, TermState, WhyNot
from consults.exceptions import ChangeRefused
from core import states
from notifications.notices import Kind, tell
from vocabulary import diagnoses
from vocabulary.folding import fold


class Moved(states.Moved, ChangeRefused):
    """The proposal was decided already."""

    def __init__(self) -> None:
        ChangeRefused.__init__(self, _("Somebody else has decided this already."))


TERM = states.Machine(
    ProposedTerm,
    {
        TermState.WAITING: (TermState.ACCEPTED, TermState.MAPPED, TermState.REFUSED),
        TermState.ACCEPTED: (),
        TermState.MAPPED: (),
        TermState.REFUSED: (),
    },
    moved=Moved,
)


@dataclass(frozen=True)
class NewTerm:
    """What a moderator adds to the vocabulary."""

    label: str
    turkish: str
    icd10: str
    nature: str
    parent: str


@transaction.atomic
def accept(*, proposal: ProposedTerm, by: Member, term: NewTerm) -> AddedTerm:
    """Add a term to the vocabulary and let it count in the answer. Raises ChangeRefused."""
    locked = _lock(proposal, by=by)
    try:
        with transaction.atomic():
            added = AddedTerm.objects.create(
                code=_free_code(term.label),
                label=term.label,
                turkish=term.turkish,
                icd10=term.icd10,
                nature=term.nature,
                parent=term.parent,
                added_by=by,
            )
    except IntegrityError as error:
        raise ChangeRefused(_("A term of that name was added in the meantime. Choose it as the one meant.")) from error
    TERM.move(locked, to=TermState.ACCEPTED, code=added.code, decided_by=by, decided_at=timezone.now())
    _resolve(locked, code=added.code, by=by)
    record(verb="term.accepted", actor=by, subject=("proposed_term", locked.pk), code=added.code)
    transaction.on_commit(diagnoses.read_added)
    return added


@transaction.atomic
def map_to(*, proposal: ProposedTerm, by: Member, code: str) -> None:
    """Say which diagnosis of the list is meant, and let it count in the answer. Raises ChangeRefused."""
    if not diagnoses.is_answerable(code):
        raise ChangeRefused(_("Choose the diagnosis from the list as you type."))
    locked = _lock(proposal, by=by)
    TERM.move(locked, to=TermState.MAPPED, code=code, decided_by=by, decided_at=timezone.now())
    _resolve(locked, code=code, by=by)
    record(verb="term.mapped", actor=by, subject=("proposed_term", locked.pk), code=code)


@transaction.atomic
def refuse(*, proposal: ProposedTerm, by: Member, why_not: WhyNot, words: str = "") -> None:
    """Refuse a proposal with a reason; its place in the answer stays empty. Raises ChangeRefused."""
    locked = _lock(proposal, by=by)
    TERM.move(
        locked, to=TermState.REFUSED, why_not=why_not, words=words.strip(), decided_by=by, decided_at=timezone.now()
    )
    _tell(locked, by=by)
    record(verb="term.refused", actor=by, subject=("proposed_term", locked.pk), reason=str(why_not))


def _lock(proposal: ProposedTerm, *, by: Member) -> ProposedTerm:
    """Lock what a withdrawal takes first, then the answer; check the policy under the locks. Raises ChangeRefused."""
    gone = ChangeRefused(_("This proposal is not here any more. Go back to the list."))
    case = ProposedTerm.objects.filter(pk=proposal.pk).values_list("answer", "answer__case__consent").first()
    if case is None:
        raise gone
    answer_id, consent_id = case
    if consent_id is not None:
        lock_consent(consent_id)
    Answer.objects.select_for_update().filter(pk=answer_id).first()
    found = policy.to_decide(by).filter(pk=proposal.pk).exists()
    locked = ProposedTerm.objects.select_related("answer__member", "answer__case").filter(pk=proposal.pk).first()
    if locked is None or (not found and locked.state == TermState.WAITING):
        raise gone
    return locked


def _resolve(proposal: ProposedTerm, *, code: str, by: Member) -> None:
    """Put the code where the member's own words stood, and tell the member; the author of an answer that counts now."""
    given = proposal.answer
    named = {one.code: one for one in given.suggestions.all()}
    ranks = {one.rank for one in named.values()}
    if code in named:
        if proposal.rank < named[code].rank:
            Suggestion.objects.filter(pk=named[code].pk).update(rank=proposal.rank)
    elif proposal.rank not in ranks:
        Suggestion.objects.create(answer=given, rank=proposal.rank, code=code, confidence=proposal.confidence)
    for revision in given.revisions.filter(revised_at__gte=proposal.made_at):
        revision.suggestions = with_place(
            revision.suggestions, rank=proposal.rank, code=code, confidence=proposal.confidence
        )
        revision.save(update_fields=["suggestions"])
    counted_before = given.kind in COUNTED
    if given.kind in (AnswerKind.PENDING, AnswerKind.PLAN):
        given.kind = AnswerKind.DIAGNOSIS
        Answer.objects.filter(pk=given.pk).update(kind=given.kind)
    listing.refresh(cases=[given.case_id])
    if not counted_before and given.case.state == CaseState.RELEASED:
        tell_of_answer(given, has_plan=False)
    _tell(proposal, by=by)


def with_place(suggestions: Iterable[Iterable[object]], *, rank: int, code: str, confidence: str) -> list[list[object]]:
    """Return [[rank, code, confidence], …] with one more diagnosis at its rank; the better place of a code counts."""
    kept = [list(one) for one in suggestions]
    if any(one[0] == rank for one in kept):
        return kept
    better = [one for one in kept if one[1] == code and int(str(one[0])) < rank]
    if better:
        return kept
    return sorted(
        [*(one for one in kept if one[1] != code), [rank, code, confidence]], key=lambda one: int(str(one[0]))
    )


def _tell(proposal: ProposedTerm, *, by: Member) -> None:
    given = proposal.answer
    tell(
        Kind.TERM,
        [given.member_id],
        view="consults:case",
        args=[given.case_id],
        case=given.case_id,
        about=proposal.pk,
        by=by.pk,
    )


def _free_code(label: str) -> str:
    """Return a code for a new term that no other has: its name, and a number where two names are alike."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(label)).strip("-") or "term"
    stem = (diagnoses.ADDED_PREFIX + words)[: diagnoses.MAX_CODE_LENGTH - 4].rstrip("-")
    taken = set(AddedTerm.objects.filter(code__startswith=stem).values_list("code", flat=True))
    number, code = 1, stem
    while code in taken:
        number += 1
        code = f"{stem}-{number}"
    return code


def added_diagnoses() -> list[diagnoses.Diagnosis]:
    """Return the added terms for the vocabulary, oldest first. One query."""
    return [row.diagnosis for row in AddedTerm.objects.order_by("id")]
