"""The five steps of a new case: bar, links, and what is still missing."""

from typing import TypedDict
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from consults.cases import gate
from consults.cases.models import Case
from consults.cases.review import annotations
from imaging.models import Photo, State


class WizardStep(TypedDict):
    """One step in the bar above the pages."""

    title: str
    href: str
    state: str


def _first_in_review(case: Case) -> UUID | None:
    return (
        Photo.objects.filter(placement__case=case, state=State.REVIEW)
        .order_by("placement__position")
        .values_list("pk", flat=True)
        .first()
    )


def studio_href(case: Case) -> str:
    """Return the URL of the studio for the first picture to review, or of the list of pictures."""
    photo = _first_in_review(case)
    if photo is None:
        return reverse("consults:pictures", args=[case.pk])
    return reverse("consults:studio", args=[case.pk, photo])


def step_href(case: Case, step: str) -> str:
    """Return the URL of the page on which a blocker of this step is resolved."""
    if step == "conduct":
        return reverse("accounts:conduct")
    return studio_href(case) if step == "studio" else reverse(f"consults:{step}", args=[case.pk])


def missing(case: Case) -> list[tuple[str, str]]:
    """Return everything that is still missing as (sentence, URL)."""
    return [(blocker.sentence, step_href(case, blocker.step)) for blocker in gate.blockers(case)]


def context(case: Case, current: str) -> dict[str, object]:
    """Return the template context shared by all steps: case, bar, blockers, the reader's reason when sent back."""
    blockers = gate.blockers(case)
    open_steps = {blocker.step for blocker in blockers}
    titles = {
        "pictures": _("Pictures"),
        "studio": _("De-identify"),
        "facts": _("Case"),
        "consent": _("Consent"),
        "check": _("Check and send"),
    }

    def state(name: str) -> str:
        if name == current:
            return "current"
        untouched = name == "check" or (name == "studio" and "pictures" in open_steps)
        return "todo" if name in open_steps or untouched else "done"

    steps: list[WizardStep] = [
        {"title": title, "href": step_href(case, name), "state": state(name)} for name, title in titles.items()
    ]
    return {
        "case": case,
        "steps": steps,
        "sent_back": annotations.last_send_back(case),
        "blockers": [(blocker.sentence, step_href(case, blocker.step)) for blocker in blockers],
    }
