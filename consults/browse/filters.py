"""Filters of the cases page, parsed from the query string.

A word that begins with "#" is a tag: it is chosen, and no longer looked for among the words. So is what the field for
tags sends (`add`, `add_text`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from consults.cases.models import CaseState
from vocabulary import diagnoses, sites, tags, terms, text_language

MAX_QUERY: Final = 100
MOST_DIAGNOSES: Final = 20  # at once

STATUSES: Final = {"open": CaseState.RELEASED, "closed": CaseState.CLOSED}
SORTS: Final = ("newest", "fewest", "urgent", "discussed")
DAYS: Final = {"week": 7, "month": 31, "year": 366}  # since the release
# The allowed values by facet; groups are rows, so they are checked as ids.
KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "only": frozenset(("unanswered", "no_dermatologist")),
    "status": frozenset(STATUSES),
    "site": frozenset(site.code for site in sites.all() if not site.parent),
    "morphology": frozenset(terms.Morphology.values),
    "picture": frozenset(terms.PictureKind.values),
    "kind": frozenset(terms.CaseKind.values),
    "tag": frozenset(tags.codes()),
    "diagnosis": frozenset(one.code for one in diagnoses.all()),
    "stain": frozenset(terms.Stain.values),
    "mode": frozenset(terms.DermoscopyMode.values),
    "tone": frozenset(terms.Tone.values),
    "language": frozenset(text_language.KNOWN),
    "time": frozenset(DAYS),
}
ONE_AT_A_TIME: Final = frozenset(("time",))
FACETS: Final = (*KNOWN, "group")


@dataclass(frozen=True)
class Filters:
    """Search words, chosen values by facet, and the order, without unknown values."""

    q: str = ""
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: str = SORTS[0]

    def values_of(self, facet: str) -> frozenset[str]:
        """Return the chosen values of one facet; none means all."""
        return self.chosen.get(facet, frozenset())

    @property
    def count(self) -> int:
        """Number of values chosen, over all facets."""
        return sum(len(values) for values in self.chosen.values())

    @property
    def narrows(self) -> bool:
        """Whether anything is searched for or chosen."""
        return bool(self.q or self.count)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The chosen values as (name, value), for hidden fields and query strings."""
        return [(facet, value) for facet in FACETS for value in sorted(self.values_of(facet))]

    def toggled(self, facet: str, value: str) -> "Filters":
        """Return a copy with one value added, or removed when it was chosen."""
        chosen = self.values_of(facet)
        now = chosen ^ {value} if facet not in ONE_AT_A_TIME else frozenset({value}) - chosen
        return replace(self, chosen={**self.chosen, facet: now})

    def query_string(self, *, after: str = "") -> str:
        """Return the query string, beginning with "?"; `after` is a page's cursor."""
        pairs = self.pairs
        if self.q:
            pairs = [("q", self.q), *pairs]
        if self.sort != SORTS[0]:
            pairs = [*pairs, ("sort", self.sort)]
        if after:
            pairs = [*pairs, ("after", after)]
        return f"?{urlencode(pairs)}"


def parse(query: QueryDict) -> Filters:
    """Parse filters from a query string, ignoring unknown values."""
    words = " ".join(query.get("q", "").replace("\0", "").split())[:MAX_QUERY].split()
    meant = {word: tags.meant_by(word) for word in words if word.startswith("#")}
    tagged = {word: tag for word, tag in meant.items() if tag is not None}
    chosen = {facet: frozenset(query.getlist(facet)) & known for facet, known in KNOWN.items()}
    for facet, value in [*((tag.facet, tag.value) for tag in tagged.values()), *_added(query)]:
        chosen[facet] |= {value}
    chosen["diagnosis"] = frozenset(sorted(chosen["diagnosis"])[:MOST_DIAGNOSES])
    chosen["group"] = frozenset(filter(None, map(_parse_id, query.getlist("group"))))
    sort = query.get("sort", "")
    return Filters(
        q=" ".join(word for word in words if word not in tagged),
        chosen={facet: values for facet, values in chosen.items() if values},
        sort=sort if sort in SORTS else SORTS[0],
    )


def _added(query: QueryDict) -> list[tuple[str, str]]:
    """Return what the field for tags adds: the code that was suggested, or what was typed if it names a tag."""
    facet, _colon, value = query.get("add", "").partition(":")
    if value in KNOWN.get(facet, ()):
        return [(facet, value)]
    typed = tags.meant_by(query.get("add_text", "")[:MAX_QUERY].replace("\0", ""))
    return [(typed.facet, typed.value)] if typed else []


def _parse_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
