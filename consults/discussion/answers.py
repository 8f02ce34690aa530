"""Commit a diagnosis blind, revise it in the open, discuss."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.policy import SPECIALISTS, rights
from audit.record import record
from consent.models import Consent
from consults.cases.gate import listing
from consults.cases.models import Case
from consults.discussion.consensus import Consensus, Opinion, consensus
from consults.discussion.models import Answer, AnswerKind, Revision, Suggestion
from consults.exceptions import NotPossible
from core import permissions
from vocabulary import diagnoses, terms

MAX_SUGGESTIONS = 3


@dataclass(frozen=True)
class Choice:
    """One diagnosis of an answer: a code of the vocabulary and how sure the member is."""

    code: str
    confidence: terms.Confidence


def _check(choices: Sequence[Choice]) -> None:
    codes = [choice.code for choice in choices]
    if not codes:
        raise NotPossible(_("Choose at least one diagnosis from the list."))
    if len(codes) > MAX_SUGGESTIONS:
        raise NotPossible(_("Give up to three diagnoses."))
    if len(set(codes)) < len(codes):
        raise NotPossible(_("The same diagnosis is there twice. Remove one."))
    if not all(diagnoses.is_answerable(code) for code in codes):
        raise NotPossible(_("Choose each diagnosis from the list as you type."))


def still_allowed(*, case: Case, by: Member, action: str) -> None:
    """Ask the policy once more under the lock that a withdrawal takes first: nothing is written after it.

    Call it in the transaction that writes. Raises NotPossible.
    """
    if case.consent_id is not None:
        Consent.objects.select_for_update().get(pk=case.consent_id)
    if not permissions.allows(by, action, case):
        raise NotPossible(_("This case is not open any more. Go back to the cases."))


@transaction.atomic
def answer(*, case: Case, by: Member, choices: Sequence[Choice]) -> Answer:
    """Lock a first answer; it opens the others' answers and the thread. Raises NotPossible."""
    _check(choices)
    given = _first(case=case, by=by, kind=AnswerKind.DIAGNOSIS)
    _save(given, choices)
    listing.note_answer(case_id=case.pk, by_dermatologist=given.is_dermatologist)
    record(verb="case.answered", actor=by, subject=("case", case.id), diagnoses=[c.code for c in choices])
    return given


@transaction.atomic
def read_only(*, case: Case, by: Member) -> Answer:
    """Open the thread without a diagnosis; recorded, because it ends the blindness for good."""
    given = _first(case=case, by=by, kind=AnswerKind.READ_ONLY)
    record(verb="case.opened_to_read", actor=by, subject=("case", case.id))
    return given


def _first(*, case: Case, by: Member, kind: AnswerKind) -> Answer:
    still_allowed(case=case, by=by, action="case.diagnose")
    try:
        with transaction.atomic():
            return Answer.objects.create(
                case=case,
                member=by,
                kind=kind,
                counted_as=rights(by).counted_as,
                is_dermatologist=by.profession in SPECIALISTS,
            )
    except IntegrityError as error:
        raise NotPossible(_("You have already answered this case.")) from error


def _save(given: Answer, choices: Sequence[Choice]) -> None:
    Suggestion.objects.bulk_create(
        Suggestion(answer=given, rank=rank, code=choice.code, confidence=choice.confidence)
        for rank, choice in enumerate(choices, start=1)
    )


@transaction.atomic
def revise(*, given: Answer, choices: Sequence[Choice]) -> None:
    """Change an answer after seeing the others; what it said before is kept. Raises NotPossible."""
    _check(choices)
    still_allowed(case=given.case, by=given.member, action="case.revise")
    locked = Answer.objects.select_for_update().get(pk=given.pk, kind=AnswerKind.DIAGNOSIS)
    before = [[s.rank, s.code, s.confidence] for s in locked.suggestions.all()]
    Revision.objects.create(answer=locked, suggestions=before)
    locked.suggestions.all().delete()
    _save(locked, choices)
    record(verb="case.revised", actor=locked.member, subject=("case", locked.case_id))


def given_answers(case: Case) -> list[Answer]:
    """Every answer to a case, oldest first, with its member, suggestions and revisions. Three queries.

    For a case of the policy's `case.discuss` only.
    """
    rows = case.answers.select_related("member").prefetch_related("suggestions", "revisions")
    return list(rows.order_by("answered_at", "id"))


def current_consensus(given: Sequence[Answer]) -> Consensus | None:
    """What the members think now (of `given_answers`); None below the number of answers from which it is shown."""
    opinions = [
        Opinion(
            counted_as=a.counted_as,
            diagnoses=[(s.code, s.rank, terms.Confidence(s.confidence).probability) for s in a.suggestions.all()],
            is_dermatologist=a.is_dermatologist,
        )
        for a in given
        if a.kind == AnswerKind.DIAGNOSIS
    ]
    return consensus(opinions, shown_from=settings.RULES["consensus_from"])
