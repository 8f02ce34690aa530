"""Members who look at, or try, more than anybody needs: for privacy officers, as counts without content."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from accounts.models import Member
from audit.access_log import LIMIT_REACHED
from audit.models import Event
from core import refusals

DAYS: Final = 30
MOST: Final = 50  # rows of a list: whoever has more has another problem


@dataclass(frozen=True)
class Unusual:
    """A member, and how often something happened in the last DAYS days, at most on one day where that is known."""

    name: str
    times: int
    most_a_day: int = 0


def often_refused() -> list[Unusual]:
    """Return members who asked on one day for many pages that they may not see, or that do not exist."""
    rows = refusals.many()[:MOST]
    names = _names(row.member_id for row in rows)
    return [Unusual(names.get(row.member_id, ""), row.total, row.most) for row in rows]


def many_pictures() -> list[Unusual]:
    """Return members who reached the limit of pictures an hour, and in how many hours."""
    since = timezone.now() - timedelta(days=DAYS)
    reached = Event.objects.filter(verb=LIMIT_REACHED, at__gte=since).values_list("subject_id")
    rows = list(reached.annotate(n=Count("pk")).order_by("-n", "subject_id")[:MOST])
    names = _names(UUID(str(subject)) for subject, _n in rows)
    return [Unusual(names.get(UUID(str(subject)), ""), n) for subject, n in rows]


def _names(members: Iterable[UUID]) -> dict[UUID, str]:
    return dict(Member.objects.filter(pk__in=list(members)).values_list("pk", "name"))
