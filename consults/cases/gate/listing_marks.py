"""Marks of listings: what the filters of facets look up in which a case has several values, or one of many.

of_any("stain", {"he", "pas"})              listings with one of these
of_diagnosis({"melanoma"}, member_id=…)     closed ones with that outcome; open ones that this member may know of
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from consults.cases.gate import listing_counts
from consults.cases.gate.models import Listing, ListingMark
from consults.cases.models import Case, CaseState
from vocabulary import tags

FACETS: Final = ("stain", "mode", "tone", "language", "tag")
DIAGNOSIS: Final = "diagnosis"
DIFFERENTIAL: Final = "differential"  # of open cases: answered blind

Mark = tuple[str, str]  # facet, value


# --- Written


def write(listings: Sequence[Listing]) -> int:
    """Keep the marks of these listings, each with its case at hand; return how many listings had others before."""
    wanted = {listing.pk: marks_of(listing, listing.case) for listing in listings}
    known: dict[int, dict[Mark, int]] = {pk: {} for pk in wanted}
    for pk, listing_id, *mark in ListingMark.objects.filter(listing__in=wanted).values_list(
        "pk", "listing", "facet", "value"
    ):
        known[listing_id][mark[0], mark[1]] = pk
    gone = [pk for listing_id, had in known.items() for mark, pk in had.items() if mark not in wanted[listing_id]]
    come = [
        ListingMark(listing_id=pk, facet=facet, value=value)
        for pk, marks in wanted.items()
        for facet, value in sorted(marks - known[pk].keys())
    ]
    if gone:
        ListingMark.objects.filter(pk__in=gone).delete()
    ListingMark.objects.bulk_create(come)
    return sum(marks != known[pk].keys() for pk, marks in wanted.items())


def marks_of(listing: Listing, case: Any) -> set[Mark]:
    """Return every mark that a listing should have."""
    found = {(facet, value) for facet, value in listing_counts.values(listing) if facet in FACETS}
    found |= {(DIAGNOSIS, code) for code in tags.groups_of(listing.diagnosis)}
    if listing.state == CaseState.RELEASED:
        found |= {(DIFFERENTIAL, one) for code in case.differential for one in tags.groups_of(code)}
    return found


# --- Asked


def of_any(facet: str, values: Collection[str]) -> Q:
    """Return the condition for listings that have one of these values."""
    return Q(pk__in=_with(facet, values).values("listing"))


def of_diagnosis(codes: Collection[str], *, member_id: UUID) -> Q:
    """Return the condition for cases whose diagnosis is one of these or finer, of those that this member may know of.

    Closed: the outcome. Open: the working differential, where the member is the author or has answered. Threat: a hit
    in a case that is still to be answered blind gives the answer away.
    """
    closed = _with(DIAGNOSIS, codes).filter(listing__state=CaseState.CLOSED)
    open_ = _with(DIFFERENTIAL, codes).filter(listing__state=CaseState.RELEASED)
    # Each from an index of its own: the two in one list have Postgres read every listing.
    own = open_.filter(listing__author=member_id)
    told = open_.filter(listing__case__in=Case.objects.filter(answers__member=member_id).values("pk"))
    return Q(pk__in=closed.values("listing")) | Q(pk__in=own.values("listing")) | Q(pk__in=told.values("listing"))


def _with(facet: str, values: Iterable[str]) -> QuerySet[ListingMark]:
    return ListingMark.objects.filter(facet=facet, value__in=sorted(values)).order_by()
