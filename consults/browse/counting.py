"""Counts beside the cases: of summary rows where these suffice, else of a bounded number of listings.

Summary rows (`ListingCount`) know pairs of values, so they answer with one filter chosen. With more, or with words
to look for, the first `BOUND` listings are read, and a count over that is shown as "more than".
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import and_, or_
from typing import Any, Final, Protocol
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import ExpressionWrapper
from django.db.models.fields import BooleanField

from consults.browse.filters import FACETS, STATUSES, Filters
from consults.cases.gate import listing, listing_counts
from consults.cases.gate.listing import Reach
from consults.cases.gate.models import Listing, ListingCount
from consults.cases.models import CaseState
from consults.discussion.models import Answer
from vocabulary import terms

BOUND: Final = 100  # listings


class Counts(Protocol):
    """How many cases there are, in all and by value, and whether these are only the least there are."""

    more: bool
    groups: dict[str, str]  # id -> name of the groups that may have a count

    @property
    def total(self) -> int:
        """How many match what was chosen."""

    def of(self, facet: str, value: str) -> int:
        """Count what remains when this value is chosen too; a facet's own choices do not narrow its counts."""


# --- Filters, said of listings


def apply_filters(rows: QuerySet[Listing], *, filters: Filters, reach: Reach) -> QuerySet[Listing]:
    """Return the listings that have the chosen values."""
    return rows.filter(*_widening(filters).values(), *_narrowing(filters, reach))


def _widening(filters: Filters) -> dict[str, Q]:
    """Return a condition for each facet in which something is chosen: any of its values will do."""
    found = {
        "site": Q(region__in=filters.values_of("site")),
        "morphology": Q(morphology__in=filters.values_of("morphology")),
        "kind": Q(kind__in=filters.values_of("kind")),
        "status": Q(state__in=[STATUSES[status] for status in filters.values_of("status")]),
        "group": Q(group__in=[UUID(pk) for pk in filters.values_of("group")]),
        "picture": Q(pictures__in=_with_any(filters.values_of("picture"))),
    }
    return {facet: condition for facet, condition in found.items() if filters.values_of(facet)}


def _with_any(kinds: frozenset[str]) -> list[str]:
    """Every set of kinds of pictures, as a listing spells it, that has one of these."""
    every: list[str] = terms.PictureKind.values
    sets = (some for size in range(1, len(every) + 1) for some in combinations(every, size))
    return [" ".join(some) for some in sets if kinds.intersection(some)]


def _narrowing(filters: Filters, reach: Reach) -> list[Q]:
    """Conditions that all must hold."""
    found = {"unanswered": waits_for(reach), "no_dermatologist": Q(no_dermatologist=True)}
    return [found[value] for value in sorted(filters.values_of("only"))]


def waits_for(reach: Reach) -> Q:
    """Open listings of others that this member may answer and has not."""
    if not reach.diagnoses:
        return Q(pk__in=[])
    mine = Answer.objects.filter(case=OuterRef("case"), member=reach.member_id)
    return Q(state=CaseState.RELEASED) & ~Q(author=reach.member_id) & ~Q(Exists(mine))


# --- Counting


def count(rows: QuerySet[Listing], *, filters: Filters, reach: Reach) -> Counts:
    """Count the candidates `rows`, which are all of a member's unless words are looked for."""
    facets = [facet for facet in FACETS if facet != "group" and filters.values_of(facet)]
    many = len(facets) > 1 or len(filters.values_of("only")) > 1 or len(filters.values_of("picture")) > 1
    return Sample(rows, filters, reach) if filters.q or many else Summary(filters, reach)


class Summary:
    """Counts of summary rows, put right by what is one's own: three queries, however many cases there are."""

    more = False

    def __init__(self, filters: Filters, reach: Reach) -> None:
        """Read everything that the page's counts are made of."""
        self.filters, self.reach = filters, reach
        self.groups = {str(pk): name for pk, name in reach.groups.items()}
        self.unanswered = "unanswered" in filters.values_of("only")
        self.chosen = [
            (facet, value) for facet, value in filters.pairs if facet != "group" and (facet, value) != _UNANSWERED
        ]
        if self.unanswered:
            self.chosen = [_OPEN]
        self.facet = "only" if self.unanswered else self.chosen[0][0] if self.chosen else ""
        # By group, whether the chosen value holds too, facet and value.
        self.all: Counter[tuple[UUID | None, bool, str, str]] = Counter()
        self.mine: Counter[tuple[UUID | None, bool, str, str]] = Counter()  # open, and not waiting for this member
        self._read_summary()
        self._read_own()
        self._read_answered()

    @property
    def total(self) -> int:
        """How many cases match what was chosen."""
        return self._sum(
            *listing_counts.ALL, narrowed=True, waiting=self.unanswered, groups=self.filters.values_of("group")
        )

    def of(self, facet: str, value: str) -> int:
        """Count what remains when this value is chosen too."""
        if facet == "group":
            return self._sum(*listing_counts.ALL, narrowed=True, waiting=self.unanswered, groups=frozenset((value,)))
        waiting = self.unanswered or (facet, value) == _UNANSWERED
        if (facet, value) == _UNANSWERED:
            facet, value = _OPEN
            narrowed = True
        else:
            narrowed = facet != self.facet or facet == "only"
        return self._sum(facet, value, narrowed=narrowed, waiting=waiting, groups=self.filters.values_of("group"))

    def _sum(self, facet: str, value: str, *, narrowed: bool, waiting: bool, groups: frozenset[str]) -> int:
        if waiting and not self.reach.diagnoses:
            return 0
        narrowed = narrowed and bool(self.chosen)
        found = 0
        for key, n in self.all.items():
            if key[1:] == (narrowed, facet, value) and (not groups or str(key[0]) in groups):
                found += n - (self.mine[key] if waiting else 0)
        return max(found, 0)

    def _read_summary(self) -> None:
        under = Q(under="")
        for facet, value in self.chosen:
            under |= Q(under=facet, under_value=value)
        audience = Q(group__in=list(self.reach.groups))
        if self.reach.everybody:
            audience |= Q(group=None)
        rows = (
            ListingCount.objects.filter(under, audience, teaching=self.reach.teaching)
            .values_list("group", "under", "facet", "value")
            .annotate(total=Sum("n"))
        )
        for group, chosen, facet, value, n in rows:
            self.all[group, bool(chosen), facet, value] += n

    def _read_own(self) -> None:
        """One's own listings, and those whose day has come before the round that removes them."""
        rows = Listing.objects.filter(Q(author=self.reach.member_id) | listing.over()).annotate(
            own=_flag(Q(author=self.reach.member_id)), over=_flag(listing.over())
        )
        for row, n in _bundles(rows, "own", "over", "group__name"):
            inside = _is_inside(row, self.reach)
            if row["over"]:
                self._add(self.all, row, -n if inside else 0)
                continue
            if not inside:  # one's own for a group that one has left, or that one's profession is not shown
                self._add(self.all, row, n)
                if row["group_id"]:
                    self.groups[str(row["group_id"])] = row["group__name"]
            if row["state"] == CaseState.RELEASED:
                self._add(self.mine, row, n)

    def _read_answered(self) -> None:
        rows = Listing.objects.filter(case__answers__member=self.reach.member_id, state=CaseState.RELEASED)
        for row, n in _bundles(rows.exclude(listing.over())):
            if _is_inside(row, self.reach):
                self._add(self.mine, row, n)

    def _add(self, counts: Counter[tuple[UUID | None, bool, str, str]], row: dict[str, Any], n: int) -> None:
        pairs = [listing_counts.ALL, *listing_counts.values(_listing(row))]
        for pair in pairs:
            counts[row["group_id"], False, *pair] += n
            if any(chosen in pairs for chosen in self.chosen):
                counts[row["group_id"], True, *pair] += n


_UNANSWERED: Final = ("only", "unanswered")
_OPEN: Final = ("status", "open")


def _listing(row: dict[str, Any]) -> Listing:
    return Listing(**{name: row[name] for name in listing_counts.FIELDS})


def _is_inside(row: dict[str, Any], reach: Reach) -> bool:
    """Whether a member sees it by group and profession."""
    if row["group_id"] not in reach.groups and not (reach.everybody and row["group_id"] is None):
        return False
    return not reach.teaching or listing_counts.is_teaching(_listing(row))


def _flag(condition: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(condition, output_field=BooleanField())


def _bundles(rows: QuerySet[Listing], *names: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Listings that look alike to every facet, and how many they are."""
    for row in rows.order_by().values(*listing_counts.FIELDS, *names).annotate(n=Count("pk")):
        yield row, row.pop("n")


@dataclass(frozen=True)
class _Bundle:
    """Sampled listings that look alike: the values they have, and how many they are."""

    values: Mapping[str, frozenset[str]]
    cases: int

    def fits(self, filters: Filters, *, but: str = "") -> bool:
        """Whether they match the filters, one facet left out of the question."""
        return all(self._fits_one(filters, facet) for facet in FACETS if facet != but)

    def _fits_one(self, filters: Filters, facet: str) -> bool:
        chosen = filters.values_of(facet)
        if facet == "only":  # each of these narrows further; the others widen
            return chosen <= self.values["only"]
        return not chosen or not chosen.isdisjoint(self.values[facet])


class Sample:
    """Counts of the first listings that match, all facets or all but one: one query."""

    def __init__(self, rows: QuerySet[Listing], filters: Filters, reach: Reach) -> None:
        """Read at most `BOUND` listings."""
        self.filters = filters
        names = (*listing_counts.FIELDS, "group__name", "waits_for_me")
        rows = rows.filter(_all_but_one(filters), *_narrowing(filters, reach))
        found = list(
            rows.annotate(waits_for_me=_flag(waits_for(reach)))
            .order_by("-released_at", "-case")
            .values_list(*names)[: BOUND + 1]
        )
        self.more = len(found) > BOUND
        alike = Counter(found[:BOUND])
        rows_ = [(dict(zip(names, values, strict=True)), n) for values, n in alike.items()]
        self.groups = {str(row["group_id"]): row["group__name"] for row, _n in rows_ if row["group_id"]}
        self.bundles = [_bundle(row, n) for row, n in rows_]
        self.others = {
            facet: [bundle for bundle in self.bundles if bundle.fits(filters, but=facet)] for facet in FACETS
        }

    @property
    def total(self) -> int:
        """How many cases match what was chosen, of those that were read."""
        return sum(bundle.cases for bundle in self.bundles if bundle.fits(self.filters))

    def of(self, facet: str, value: str) -> int:
        """Count what remains when this value is chosen too."""
        also = self.filters.values_of(facet) - {value} if facet == "only" else frozenset()
        return sum(
            bundle.cases
            for bundle in self.others[facet]
            if value in bundle.values[facet] and also <= bundle.values[facet]
        )


def _all_but_one(filters: Filters) -> Q:
    """Whatever any chip's count needs: the listings that match all facets, or all but the chip's own."""
    conditions = list(_widening(filters).values())
    if len(conditions) < 2:
        return Q()
    return reduce(
        or_,
        (reduce(and_, _without(conditions, left_out)) for left_out in range(len(conditions))),
    )


def _without(conditions: list[Q], place: int) -> Iterable[Q]:
    return (condition for number, condition in enumerate(conditions) if number != place)


def _bundle(row: dict[str, Any], n: int) -> _Bundle:
    values: dict[str, set[str]] = {facet: set() for facet in FACETS}
    for facet, value in listing_counts.values(_listing(row)):
        values[facet].add(value)
    if row["waits_for_me"]:
        values["only"].add("unanswered")
    if row["group_id"]:
        values["group"].add(str(row["group_id"]))
    return _Bundle(values={facet: frozenset(found) for facet, found in values.items()}, cases=n)
