"""Corrections of an outcome: what it said before is kept and shown, and everybody who was told of it is told."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases.gate import listing
from consults.cases.models import Case
from consults.discussion.answers import lock_consent
from consults.discussion.closing import tell_of_outcome
from consults.discussion.models import Outcome
from consults.discussion.outcomes.models import CorrectionReason, OutcomeVersion
from consults.discussion.outcomes.right import tell_right
from consults.exceptions import ChangeRefused
from consults.following import news
from core import permissions

FIELDS = ("diagnosis", "reference", "done")


@dataclass(frozen=True)
class Correction:
    """What the outcome says from now on, and why."""

    diagnosis: str
    reference: str
    done: str
    reason: CorrectionReason
    words: str = ""


@transaction.atomic
def correct(*, case: Case, by: Member, correction: Correction) -> None:
    """Correct the outcome of an own closed case and keep the former one. Raises ChangeRefused.

    Figures follow by themselves: they are counted from the answers and the outcome as it stands. The time of the
    closing stays, so that the same answers count.
    """
    locked = _lock(case, by)
    if all(getattr(locked, name) == getattr(correction, name) for name in FIELDS):
        raise ChangeRefused(_("Nothing has changed: the outcome stays as it was."))
    before = Outcome(case=case, closed_at=locked.closed_at, **{name: getattr(locked, name) for name in FIELDS})
    OutcomeVersion.objects.create(
        outcome=locked,
        reason=correction.reason,
        words=correction.words,
        **{name: getattr(locked, name) for name in FIELDS},
    )
    for name in FIELDS:
        setattr(locked, name, getattr(correction, name))
    locked.save(update_fields=FIELDS)
    listing.refresh(cases=[case.pk])
    record(
        verb="case.outcome_corrected",
        actor=by,
        subject=("case", case.pk),
        diagnosis=locked.diagnosis,
        reference=locked.reference,
        reason=str(correction.reason),
    )
    tell_of_outcome(case=case, by=by)
    if locked.diagnosis != before.diagnosis:
        news.note_closing(case.pk)
    tell_right(case=case, outcome=locked, before=before)


def _lock(case: Case, by: Member) -> Outcome:
    """Lock consent, case and outcome in the order of a withdrawal; check the policy under the locks."""
    if case.consent_id is not None:
        lock_consent(case.consent_id)
    Case.objects.select_for_update(of=("self",)).filter(pk=case.pk).first()
    if not permissions.allows(by, "case.correct", case):
        raise ChangeRefused(_("This outcome cannot be corrected any more. Go back to your cases."))
    return Outcome.objects.select_for_update(of=("self",)).get(case=case)
