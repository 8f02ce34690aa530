"""Vectors of listings: made by a job after the release, and gone with the listing."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from consults.cases.gate.models import Listing
from consults.similar import embedding
from consults.similar.models import ListingVector

AT_ONCE: Final = 100  # listings in a round: what the model reads in a third of its time, on a busy machine


def keep(*, case_ids: Sequence[UUID]) -> int:
    """Make the vectors of these cases' listings that have none; return how many. Safe to repeat."""
    if not settings.COMPARE_MEANINGS:
        return 0
    return _keep(list(Listing.objects.filter(case__in=case_ids, vector=None).select_related("case")))


def keep_missing() -> int:
    """Make the vectors of the newest listings that have none, such as those of before this was there."""
    if not settings.COMPARE_MEANINGS or not embedding.available():
        return 0
    rows = Listing.objects.filter(vector=None).order_by("-released_at", "-case").select_related("case")
    return _keep(list(rows[:AT_ONCE]))


def _keep(listings: Sequence[Listing]) -> int:
    vectors = embedding.embed([f"{row.case.title}\n{row.case.note}" for row in listings])
    made = dict(zip([row.pk for row in listings], vectors, strict=False))
    with transaction.atomic():
        # What was withdrawn meanwhile is not there any more, and what is locked is not withdrawn before this is over.
        there = set(
            Listing.objects.select_for_update(of=("self",))
            .filter(pk__in=made, vector=None)
            .order_by("case")
            .values_list("pk", flat=True)
        )
        rows = [ListingVector(listing_id=pk, data=data) for pk, data in made.items() if pk in there]
        ListingVector.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
