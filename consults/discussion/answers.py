"""Blind answers to a case and their revisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.policy import SPECIALISTS, rights
from audit.record import record
from consent.models import Consent
from consults.cases import gate
from consults.cases.gate import listing
from consults.cases.models import Case
from consults.discussion.consensus import Consensus, Opinion, consensus
from consults.discussion.models import Answer, AnswerKind, Revision, Suggestion
from consults.exceptions import ChangeRefused
from core import permissions
from core.prepared import Prepared
from notifications.notices import Kind, tell
from vocabulary import diagnoses, terms

MAX_SUGGESTIONS = 3
_LOCK: Final = Prepared()


@dataclass(frozen=True)
class Choice:
    """One diagnosis of an answer: a code of the vocabulary and the member's confidence."""

    code: str
    confidence: terms.Confidence


def _check_choices(choices: Sequence[Choice]) -> None:
    codes = [choice.code for choice in choices]
    if not codes:
        raise ChangeRefused(_("Choose at least one diagnosis from the list."))
    if len(codes) > MAX_SUGGESTIONS:
        raise ChangeRefused(_("Give up to three diagnoses."))
    if len(set(codes)) < len(codes):
        raise ChangeRefused(_("The same diagnosis is there twice. Remove one."))
    if not all(diagnoses.is_answerable(code) for code in codes):
        raise ChangeRefused(_("Choose each diagnosis from the list as you type."))


def require_still_allowed(*, case: Case, by: Member, action: str) -> None:
    """Check the policy again under the lock that a withdrawal takes first, so that nothing is written after one.

    Call it in the transaction that writes. Raises ChangeRefused.
    """
    if case.consent_id is not None:
        lock_consent(case.consent_id)
    if action not in permissions.allowed_actions(by, case, action, alike=gate.asked_by(by)):
        raise ChangeRefused(_("This case is not open any more. Go back to the cases."))


def lock_consent(pk: UUID) -> None:
    """Wait until nobody else holds this consent, and hold it until the transaction ends."""
    # Kept queries are not asked by the ORM whether a transaction is open.
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a consent is locked within a transaction")
    _LOCK.first(
        "consent", lambda consent: Consent.objects.select_for_update().filter(pk=consent).values_list("pk"), [pk]
    )


@transaction.atomic
def answer(*, case: Case, by: Member, choices: Sequence[Choice]) -> Answer:
    """Save a member's blind answer; it opens the other answers and the thread. Raises ChangeRefused."""
    _check_choices(choices)
    given = _create_answer(case=case, by=by, kind=AnswerKind.DIAGNOSIS)
    _save_suggestions(given, choices)
    listing.note_answer(case_id=case.pk, by_dermatologist=given.is_dermatologist)
    _tell(given)
    record(verb="case.answered", actor=by, subject=("case", case.id), diagnoses=[c.code for c in choices])
    return given


def _tell(given: Answer) -> None:
    """Tell the author of a new answer, and everybody in the discussion when it is the one that makes a consensus."""
    case = given.case
    where: dict[str, Any] = {"view": "consults:case", "args": [case.pk], "case": case.pk, "by": given.member_id}
    tell(Kind.ANSWER, [case.author_id], **where)
    counted = case.answers.filter(kind=AnswerKind.DIAGNOSIS).exclude(counted_as="")
    if given.counted_as and counted.count() == settings.RULES["consensus_from"]:
        tell(Kind.CONSENSUS, [case.author_id, *case.answers.values_list("member_id", flat=True)], **where)


@transaction.atomic
def open_without_answer(*, case: Case, by: Member) -> Answer:
    """Open the thread without a diagnosis; recorded, because the member can no longer answer blind.

    Raises ChangeRefused.
    """
    given = _create_answer(case=case, by=by, kind=AnswerKind.READ_ONLY)
    record(verb="case.opened_to_read", actor=by, subject=("case", case.id))
    return given


def _create_answer(*, case: Case, by: Member, kind: AnswerKind) -> Answer:
    require_still_allowed(case=case, by=by, action="case.diagnose")
    try:
        return Answer.objects.create(
            case=case,
            member=by,
            kind=kind,
            counted_as=rights(by).counted_as,
            is_dermatologist=by.profession in SPECIALISTS,
        )
    except IntegrityError as error:
        raise ChangeRefused(_("You have already answered this case.")) from error


def _save_suggestions(given: Answer, choices: Sequence[Choice]) -> None:
    Suggestion.objects.bulk_create(
        Suggestion(answer=given, rank=rank, code=choice.code, confidence=choice.confidence)
        for rank, choice in enumerate(choices, start=1)
    )


@transaction.atomic
def revise(*, given: Answer, choices: Sequence[Choice]) -> None:
    """Change an answer after seeing the others; keep the former one as a revision. Raises ChangeRefused."""
    _check_choices(choices)
    require_still_allowed(case=given.case, by=given.member, action="case.revise")
    locked = Answer.objects.select_for_update().get(pk=given.pk, kind=AnswerKind.DIAGNOSIS)
    before = [[s.rank, s.code, s.confidence] for s in locked.suggestions.all()]
    Revision.objects.create(answer=locked, suggestions=before)
    locked.suggestions.all().delete()
    _save_suggestions(locked, choices)
    record(verb="case.revised", actor=locked.member, subject=("case", locked.case_id))


def given_answers(case: Case) -> list[Answer]:
    """Return all answers to a case, oldest first, with member, suggestions and revisions. Three queries.

    For a case of the policy's `case.discuss` only.
    """
    rows = case.answers.select_related("member").prefetch_related("suggestions", "revisions")
    return list(rows.order_by("answered_at", "id"))


def current_consensus(given: Sequence[Answer]) -> Consensus | None:
    """Return the consensus of `given_answers`; None below the number of answers from which it is shown."""
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
