"""Presentation of plans and of their tally. Nothing here checks access: for a case of `case.discuss` only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consults.discussion.accuracy import ROLES
from consults.discussion.models import Answer
from consults.discussion.plans.models import PlanFields, plan_of
from consults.discussion.plans.tally import Planned, PlanTally, tally
from vocabulary import terms, treatments

OPTION_NAMES: Final[dict[str, str | Promise]] = {
    "observe": _("Observe"),
    "biopsy": _("Take a biopsy"),
    "no_biopsy": _("No biopsy"),
    "treat": _("Treat"),
    "refer": _("Refer"),
}
_DETAILS: Final[dict[str, dict[str, str | Promise]]] = {
    "observe": dict(terms.Interval.choices),
    "biopsy": dict(terms.Biopsy.choices),
    "refer": dict(terms.Referral.choices),
}


def treatment_name(code: str) -> str:
    """Return a treatment in the reader's language; the code itself when the vocabulary no longer knows it."""
    try:
        return treatments.get(code).label_in(get_language() or "en")
    except treatments.UnknownTreatment:
        return code


def detail_name(option: str, detail: str) -> str:
    """Return the name of a detail, "" for none; the code itself when it is not known."""
    if option == "treat":
        return treatment_name(detail)
    return str(_DETAILS.get(option, {}).get(detail, detail))


@dataclass(frozen=True)
class PlanLine:
    """One thing that a member would do, in words."""

    name: str | Promise
    detail: str


@dataclass(frozen=True)
class ShownPlan:
    """A member's plan as colleagues read it."""

    lines: list[PlanLine]
    words: str


def shown(plan: PlanFields | None) -> ShownPlan | None:
    """Return a plan in words, None for none."""
    if plan is None:
        return None
    lines = []
    for option, detail in plan.picks():
        name = detail_name(option, detail)
        if option == "biopsy" and plan.biopsy_where:
            name = f"{name} ({plan.biopsy_where})" if name else plan.biopsy_where
        lines.append(PlanLine(name=OPTION_NAMES[option], detail=name))
    return ShownPlan(lines=lines, words=plan.words)


@dataclass(frozen=True)
class TallyLine:
    """One option of a tally: counts and whole percent of all and of experts, roles and details in words."""

    name: str | Promise
    count: int
    everybody: int
    experts: int
    roles: list[tuple[str | Promise, int, int]]
    details: list[tuple[str, int]]


def current_tally(given: Sequence[Answer]) -> PlanTally | None:
    """Return the tally of the plans among `given_answers`; None below the number from which it is shown."""
    plans = [
        Planned(counted_as=answer.counted_as, picks=list(plan.picks()))
        for answer in given
        if (plan := plan_of(answer)) is not None
    ]
    return tally(plans, shown_from=settings.RULES["consensus_from"])


def tally_lines(counted: PlanTally) -> list[TallyLine]:
    """Return the tally by option, most chosen first, with the roles that answered at all."""
    experts = counted.by_role.get("expert", 0)
    return [
        TallyLine(
            name=OPTION_NAMES[one.option],
            count=one.count,
            everybody=round(100 * one.count / counted.answers),
            experts=round(100 * one.by_role.get("expert", 0) / experts) if experts else 0,
            roles=[
                (ROLES[role], one.by_role.get(role, 0), counted.by_role[role])
                for role in ROLES
                if counted.by_role.get(role)
            ],
            details=[(detail_name(one.option, detail), n) for detail, n in one.details],
        )
        for one in counted.options
    ]


def tally_context(given: Sequence[Answer]) -> dict[str, object]:
    """Return what the tally needs on a page, of `given_answers`."""
    counted = current_tally(given)
    return {"plan_tally": counted, "plan_lines": tally_lines(counted) if counted else []}
