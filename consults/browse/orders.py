"""Orders of candidates: what each begins with, and cursors, so that a page can begin behind any row of the one before.

Every order ends with the time, the newest first, and the case's id. Some have a number before these (`lead`), the least
first: answers, comments (the most first), or how soon a quick answer is asked for.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Case, F, OrderBy, Q, QuerySet, When
from django.utils import timezone

from consults.cases.gate import listing
from consults.cases.gate.models import Listing
from core.unions import all_of

SAVED: Final = "saved"  # the order of saved cases: when they were saved
COLUMNS: Final = ("case_id", "answers", "no_dermatologist", "comments", "urgent_until")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = 2**62  # the lead of what is not urgent, in µs since 1970


class Candidate(NamedTuple):
    """A listing, by what it is ordered and counted."""

    at: datetime  # released, or saved
    case_id: UUID
    answers: int
    no_dermatologist: bool
    comments: int = 0
    urgent_until: datetime | None = None


def time_field(sort: str) -> str:
    """Return the field that orders by time."""
    return "saved_at" if sort == SAVED else "released_at"


def in_order(rows: Sequence[Candidate], *, sort: str) -> list[Candidate]:
    """Return candidates that are at hand in this order."""
    return sorted(rows, key=lambda row: _key(row, sort), reverse=True)


def behind(rows: Sequence[Candidate], *, sort: str, after: str) -> list[Candidate]:
    """Return the rows behind a cursor; they are in order."""
    place = _place(after, sort=sort)
    if place is None:
        return list(rows)
    lead, moment, pk = place
    return [row for row in rows if _key(row, sort) < (-lead, moment, pk.hex)]


def _key(row: Candidate, sort: str) -> tuple[int, datetime, str]:
    return (-_lead(row, sort), row.at, row.case_id.hex)


def _lead(row: Candidate, sort: str) -> int:
    if sort == "fewest":
        return row.answers
    if sort == "discussed":
        return -row.comments
    if sort == "urgent":
        return _LAST if row.urgent_until is None or row.urgent_until <= timezone.now() else _micros(row.urgent_until)
    return 0


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


# --- Cursors


def cursor(row: Candidate, *, sort: str) -> str:
    """Return where a page ended: the lead (in orders that have one), time in µs since 1970, the case's id."""
    parts = [str(_micros(row.at)), row.case_id.hex]
    if sort in _LEADS:
        parts.insert(0, str(abs(_lead(row, sort))))
    return "-".join(parts)


_LEADS: Final = ("fewest", "discussed", "urgent")


def _place(after: str, *, sort: str) -> tuple[int, datetime, UUID] | None:
    """Return what a cursor says: lead (0 in orders without), time, id; None for one that is not ours."""
    parts = after.split("-")
    if len(parts) != (3 if sort in _LEADS else 2):
        return None
    try:
        *leads, micros = [int(part) for part in parts[:-1]]
        moment, pk = _EPOCH + timedelta(microseconds=micros), UUID(parts[-1])
        lead = (leads or [0])[0]
        if sort == "urgent" and lead != _LAST:
            _moment_of(lead)
    except (ValueError, OverflowError):
        return None
    return (-lead if sort == "discussed" else lead), moment, pk


def _moment_of(lead: int) -> datetime:
    return _EPOCH + timedelta(microseconds=lead)


# --- Queries


def first(
    parts: Sequence[QuerySet[Listing]], *, sort: str, after: str, most: int
) -> QuerySet[Listing, tuple[Any, ...]]:
    """Return the first `most` candidates of these parts behind a cursor, as the columns of `Candidate`."""
    place = _place(after, sort=sort)
    if sort == "urgent":
        rows = _urgent_first(parts, place=place, most=most)
    else:
        rows = listing.first([_after(part, sort=sort, place=place) for part in parts], order=_order(sort), most=most)
    return rows.values_list(time_field(sort), *COLUMNS)


def after_cursor(rows: QuerySet[Listing], *, sort: str, after: str) -> QuerySet[Listing]:
    """Return the listings behind a cursor of an order by time."""
    return _after(rows, sort=sort, place=_place(after, sort=sort))


def _order(sort: str) -> tuple[str, ...]:
    lead = {"fewest": ("answers",), "discussed": ("-comments",)}.get(sort, ())
    return (*lead, f"-{time_field(sort)}", "-case")


def _after(rows: QuerySet[Listing], *, sort: str, place: tuple[int, datetime, UUID] | None) -> QuerySet[Listing]:
    if place is None:
        return rows
    lead, moment, pk = place
    field = time_field(sort)
    later = Q((f"{field}__lt", moment)) | Q((field, moment), case__lt=pk)
    # The first condition of each says less than the second, and is one that an index can begin at.
    if sort == "fewest":
        return rows.filter(Q(answers__gte=lead) & (Q(answers__gt=lead) | (Q(answers=lead) & later)))
    if sort == "discussed":
        return rows.filter(Q(comments__lte=-lead) & (Q(comments__lt=-lead) | (Q(comments=-lead) & later)))
    return rows.filter(Q((f"{field}__lte", moment)) & later)


def _urgent_first(
    parts: Sequence[QuerySet[Listing]], *, place: tuple[int, datetime, UUID] | None, most: int
) -> QuerySet[Listing]:
    """Return what is urgent, the soonest first, then all others: each has an index of its own, and few are urgent."""
    now = timezone.now()
    urgent = Q(urgent_until__gt=now)
    calm = Q(urgent_until=None) | Q(urgent_until__lte=now)
    soonest = ("urgent_until", "-released_at", "-case")
    begun = place is None or place[0] != _LAST
    queries = []
    for part in parts:
        if begun:
            queries.append(_sooner(part.filter(urgent), place).order_by(*soonest).values("pk")[:most])
        rest = part.filter(calm) if begun else _after(part.filter(calm), sort="newest", place=place)
        queries.append(rest.order_by("-released_at", "-case").values("pk")[:most])
    together = all_of(*queries)
    if together is None:
        return Listing.objects.none()
    until = OrderBy(Case(When(urgent, then=F("urgent_until"))), nulls_last=True)
    return Listing.objects.filter(pk__in=together).order_by(until, "-released_at", "-case")[:most]


def _sooner(rows: QuerySet[Listing], place: tuple[int, datetime, UUID] | None) -> QuerySet[Listing]:
    if place is None:
        return rows
    lead, moment, pk = place
    until = _moment_of(lead)
    later = Q(released_at__lt=moment) | Q(released_at=moment, case__lt=pk)
    return rows.filter(Q(urgent_until__gt=until) | (Q(urgent_until=until) & later))
