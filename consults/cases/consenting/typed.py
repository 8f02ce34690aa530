"""Answers on the consent step that are not recorded yet, carried in the session from one button to the next page.

Threat: a clinician types who decides and until when, presses another button, and the patient signs for something else
than what stood on the screen. A signature and a file are not carried: they belong to the page on which they were given.
"""

from typing import Any, Final

from django import forms
from django.http import HttpRequest

from consent.models import Assent, Use
from consults.cases.consenting.forms import ConsentForm
from consults.cases.consenting.handover.forms import ASK
from consults.cases.models import Case

SESSION_KEY: Final = "consent_typed"
NOT_CARRIED: Final = ("signature", "scan", "clinic_form", "submission")
LONGEST: Final = 200  # characters of one answer; no field takes more


def keep(request: HttpRequest, case: Case) -> None:
    """Keep what was typed for this case, instead of anything typed for another."""
    if "capacity" not in request.POST:  # not the page's own form
        return
    answers: dict[str, Any] = {"consent": request.POST.get("consent", "")[:LONGEST]}
    for name, field in ConsentForm.base_fields.items():
        if name in NOT_CARRIED:
            continue
        if isinstance(field, forms.BooleanField):
            answers[name] = name in request.POST
        elif isinstance(field, forms.MultipleChoiceField):
            answers[name] = [value[:LONGEST] for value in request.POST.getlist(name)[: len(Use)]]
        else:
            answers[name] = request.POST.get(name, "")[:LONGEST]
    request.session[SESSION_KEY] = {"case": str(case.pk), "answers": answers}


def answers_for(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Return what was typed for this case, as initial values of its forms."""
    kept = request.session.get(SESSION_KEY)
    return dict(kept["answers"]) if kept and kept["case"] == str(case.pk) else {}


def answers_for_hand_over(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Return the same for the hand-over, where the child and the patient answer for themselves."""
    answers = answers_for(request, case)
    if answers.get("assent") in (Assent.AGREED, Assent.OBJECTED):
        answers["assent"] = ASK
    if not answers.get("shown"):
        answers.pop("shown", None)
    return answers


def forget(request: HttpRequest) -> None:
    """Drop what was typed: it is recorded now."""
    request.session.pop(SESSION_KEY, None)
