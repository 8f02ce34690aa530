"""Blind answers to a case and their revisions: diagnoses, a plan where the question asks for one, an own term."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.policy import SPECIALISTS, rights
from audit.record import record
from consent.models import Consent
from consults.cases import gate
from consults.cases.gate import listing
from consults.cases.models import Case
from consults.discussion.consensus import Consensus, Opinion, consensus
from consults.discussion.models import COUNTED, Answer, AnswerKind, Revision, Suggestion
from consults.discussion.plans.models import SAID, FormerPlan, Plan, plan_of
from consults.discussion.terms.models import ProposedTerm, TermState
from consults.discussion.terms.proposing import OwnTerm, propose, require_within_limit
from consults.exceptions import ChangeRefused
from core import permissions
from core.nested import Nested, keep
from core.prepared import Prepared
from notifications.notices import Kind, tell
from vocabulary import diagnoses, terms

MAX_SUGGESTIONS = 3
_LOCK: Final = Prepared()
_GIVEN: Final = Prepared()
_SUGGESTIONS: Final = Nested(Suggestion, "id", "answer_id", "rank", "code", "confidence")
_REVISIONS: Final = Nested(
    *(Revision, "id", "answer_id", "suggestions", "revised_at", "plan__revision_id"),
    *(f"plan__{name}" for name in SAID),
)


@dataclass(frozen=True)
class Choice:
    """One diagnosis of an answer: a code of the vocabulary and the member's confidence."""

    code: str
    confidence: terms.Confidence


def _check(case: Case, choices: Sequence[Choice], *, plan: Plan | None, own: OwnTerm | None) -> None:
    codes = [choice.code for choice in choices]
    if plan is not None and not (case.question and terms.Question(case.question).asks_for_plan):
        raise ChangeRefused(_("This case asks for a diagnosis, not for a plan."))
    if not codes and plan is None and own is None:
        raise ChangeRefused(_("Choose at least one diagnosis from the list."))
    if len(codes) + (own is not None) > MAX_SUGGESTIONS:
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
def answer(
    *,
    case: Case,
    by: Member,
    choices: Sequence[Choice] = (),
    plan: Plan | None = None,
    own: OwnTerm | None = None,
) -> Answer:
    """Save a member's blind answer; it opens the other answers and the thread. Raises ChangeRefused.

    `plan` is not saved yet; `own` is a diagnosis that the list lacks, which counts once a moderator has decided it.
    """
    _check(case, choices, plan=plan, own=own)
    if own is not None:
        require_within_limit(by=by)
    kind = AnswerKind.DIAGNOSIS if choices else AnswerKind.PLAN if plan is not None else AnswerKind.PENDING
    given = _create_answer(case=case, by=by, kind=kind)
    _save_suggestions(given, choices, reserved=own.place if own else 0)
    if plan is not None:
        plan.answer = given
        plan.save(force_insert=True)
    if own is not None:
        propose(given=given, term=own)
    if kind in COUNTED:
        listing.note_answer(case_id=case.pk, by_dermatologist=given.is_dermatologist)
        tell_of_answer(given, has_plan=plan is not None)
    details = {"plan": [option for option, _detail in plan.picks()]} if plan is not None else {}
    record(verb="case.answered", actor=by, subject=("case", case.id), diagnoses=[c.code for c in choices], **details)
    return given


def tell_of_answer(given: Answer, *, has_plan: bool) -> None:
    """Tell the author of a new answer, and everybody in the discussion when it is the one that makes a consensus.

    Diagnoses and plans have a consensus each: the answer that completes either is told.
    """
    case = given.case
    where: dict[str, Any] = {"view": "consults:case", "args": [case.pk], "case": case.pk, "by": given.member_id}
    tell(Kind.ANSWER, [case.author_id], **where)
    counted = case.answers.exclude(counted_as="").aggregate(
        diagnoses=Count("pk", filter=Q(kind=AnswerKind.DIAGNOSIS)), plans=Count("plan")
    )
    needed = settings.RULES["consensus_from"]
    of_diagnoses = given.kind == AnswerKind.DIAGNOSIS and counted["diagnoses"] == needed
    if given.counted_as and (of_diagnoses or (has_plan and counted["plans"] == needed)):
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


def _save_suggestions(given: Answer, choices: Sequence[Choice], *, reserved: int = 0) -> None:
    """Save the diagnoses in order of rank; the rank `reserved` is left to one that waits for a moderator."""
    ranks = [rank for rank in range(1, MAX_SUGGESTIONS + 1) if rank != reserved]
    Suggestion.objects.bulk_create(
        Suggestion(answer=given, rank=rank, code=choice.code, confidence=choice.confidence)
        for rank, choice in zip(ranks, choices, strict=False)
    )


@transaction.atomic
def revise(
    *, given: Answer, choices: Sequence[Choice] = (), plan: Plan | None = None, own: OwnTerm | None = None
) -> None:
    """Change an answer after seeing the others; keep the former one as a revision. Raises ChangeRefused.

    A diagnosis that waits for a moderator keeps its place. A plan stays one: it is changed, never taken out.
    """
    require_still_allowed(case=given.case, by=given.member, action="case.revise")
    locked = Answer.objects.select_for_update(of=("self",)).get(pk=given.pk)
    waiting = locked.proposed_terms.filter(state=TermState.WAITING).first()
    if waiting is not None and own is not None:
        raise ChangeRefused(_("A diagnosis of yours waits for a moderator already."))
    before = plan_of(locked)
    if not (waiting and not choices):
        _check(locked.case, choices, plan=plan, own=own)
    if len(choices) + (waiting is not None) > MAX_SUGGESTIONS:
        raise ChangeRefused(_("Give up to three diagnoses, with the one that waits for a moderator."))
    if own is not None:
        require_within_limit(by=locked.member)
    revision = Revision.objects.create(
        answer=locked, suggestions=[[s.rank, s.code, s.confidence] for s in locked.suggestions.all()]
    )
    if before is not None:
        FormerPlan.objects.create(revision=revision, **before.said())
    locked.suggestions.all().delete()
    _save_suggestions(locked, choices, reserved=waiting.rank if waiting else own.place if own else 0)
    if plan is not None:
        Plan.objects.update_or_create(answer=locked, defaults=plan.said())
    if own is not None:
        propose(given=locked, term=own)
    _follow_kind(locked, choices, plan=plan)
    record(verb="case.revised", actor=locked.member, subject=("case", locked.case_id))


def _follow_kind(given: Answer, choices: Sequence[Choice], *, plan: Plan | None) -> None:
    """Count an answer that has become one. Never the other way: what was said blind was said."""
    if given.kind == AnswerKind.DIAGNOSIS or not (choices or (plan is not None and given.kind == AnswerKind.PENDING)):
        return
    counted_before = given.kind in COUNTED
    given.kind = AnswerKind.DIAGNOSIS if choices else AnswerKind.PLAN
    Answer.objects.filter(pk=given.pk).update(kind=given.kind)
    if not counted_before:
        listing.note_answer(case_id=given.case_id, by_dermatologist=given.is_dermatologist)
        tell_of_answer(given, has_plan=plan is not None)


def given_answers(case: Case) -> list[Answer]:
    """Return all answers to a case, oldest first, with member, plan, suggestions and revisions. One kept query.

    `own_words` is a diagnosis that waits for a moderator, `own_refused`, `own_why_not` and `own_reply` are of the last
    one that was not added: for their author's eyes alone.
    For a case of the policy's `case.discuss` only.
    """
    found = _GIVEN.objects("answers", _answers, [case.pk])
    for given in found:
        given.case = case
        suggestions = _SUGGESTIONS.read(given.nested_suggestions)  # type: ignore[attr-defined]
        keep(given, "suggestions", sorted(suggestions, key=lambda one: one.rank))
        keep(given, "revisions", _REVISIONS.read(given.nested_revisions))  # type: ignore[attr-defined]
    return found


def _answers(case_id: UUID) -> QuerySet[Answer]:
    waiting = ProposedTerm.objects.filter(answer=OuterRef("pk"), state=TermState.WAITING)
    refused = ProposedTerm.objects.filter(answer=OuterRef("pk"), state=TermState.REFUSED).order_by("-decided_at")
    rows = Answer.objects.filter(case=case_id).select_related("member", "plan")
    return rows.annotate(
        own_words=Subquery(waiting.values("text")[:1]),
        own_refused=Subquery(refused.values("text")[:1]),
        own_why_not=Subquery(refused.values("why_not")[:1]),
        own_reply=Subquery(refused.values("words")[:1]),
        nested_suggestions=_SUGGESTIONS.column(Suggestion.objects.filter(answer=OuterRef("pk")).order_by()),
        nested_revisions=_REVISIONS.column(Revision.objects.filter(answer=OuterRef("pk")).order_by()),
    ).order_by("answered_at", "id")


def current_consensus(given: Sequence[Answer]) -> Consensus | None:
    """Return the consensus of `given_answers`; None below the number of answers from which it is shown."""
    opinions = [
        Opinion(
            counted_as=a.counted_as,
            diagnoses=[(s.code, s.rank, terms.Confidence(s.confidence).probability) for s in a.suggestions.all()],
            is_dermatologist=a.is_dermatologist,
        )
        for a in given
        if a.suggestions.all()
    ]
    return consensus(opinions, shown_from=settings.RULES["consensus_from"])
