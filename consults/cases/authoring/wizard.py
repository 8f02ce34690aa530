"""The five steps of a new case, and what is still missing, for the author's pages."""

from typing import TypedDict
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from consults.cases import gate
from consults.cases.review import annotations
from consults.models import Case
from imaging.models import Photo, State


class Step(TypedDict):
    """One step of the bar above the pages."""

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
    """The studio of the first picture that waits for its review, or the list of pictures."""
    photo = _first_in_review(case)
    if photo is None:
        return reverse("consults:pictures", args=[case.pk])
    return reverse("consults:studio", args=[case.pk, photo])


def href(case: Case, step: str) -> str:
    """The page that mends a blocker of this step."""
    return studio_href(case) if step == "studio" else reverse(f"consults:{step}", args=[case.pk])


def missing(case: Case) -> list[tuple[str, str]]:
    """(sentence, href) of everything that is still missing."""
    return [(blocker.sentence, href(case, blocker.step)) for blocker in gate.blockers(case)]


def context(case: Case, current: str) -> dict[str, object]:
    """Template context shared by all steps: the case, the bar, what is missing, why it came back."""
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

    steps: list[Step] = [
        {"title": title, "href": href(case, name), "state": state(name)} for name, title in titles.items()
    ]
    return {
        "case": case,
        "steps": steps,
        "sent_back": annotations.sent_back(case),
        "blockers": [(blocker.sentence, href(case, blocker.step)) for blocker in blockers],
    }
