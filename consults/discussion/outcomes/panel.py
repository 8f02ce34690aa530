"""The outcome as the case page shows it: sealed solution, corrections, who was right, the author's next step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Member
from consent.models import Consent, Status
from consults.cases.models import Case, CaseState
from consults.discussion import accuracy
from consults.discussion.models import Answer, Outcome
from consults.discussion.outcomes import solution
from consults.discussion.outcomes.models import OutcomeVersion
from consults.discussion.outcomes.reminders import DAYS, WEEKS
from consults.discussion.presenters import diagnosis_name
from core.nested import Nested, keep

ASKED_AFTER: Final = timedelta(weeks=min(WEEKS.values()))
WARNED_BEFORE: Final = timedelta(days=max(last for _first, last in DAYS.values()))


@dataclass(frozen=True)
class FormerOutcome:
    """What an outcome said until it was corrected; `name` is "" when the case was closed unresolved."""

    version: OutcomeVersion
    name: str


def context(found: Case, *, member: Member, given: Sequence[Answer], sees_solution: bool) -> dict[str, Any]:
    """Return the context of an open discussion's outcome: that of a closed case, or the solution that is open now.

    No query for a case of `with_versions`. `given` is `given_answers`.
    """
    closed: Outcome | None = getattr(found, "outcome", None)
    outcome = closed or (solution.as_outcome(found) if sees_solution else None)
    mine = next((answer for answer in given if answer.member_id == member.pk), None)
    return {
        "outcome": outcome,
        "outcome_name": diagnosis_name(outcome.diagnosis) if outcome else "",
        "is_solution": outcome is not None and closed is None,
        "teaching_points": found.sealed_words if sees_solution else "",
        "former_outcomes": [_former(version) for version in closed.versions.all()] if closed else [],
        "crowd": accuracy.accuracy_by_role(given, outcome) if outcome else [],
        "my_rank": accuracy.hit(mine, outcome) if mine and outcome else 0,
    }


def with_versions(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the same cases with what `keep_versions` needs."""
    versions = OutcomeVersion.objects.filter(outcome__case=OuterRef("pk"))
    return cases.annotate(nested_versions=_VERSIONS.column(versions.order_by()))


def keep_versions(found: Case) -> None:
    """Have the outcome of a case of `with_versions` tell what it said before, without a query."""
    outcome: Outcome | None = getattr(found, "outcome", None)
    if outcome is not None:
        versions = _VERSIONS.read(found.nested_versions)  # type: ignore[attr-defined]
        keep(outcome, "versions", sorted(versions, key=lambda one: (one.replaced_at, one.pk)))


_VERSIONS: Final = Nested(
    *(OutcomeVersion, "id", "outcome_id", "diagnosis", "reference", "done", "reason", "words", "replaced_at"),
)


def _former(version: OutcomeVersion) -> FormerOutcome:
    return FormerOutcome(version=version, name=diagnosis_name(version.diagnosis) if version.diagnosis else "")


@dataclass(frozen=True)
class NextStep:
    """What the author of a case is asked now: since when it is open, and how long its consent lasts, if either."""

    open_since: datetime | None
    consent: Consent | None


def next_step(found: Case) -> NextStep:
    """Return the next step of an own case (with its consent loaded): the same weeks and days as the reminders."""
    if found.state != CaseState.RELEASED:
        return NextStep(open_since=None, consent=None)
    is_late = found.released_at is not None and found.released_at <= timezone.now() - ASKED_AFTER
    return NextStep(
        open_since=found.released_at if is_late and not found.has_solution else None,
        consent=found.consent if _ends_soon(found.consent) else None,
    )


def _ends_soon(consent: Consent | None) -> bool:
    if consent is None or consent.status != Status.ACTIVE or consent.expires_on is None:
        return False
    return consent.expires_on <= timezone.now().date() + WARNED_BEFORE
