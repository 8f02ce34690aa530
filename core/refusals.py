"""How often a member was refused a page (403, 404) on a day: probing shows here, and in no content."""

import uuid
from datetime import timedelta
from typing import Final, NamedTuple

from django.db.models import F
from django.utils import timezone

from core.models import Refusal

KEPT_DAYS: Final = 30
MANY: Final = 50  # on one day: nobody meets so many dead links


class Refused(NamedTuple):
    """A member and how often they were refused since the beginning of what is kept, and at most on one day."""

    member_id: uuid.UUID
    total: int
    most: int


def note(*, member_id: uuid.UUID) -> None:
    """Count one refusal. Two queries at most, and only when a page was refused."""
    day = timezone.localdate()
    if not Refusal.objects.filter(member_id=member_id, day=day).update(number=F("number") + 1):
        Refusal.objects.bulk_create([Refusal(member_id=member_id, day=day, number=1)], ignore_conflicts=True)


def many() -> list[Refused]:
    """Return members who were refused MANY times on a day that is kept, the most first."""
    found: dict[uuid.UUID, list[int]] = {}
    suspects = Refusal.objects.filter(number__gte=MANY).values("member_id")
    for member_id, number in Refusal.objects.filter(member_id__in=suspects).values_list("member_id", "number"):
        found.setdefault(member_id, []).append(number)
    rows = [Refused(member_id, sum(numbers), max(numbers)) for member_id, numbers in found.items()]
    return sorted(rows, key=lambda row: (-row.most, row.member_id))


def delete_old() -> int:
    """Delete counts of days before the last KEPT_DAYS; return how many."""
    first = timezone.localdate() - timedelta(days=KEPT_DAYS)
    return Refusal.objects.filter(day__lt=first).delete()[0]
