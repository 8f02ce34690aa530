"""Follow-ups of cases in every state, through the ORM."""

from typing import Any

from django.utils import timezone

from consults.cases.followup.service import SHARED
from consults.cases.models import PUBLISHED
from consults.models import Case, CaseState
from tests.consults import reading


def addition(
    case: Case, *, state: str = CaseState.RELEASED, kinds: tuple[str, ...] = ("close-up",), **fields: Any
) -> Case:
    """Create a follow-up with pictures, a consent of the same patient and, if published, a release."""
    if not case.education_model:
        patient = {"patient": case.consent.patient} if case.consent is not None else {}
        fields.setdefault("consent", reading.consent(case.author, group=case.group_id, **patient))
    shared = {name: getattr(case, name) for name in SHARED}
    own = {"addition": "visit", "after": 6, "after_unit": "week", "note": "Flatter, no more scale."}
    return reading.case(
        case.author,
        state=state,
        kinds=kinds,
        **shared
        | {"follows": case, "group": case.group, "differential": [], "duration": "", "morphology": ""}
        | own
        | fields,
    )


def released(case: Case) -> Case:
    """Set a case to released, with a release of all its pictures."""
    Case.objects.filter(pk=case.pk).update(state=CaseState.RELEASED, released_at=timezone.now())
    case.refresh_from_db()
    assert case.state in PUBLISHED
    reading.release(case)
    return case
