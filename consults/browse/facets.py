"""Chips with counts beside the cases.

The count on a chip says how many cases remain when it is chosen too: a facet's own choices do not narrow
its counts, everybody else's do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consults.browse.counting import Counts
from consults.browse.filters import FACETS, Filters
from core.rendered import rendered
from vocabulary import interests, languages, sites, tags, terms, text_language

TITLES: dict[str, str | Promise] = {
    "only": _("Needs an answer"),
    "status": _("Status"),
    "site": _("Body site"),
    "morphology": _("Morphology"),
    "picture": _("Pictures"),
    "kind": _("Kind"),
    "group": _("Group"),
    "tag": _("Tags"),
    "diagnosis": _("Diagnosis, of closed or answered cases"),
    "stain": _("Stain"),
    "mode": _("Dermoscopy mode"),
    "tone": _("Skin tone"),
    "language": _("Language"),
    "time": _("Released"),
}
FOLDED: Final = frozenset(("diagnosis", "stain", "mode", "tone", "language"))  # shown when opened
LABELS: dict[str, Mapping[str, str | Promise]] = {
    "only": {"unanswered": _("Unanswered by me"), "no_dermatologist": _("No dermatologist yet")},
    "status": {"open": _("Open"), "closed": _("Closed")},
    "site": {site.code: site.label for site in sites.all() if not site.parent},
    "morphology": dict(terms.Morphology.choices),
    "picture": dict(terms.PictureKind.choices),
    "kind": {"difficult": _("Open consult"), "teaching": _("Teaching case")},
    "tag": dict([*tags.Main.choices, *tags.Topic.choices]),
    "stain": dict(terms.Stain.choices),
    "mode": dict(terms.DermoscopyMode.choices),
    "tone": dict(terms.Tone.choices),
    "time": {"week": _("In the last week"), "month": _("In the last month"), "year": _("In the last year")},
}


@dataclass(frozen=True)
class Chip:
    """One value of a facet: `href` chooses it, or takes it away when it is `on`. Without a `count` there are some.

    With `more` it counts the least that there are.
    """

    value: str
    label: str
    count: int | None
    on: bool
    href: str
    more: bool = False


@dataclass(frozen=True)
class Facet:
    """A titled row of chips."""

    name: str
    title: str
    chips: tuple[Chip, ...]

    @property
    def folds(self) -> bool:
        """Whether it can be opened and closed: of interest to few."""
        return self.name in FOLDED

    @property
    def is_folded(self) -> bool:
        """Whether it is shown only when opened: nothing in it is chosen."""
        return self.folds and not any(chip.on for chip in self.chips)

    @property
    def html(self) -> SafeString:
        """The row as it stands beside the cases."""
        return rendered("consults/browse/_facet.html", "facet", self)


def facets(counts: Counts, *, filters: Filters) -> list[Facet]:
    """Return the facets that have chips."""
    names = dict(sorted(counts.groups.items(), key=lambda group: group[1]))
    labels = {**_labels(get_language() or ""), "group": names}
    named = {code: interests.label(code) for code in filters.values_of("diagnosis")}
    labels["diagnosis"] = {**labels["diagnosis"], **named}
    found = [_facet(name, labels=labels[name], counts=counts, filters=filters) for name in FACETS]
    return [facet for facet in found if facet.chips]


@cache
def _labels(_language: str) -> dict[str, dict[str, str]]:
    """Return LABELS in the language that is active: dozens a page."""
    found = {name: {value: str(label) for value, label in labels.items()} for name, labels in LABELS.items()}
    found["diagnosis"] = {code: interests.label(code) for code in interests.disease_groups()}
    found["language"] = {code: languages.label(code) for code in text_language.KNOWN}
    return found


def names_of(filters: Filters) -> list[str]:
    """Return what is chosen, in words: not of groups, whose names only their members may know."""
    labels = _labels(get_language() or "")
    return [
        interests.label(value) if facet == "diagnosis" else labels[facet].get(value, value)
        for facet, value in filters.pairs
        if facet != "group"
    ]


def _facet(name: str, *, labels: Mapping[str, str], counts: Counts, filters: Filters) -> Facet:
    chips = []
    for value, label in labels.items():
        cases = counts.of(name, value)
        on = value in filters.values_of(name)
        if cases or on:
            href = filters.toggled(name, value).query_string()
            number = cases if counts.is_known(name) else None
            more = counts.is_least(name, value)
            chips.append(Chip(value=value, label=label, count=number, on=on, href=href, more=more))
    return Facet(name=name, title=str(TITLES[name]), chips=tuple(chips))
