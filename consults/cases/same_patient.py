"""What is known of the patients of two cases, side by side.

No case and no consent says who the patient is, so the site cannot know whether two are the same. It knows when they
cannot be, refuses those, and shows everything else to the people who have to say so: the author and the second reader.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db.models import CharField, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from consent.forms.publishing import current_forms
from consent.models import Capacity, Consent, Form
from consults.cases.models import Case, CaseState
from vocabulary.terms import AgeBand, Sex

_BANDS: Final = list(AgeBand.values)
NEAR: Final = {band: _BANDS[max(0, at - 1) : at + 2] for at, band in enumerate(_BANDS)}
"""The age bands between which a patient may have moved on from one case to the next, by age band."""
TOLD: Final = (Sex.FEMALE, Sex.MALE, Sex.INTERSEX_OR_OTHER)
"""The sexes that exclude one another; the patient of both cases may not have told."""


class Verdict(StrEnum):
    """What a comparison says."""

    SAME = "same"
    DIFFERS = "differs"
    EXCLUDES = "excludes"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Compared:
    """One fact of this case's patient beside that of the consent's other cases, in words."""

    name: str
    here: str
    there: str
    verdict: Verdict

    @property
    def words(self) -> str:
        """Return the verdict in words."""
        return {
            Verdict.SAME: _("The same"),
            Verdict.DIFFERS: _("Differs: make sure"),
            Verdict.EXCLUDES: _("Not the same patient"),
            Verdict.UNKNOWN: _("Not known"),
        }[self.verdict]


def other_cases(case: Case, consent: Consent) -> list[Case]:
    """Return the other cases that the codes of this consent's patient reach, oldest first."""
    reached = Case.objects.filter(consent__patient=consent.patient).exclude(pk=case.pk)
    return list(reached.exclude(state=CaseState.WITHDRAWN).order_by("created_at", "pk"))


def compare(case: Case, consent: Consent, others: Sequence[Case]) -> list[Compared]:
    """Return age, sex, way of deciding and form of this case's patient beside those under a consent."""
    return [_age(case, others), _sex(case, others), _capacity(case, consent), _form(case, consent)]


def problem(case: Case, compared: Sequence[Compared]) -> str:
    """Return why this consent cannot be used for this case, as a sentence; "" when the author has to say."""
    if not case.age_band or not case.sex:
        return _("Say the age and sex of this patient first, in the step “Case”, so that they can be compared.")
    if any(one.verdict == Verdict.EXCLUDES for one in compared):
        return _(
            "This cannot be the same patient. Record a consent of this patient, or correct the facts in the step "
            "“Case”."
        )
    return ""


def digest(case: Case, consent: Consent, others: Sequence[Case]) -> str:
    """Return the SHA-256 (hex) of all that an author is shown before saying that the patient is the same."""
    seen = [
        [str(consent.pk), consent.capacity, str(consent.form_id)],
        *([str(one.pk), one.age_band, one.sex, one.title] for one in (case, *others)),
    ]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def of_another_patient() -> QuerySet[Case]:
    """In a query of cases: the others under its patient's consents whose age or sex excludes the case's own patient."""
    far = Q(pk__in=[])
    for band, near in NEAR.items():
        far |= Q(here_age=band) & ~Q(age_band__in=["", *near])
    sexes = Q(here_sex__in=TOLD, sex__in=TOLD) & ~Q(sex=F("here_sex"))
    return (
        Case.objects.filter(consent__patient=OuterRef("consent__patient"))
        .exclude(pk=OuterRef("pk"))
        .exclude(state=CaseState.WITHDRAWN)
        .annotate(
            here_age=ExpressionWrapper(OuterRef("age_band"), output_field=CharField()),
            here_sex=ExpressionWrapper(OuterRef("sex"), output_field=CharField()),
        )
        .filter(far | sexes)
    )


def _age(case: Case, others: Sequence[Case]) -> Compared:
    bands = sorted({one.age_band for one in others if one.age_band}, key=_BANDS.index)
    there = ", ".join(str(AgeBand(band).label) for band in bands)
    if not case.age_band or not bands:
        verdict = Verdict.UNKNOWN
    elif any(band not in NEAR[case.age_band] for band in bands):
        verdict = Verdict.EXCLUDES
    else:
        verdict = Verdict.SAME if bands == [case.age_band] else Verdict.DIFFERS
    return Compared(_("Age"), case.get_age_band_display(), there, verdict)


def _sex(case: Case, others: Sequence[Case]) -> Compared:
    sexes = sorted({one.sex for one in others if one.sex})
    there = ", ".join(str(Sex(sex).label) for sex in sexes)
    told = {sex for sex in sexes if sex in TOLD}
    if case.sex in TOLD and told - {case.sex}:
        verdict = Verdict.EXCLUDES
    elif case.sex not in TOLD or not told:
        verdict = Verdict.UNKNOWN
    else:
        verdict = Verdict.SAME
    return Compared(_("Sex"), case.get_sex_display(), there, verdict)


def _capacity(case: Case, consent: Consent) -> Compared:
    before = case.consent
    there = consent.get_capacity_display()
    if not case.age_band:
        return Compared(_("Who decides"), "", there, Verdict.UNKNOWN)
    child = AgeBand(case.age_band).is_child
    here = before.get_capacity_display() if before is not None else _("A child") if child else _("An adult")
    if consent.capacity == Capacity.DECEASED:
        verdict = Verdict.DIFFERS
    elif child != (consent.capacity == Capacity.CHILD):
        verdict = Verdict.EXCLUDES
    elif before is not None and before.capacity != consent.capacity:
        verdict = Verdict.DIFFERS
    else:
        verdict = Verdict.SAME
    return Compared(_("Who decides"), here, there, verdict)


def _form(case: Case, consent: Consent) -> Compared:
    form = case.consent.form if case.consent is not None else current_forms(language=consent.form.language).first()
    here = _form_in_words(form) if form is not None else ""
    verdict = Verdict.SAME if form == consent.form else Verdict.DIFFERS
    return Compared(_("Form"), here, _form_in_words(consent.form), verdict)


def _form_in_words(form: Form) -> str:
    return f"{form.title} · {form.version} · {form.language}"
