"""How many listings an audience has, by value and by pairs of values: written as changes, read as sums.

A count on the cases page must not read the cases. Each listing adds 1 to every pair of values it has (but for those
that are `UNPAIRED`), for its group and, when it is a closed teaching case, once more for those who see only these; it
takes them away when it goes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from consults.cases.gate.models import Listing, ListingCount
from consults.cases.models import CaseState
from vocabulary import tags, terms

STATUS_OF: Final = {str(CaseState.RELEASED): "open", str(CaseState.CLOSED): "closed"}

Pair = tuple[str, str]  # facet, value
ALL: Final[Pair] = ("", "")
# Counted among all listings, not under another value: a case has many of these, and every pair of them is a row.
UNPAIRED: Final = frozenset(("stain", "mode", "tone", "language", "tag", "diagnosis"))
Key = tuple[UUID | None, bool, str, str, str, str]  # group, teaching, under, its value, facet, its value


class Looks(NamedTuple):
    """What tells two listings apart here. A change of anything else changes no count."""

    group_id: UUID | None
    state: str
    kind: str
    region: str
    morphology: str
    pictures: str
    no_dermatologist: bool
    stains: str
    modes: str
    tone: str
    language: str
    tags: str
    diagnosis: str


FIELDS: Final = Looks._fields


def values(listing: Listing | Looks) -> list[Pair]:
    """Every (facet, value) that a listing has."""
    pairs = [
        ("status", STATUS_OF[listing.state]),
        ("site", listing.region),
        ("morphology", listing.morphology),
        ("kind", listing.kind),
        *(("picture", kind) for kind in listing.pictures.split()),
        ("only", "no_dermatologist" if listing.no_dermatologist else ""),
        *(("stain", stain) for stain in listing.stains.split()),
        *(("mode", mode) for mode in listing.modes.split()),
        ("tone", listing.tone),
        ("language", listing.language),
        *(("tag", tag) for tag in listing.tags.split()),
        # By group: a count for each of hundreds of diagnoses would tell two cases apart that nobody looks for.
        ("diagnosis", group_of(listing.diagnosis)),
    ]
    return [pair for pair in pairs if pair[1]]


def group_of(diagnosis: str) -> str:
    """Return the topmost group of a diagnosis; "" for none."""
    return next(iter(reversed(tags.groups_of(diagnosis))), "")


def keys(listing: Listing) -> Iterator[Key]:
    """Every count in which a listing stands."""
    pairs = [ALL, *values(listing)]
    scopes = (False, True) if is_teaching(listing) else (False,)
    for teaching in scopes:
        for under in pairs:
            for pair in pairs:
                if under == ALL or UNPAIRED.isdisjoint((under[0], pair[0])):
                    yield (listing.group_id, teaching, *under, *pair)


def is_teaching(listing: Listing | Looks) -> bool:
    """Whether those see it too who see only closed teaching cases."""
    return listing.kind == terms.CaseKind.TEACHING and listing.state == CaseState.CLOSED


def note(*, gone: Iterable[Listing], come: Iterable[Listing]) -> None:
    """Write what changes when these listings go and those come."""
    changes: Counter[Key] = Counter()
    for listing in come:
        changes.update(keys(listing))
    for listing in gone:
        changes.subtract(keys(listing))
    _write({key: n for key, n in changes.items() if n})


def _write(changes: dict[Key, int]) -> None:
    ListingCount.objects.bulk_create(
        (
            ListingCount(
                group_id=group, teaching=teaching, under=under, under_value=under_value, facet=facet, value=value, n=n
            )
            for (group, teaching, under, under_value, facet, value), n in changes.items()
        ),
        batch_size=500,
    )


_KEY: Final = ("group_id", "teaching", "under", "under_value", "facet", "value")


@transaction.atomic
def fold() -> int:
    """Put rows of the same count together; return how many rows are left out by that. One at a time (`jobs.every`).

    Rows that are written meanwhile are not read and stay. When two of these ran at once, one of them finds fewer
    rows to delete than it read, and gives up.
    """
    rows: dict[Key, list[tuple[int, int]]] = {}
    for pk, *key, n in ListingCount.objects.values_list("pk", *_KEY, "n"):
        rows.setdefault(tuple(key), []).append((pk, n))
    folded = {key: found for key, found in rows.items() if len(found) > 1 or not found[0][1]}
    ids = [pk for found in folded.values() for pk, _n in found]
    gone = sum(ListingCount.objects.filter(pk__in=ids[at : at + 500]).delete()[0] for at in range(0, len(ids), 500))
    if gone != len(ids):
        transaction.set_rollback(True)
        return 0
    kept = {key: total for key, found in folded.items() if (total := sum(n for _pk, n in found))}
    _write(kept)
    return len(ids) - len(kept)


def sums() -> Counter[Key]:
    """Every count that is not 0, for the nightly comparison."""
    rows = ListingCount.objects.order_by().values_list(*_KEY).annotate(total=Sum("n"))
    return Counter({tuple(key): n for *key, n in rows if n})


def recount() -> bool:
    """Compare the counts with the listings and write what is missing; return whether anything was."""
    wanted: Counter[Key] = Counter()
    for listing in Listing.objects.only("pk", *FIELDS).iterator(chunk_size=2000):
        wanted.update(keys(listing))
    have = sums()
    wrong = {key: wanted[key] - have[key] for key in {*wanted, *have} if wanted[key] != have[key]}
    _write(wrong)
    return bool(wrong)
