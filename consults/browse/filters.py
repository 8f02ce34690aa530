"""What a member asked the cases page for, as it stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from consults.models import CaseState
from vocabulary import sites, terms

MAX_QUERY: Final = 100

STATUSES: Final = {"open": CaseState.RELEASED, "closed": CaseState.CLOSED}
SORTS: Final = ("newest", "fewest")
# The values an address may hold, by facet; groups are checked as ids because they are rows.
KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "only": frozenset(("unanswered", "no_dermatologist")),
    "status": frozenset(STATUSES),
    "site": frozenset(site.code for site in sites.all() if not site.parent),
    "morphology": frozenset(terms.Morphology.values),
    "picture": frozenset(terms.PictureKind.values),
    "kind": frozenset(terms.CaseKind.values),
}
FACETS: Final = (*KNOWN, "group")


@dataclass(frozen=True)
class Filters:
    """Search words, chosen values by facet, and the order. Unknown values were dropped."""

    q: str = ""
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: str = SORTS[0]

    def of(self, facet: str) -> frozenset[str]:
        """The chosen values of one facet; none means all."""
        return self.chosen.get(facet, frozenset())

    @property
    def count(self) -> int:
        """How many values are chosen, over all facets."""
        return sum(len(values) for values in self.chosen.values())

    @property
    def narrows(self) -> bool:
        """Whether anything is searched for or chosen."""
        return bool(self.q or self.count)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The chosen values as (name, value), for hidden fields and addresses."""
        return [(facet, value) for facet in FACETS for value in sorted(self.of(facet))]

    def toggled(self, facet: str, value: str) -> "Filters":
        """The same with one value added, or taken away when it was there."""
        return replace(self, chosen={**self.chosen, facet: self.of(facet) ^ {value}})

    def address(self, *, after: str = "") -> str:
        """The query string, beginning with "?"; `after` is a page's cursor."""
        pairs = self.pairs
        if self.q:
            pairs = [("q", self.q), *pairs]
        if self.sort != SORTS[0]:
            pairs = [*pairs, ("sort", self.sort)]
        if after:
            pairs = [*pairs, ("after", after)]
        return f"?{urlencode(pairs)}"


def read(query: QueryDict) -> Filters:
    """Filters from an address; whatever is not known there is left out."""
    chosen = {facet: frozenset(query.getlist(facet)) & known for facet, known in KNOWN.items()}
    chosen["group"] = frozenset(filter(None, map(_id, query.getlist("group"))))
    sort = query.get("sort", "")
    return Filters(
        q=" ".join(query.get("q", "").replace("\0", "").split())[:MAX_QUERY],
        chosen={facet: values for facet, values in chosen.items() if values},
        sort=sort if sort in SORTS else SORTS[0],
    )


def _id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
