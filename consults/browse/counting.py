"""Counts beside the cases: of summary rows where these suffice, else of a bounded number of listings.

Summary rows (`ListingCount`) know pairs of values, so they answer with one filter chosen. With more, or with words
to look for, the first `BOUND` listings are read, and a count over that is shown as "more than".
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import combinations
from operator import and_, or_
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import ExpressionWrapper
from django.db.models.fields import BooleanField
from django.utils import timezone

from consults.browse.filters import DAYS, FACETS, STATUSES, Filters
from consults.browse.search import ORDER, Wanted, newest
from consults.cases.gate import listing, listing_counts, listing_marks
from consults.cases.gate.listing import Reach
from consults.cases.gate.models import Listing, ListingCount
from consults.cases.models import CaseState
from consults.discussion.models import Answer
from core.prepared import Prepared
from vocabulary import terms

BOUND: Final = 100  # listings
MOST_ANSWERED: Final = 200  # open ones, that are subtracted one by one
ASKED_ALONE: Final = frozenset(("diagnosis", "time"))  # what is one's own, and what changes with the hour
NOT_SUMMED: Final = listing_counts.UNPAIRED | ASKED_ALONE  # when one of these is chosen, listings are read


class Counts(Protocol):
    """How many cases there are, in all and by value, and whether these are only the least there are."""

    more: bool
    groups: dict[str, str]  # id -> name of the groups that may have a count

    @property
    def total(self) -> int:
        """How many match what was chosen."""

    def of(self, facet: str, value: str) -> int:
        """Count what remains when this value is chosen too; a facet's own choices do not narrow its counts."""

    def is_least(self, facet: str, value: str) -> bool:
        """Whether there may be more than `of` says."""

    def is_known(self, facet: str) -> bool:
        """Whether `of` narrows by what is chosen; otherwise it says only that there is some, and no number is shown."""


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
    found |= {
        facet: listing_marks.of_any(facet, chosen)
        for facet in listing_marks.FACETS
        if (chosen := filters.values_of(facet))
    }
    return {facet: condition for facet, condition in found.items() if filters.values_of(facet)}


def _with_any(kinds: frozenset[str]) -> list[str]:
    """Every set of kinds of pictures, as a listing spells it, that has one of these."""
    every: list[str] = terms.PictureKind.values
    sets = (some for size in range(1, len(every) + 1) for some in combinations(every, size))
    return [" ".join(some) for some in sets if kinds.intersection(some)]


def _narrowing(filters: Filters, reach: Reach) -> list[Q]:
    """Conditions that all must hold; none of them has counts of its own that leave it out."""
    only = {"unanswered": waits_for(reach), "no_dermatologist": Q(no_dermatologist=True)}
    found = [only[value] for value in sorted(filters.values_of("only"))]
    if named := filters.values_of("diagnosis"):
        found.append(listing_marks.of_diagnosis(named, member_id=reach.member_id))
    if since := filters.values_of("time"):
        days = max(DAYS[name] for name in since)
        found.append(Q(released_at__gte=timezone.now() - timedelta(days=days)))
    return found


def waits_for(reach: Reach) -> Q:
    """Open listings of others that this member may answer and has not."""
    if not reach.diagnoses:
        return Q(pk__in=[])
    mine = Answer.objects.filter(case=OuterRef("case"), member=reach.member_id)
    return Q(state=CaseState.RELEASED) & ~Q(author=reach.member_id) & ~Q(Exists(mine))


# --- Counting


def count(
    parts: Sequence[QuerySet[Listing]], *, filters: Filters, reach: Reach, asked: Wanted | None
) -> "Summary | Sample":
    """Count the candidates in `parts`, which are all of a member's, or those of them that are looked for."""
    facets = [facet for facet in FACETS if facet != "group" and filters.values_of(facet)]
    # A case with two of the chosen values would be counted twice.
    several = len(filters.values_of("only")) > 1 or len(filters.values_of("picture")) > 1
    many = len(facets) > 1 or several or any(filters.values_of(facet) for facet in NOT_SUMMED)
    if asked is not None or many:
        return Sample(parts, filters, reach, asked)
    summary = Summary(filters, reach)
    if not summary.answered_too_many:
        return summary
    if summary.unanswered:
        return Sample(parts, filters, reach, asked)
    if reach.diagnoses:
        waiting = [apply_filters(part, filters=filters, reach=reach).filter(waits_for(reach)) for part in parts]
        summary.waiting = len(listing.first(waiting, order=ORDER, most=BOUND).values_list("pk"))
    return summary


class Summary:
    """Counts of summary rows, put right by what is one's own: three queries, however many cases there are."""

    more = False

    def __init__(self, filters: Filters, reach: Reach) -> None:
        """Read everything that the page's counts are made of."""
        self.filters, self.reach = filters, reach
        self.groups = {str(pk): name for pk, name in reach.groups.items()}
        self.unanswered = "unanswered" in filters.values_of("only")
        self.waiting: int | None = None  # how many are unanswered, or at least `BOUND`, when that cannot be subtracted
        self.chosen = [
            (facet, value) for facet, value in filters.pairs if facet != "group" and (facet, value) != _UNANSWERED
        ]
        if self.unanswered:
            self.chosen = [_OPEN]
        self.facet = "only" if self.unanswered else self.chosen[0][0] if self.chosen else ""
        # Whether the chosen value holds too, facet and value; then by group.
        self.all: _Table = defaultdict(Counter)
        self.mine: _Table = defaultdict(Counter)  # open, and not waiting for this member
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
        if (facet, value) == _UNANSWERED and self.waiting is not None:
            return self.waiting
        if facet == "group":
            return self._sum(*listing_counts.ALL, narrowed=True, waiting=self.unanswered, groups=frozenset((value,)))
        if facet == "time":
            return self.total
        if facet in listing_counts.UNPAIRED:
            return self._sum(facet, value, narrowed=False, waiting=False, groups=self.filters.values_of("group"))
        waiting = self.unanswered or (facet, value) == _UNANSWERED
        if (facet, value) == _UNANSWERED:
            facet, value = _OPEN
            narrowed = True
        else:
            narrowed = facet != self.facet or facet == "only"
        return self._sum(facet, value, narrowed=narrowed, waiting=waiting, groups=self.filters.values_of("group"))

    def is_least(self, facet: str, value: str) -> bool:
        """Whether there may be more than `of` says: of a diagnosis, open cases that this member has answered."""
        return facet == "diagnosis" or ((facet, value) == _UNANSWERED and self.waiting == BOUND)

    def is_known(self, facet: str) -> bool:
        """Whether `of` narrows by what is chosen."""
        return facet != "time" and not (self.chosen and facet in listing_counts.UNPAIRED)

    def _sum(self, facet: str, value: str, *, narrowed: bool, waiting: bool, groups: frozenset[str]) -> int:
        if waiting and not self.reach.diagnoses:
            return 0
        key = (narrowed and bool(self.chosen), facet, value)
        found = sum(n for group, n in self.all[key].items() if not groups or str(group) in groups)
        if waiting:
            # Only of groups that are in `all`.
            found -= sum(self.mine[key][group] for group in self.all[key] if not groups or str(group) in groups)
        return max(found, 0)

    def _read_summary(self) -> None:
        chosen, everybody, teaching = tuple(self.chosen), self.reach.everybody, self.reach.teaching

        def build(*groups: UUID) -> QuerySet[ListingCount, tuple[Any, ...]]:
            under = Q(under="")
            for facet, value in chosen:
                under |= Q(under=facet, under_value=value)
            audience = Q(group__in=groups)
            if everybody:
                audience |= Q(group=None)
            return (
                ListingCount.objects.filter(under, audience, teaching=teaching)
                .order_by()
                .values_list("group_id", "under", "facet", "value")
                .annotate(total=Sum("n"))
            )

        for group, under, facet, value, n in _SUMMARY.rows(
            (chosen, everybody, teaching), build, tuple(self.reach.groups)
        ):
            self.all[bool(under), facet, value][group] += n

    def _read_own(self) -> None:
        """One's own listings, and those whose day has come before the round that removes them."""
        for *row, group_name, own, over, n in _OWN.rows(listing.days(), _own, (self.reach.member_id,)):
            looks = listing_counts.Looks(*row)
            inside = _is_inside(looks, self.reach)
            if over:
                self._add(self.all, looks, -n if inside else 0)
                continue
            if not inside:  # one's own for a group that one has left, or that one's profession is not shown
                self._add(self.all, looks, n)
                if looks.group_id:
                    self.groups[str(looks.group_id)] = group_name
            if own and looks.state == CaseState.RELEASED:
                self._add(self.mine, looks, n)

    def _read_answered(self) -> None:
        rows = _ANSWERED.rows(listing.days(), _answered, (self.reach.member_id,))
        self.answered_too_many = len(rows) > MOST_ANSWERED
        for looks, n in Counter(listing_counts.Looks(*row) for row in rows).items():
            if _is_inside(looks, self.reach):
                self._add(self.mine, looks, n)

    def _add(self, table: "_Table", looks: listing_counts.Looks, n: int) -> None:
        pairs = [listing_counts.ALL, *listing_counts.values(looks)]
        narrowed = any(chosen in pairs for chosen in self.chosen)
        for pair in pairs:
            table[False, *pair][looks.group_id] += n
            if narrowed:
                table[True, *pair][looks.group_id] += n


_Table = dict[tuple[bool, str, str], Counter[UUID | None]]
_SUMMARY: Final = Prepared()
_OWN: Final = Prepared()
_ANSWERED: Final = Prepared()
_UNANSWERED: Final = ("only", "unanswered")
_OPEN: Final = ("status", "open")


def _own(member_id: UUID) -> QuerySet[Listing, tuple[Any, ...]]:
    """How many look alike to every facet, of a member's own listings and of those that are over."""
    mine = Q(author=member_id)
    return (
        Listing.objects.filter(mine | listing.over())
        .order_by()
        .annotate(own=_flag(mine), over=_flag(listing.over()))
        .values_list(*listing_counts.FIELDS, "group__name", "own", "over")
        .annotate(n=Count("pk"))
    )


def _answered(member_id: UUID) -> QuerySet[Listing, tuple[Any, ...]]:
    """Return open listings that a member answered, one more than `MOST_ANSWERED` at most."""
    answers = Answer.objects.filter(member=member_id).values("case")
    rows = Listing.objects.filter(case__in=answers, state=CaseState.RELEASED).exclude(author=member_id)
    return rows.exclude(listing.over()).order_by().values_list(*listing_counts.FIELDS)[: MOST_ANSWERED + 1]


def _is_inside(looks: listing_counts.Looks, reach: Reach) -> bool:
    """Whether a member sees it by group and profession."""
    if looks.group_id not in reach.groups and not (reach.everybody and looks.group_id is None):
        return False
    return not reach.teaching or listing_counts.is_teaching(looks)


def _flag(condition: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(condition, output_field=BooleanField())


_OF_A_ROW: Final = ("released_at", "case_id", "answers", "comments", "urgent_until")


class Found(NamedTuple):
    """A listing of a sample, with all that counts and pages need."""

    released_at: datetime
    case_id: UUID
    answers: int
    comments: int
    urgent_until: datetime | None
    looks: listing_counts.Looks
    group_name: str | None
    waits_for_me: bool


@dataclass(frozen=True)
class _Bundle:
    """Sampled listings that look alike: the values they have, and how many they are."""

    values: Mapping[str, frozenset[str]]
    cases: int

    def fits(self, filters: Filters, *, but: str = "") -> bool:
        """Whether they match the filters, one facet left out of the question."""
        return all(self._fits_one(facet, chosen) for facet, chosen in filters.chosen.items() if facet != but)

    def _fits_one(self, facet: str, chosen: frozenset[str]) -> bool:
        if facet == "only":  # each of these narrows further; the others widen
            return chosen <= self.values["only"]
        if facet in ASKED_ALONE:  # of the database
            return True
        return not chosen or not chosen.isdisjoint(self.values[facet])


class Sample:
    """Counts of the first listings that match, all facets or all but one: one query, or those of `search.newest`."""

    def __init__(
        self, parts: Sequence[QuerySet[Listing]], filters: Filters, reach: Reach, asked: Wanted | None
    ) -> None:
        """Read at most `BOUND` listings."""
        self.filters = filters
        names = (*_OF_A_ROW, *listing_counts.FIELDS, "group__name", "waits_for_me")
        parts = [part.filter(_all_but_one(filters), *_narrowing(filters, reach)) for part in parts]
        waits = _flag(waits_for(reach))
        rows, whole = newest(parts, asked=asked, names=names, most=BOUND + 1, exactly=False, waits_for_me=waits)
        self.more = not whole
        at = len(_OF_A_ROW)
        self.found = [
            Found._make((*row[:at], listing_counts.Looks._make(row[at:-2]), *row[-2:])) for row in rows[:BOUND]
        ]
        alike = Counter((row.looks, row.group_name, row.waits_for_me) for row in self.found)
        self.groups = {str(looks.group_id): name or "" for looks, name, _waits in alike if looks.group_id}
        self.bundles = [_bundle(looks, waits=waits, n=n) for (looks, _name, waits), n in alike.items()]
        # By facet: those that match what is chosen in the others. Where nothing is chosen, these are the same.
        fitting = [bundle for bundle in self.bundles if bundle.fits(filters)]
        self.others = {
            facet: [bundle for bundle in self.bundles if bundle.fits(filters, but=facet)]
            if filters.values_of(facet)
            else fitting
            for facet in FACETS
        }
        self.total = sum(bundle.cases for bundle in fitting)

    def matching(self) -> list[Found]:
        """Return those that were read and match what was chosen, the newest first."""
        if not self.filters.count:
            return self.found
        return [row for row in self.found if _bundle(row.looks, waits=row.waits_for_me, n=1).fits(self.filters)]

    def of(self, facet: str, value: str) -> int:
        """Count what remains when this value is chosen too."""
        if facet == "time" or (facet == "diagnosis" and value in self.filters.values_of(facet)):
            return self.total
        also = self.filters.values_of(facet) - {value} if facet == "only" else frozenset()
        return sum(
            bundle.cases
            for bundle in self.others[facet]
            if value in bundle.values[facet] and also <= bundle.values[facet]
        )

    def is_least(self, _facet: str, _value: str) -> bool:
        """Whether there may be more than `of` says."""
        return self.more

    def is_known(self, facet: str) -> bool:
        """Whether `of` narrows by what is chosen."""
        return facet != "time"


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


def _bundle(looks: listing_counts.Looks, *, waits: bool, n: int) -> _Bundle:
    values: dict[str, set[str]] = {facet: set() for facet in FACETS}
    for facet, value in listing_counts.values(looks):
        values[facet].add(value)
    if waits:
        values["only"].add("unanswered")
    if looks.group_id:
        values["group"].add(str(looks.group_id))
    return _Bundle(values={facet: frozenset(found) for facet, found in values.items()}, cases=n)
