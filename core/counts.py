"""Counts of tries in the database, so that no try is lost, however many arrive at once.

Threat: somebody sends sixty wrong PINs at the same moment. A cache reads, adds and writes, and loses counts; one
statement that adds and returns the new number loses none, on both databases. Keys are keyed digests: the table
holds no address, no member and no code.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, connections
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.models import CacheEntry, Count
from core.routers import DEFAULT

# A window begins with the first try. A row whose window has passed is used again.
_COUNT = """
INSERT INTO core_count (key, number, expires_at) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
  number = CASE WHEN core_count.expires_at <= %s THEN 1 ELSE core_count.number + 1 END,
  expires_at = CASE WHEN core_count.expires_at <= %s THEN excluded.expires_at ELSE core_count.expires_at END
RETURNING number
"""


class CountsUnavailable(Exception):
    """The counts cannot be written or read. Whoever asks decides whether that means yes or no."""


@dataclass(frozen=True)
class Limit:
    """At most `most` tries in `seconds` after the first one; `name` keeps its counts apart from other limits'."""

    name: str
    most: int
    seconds: int


def take_try(*, limit: Limit, who: str) -> int:
    """Count one try of `who`; return 0 when it may be judged, else the whole seconds until the next one may.

    Call before looking at what was entered, and outside a transaction that may be rolled back: of many tries at
    once no more than `limit.most` get a 0. Raises CountsUnavailable.
    """
    now = timezone.now()
    until = now + timedelta(seconds=limit.seconds)
    connection = connections[DEFAULT]
    as_value = connection.ops.adapt_datetimefield_value
    values = [digest(limit.name, who), as_value(until), as_value(now), as_value(now)]
    try:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, values)
            number: int = cursor.fetchone()[0]
    except DatabaseError as error:
        raise CountsUnavailable from error
    return 0 if number <= limit.most else max(1, seconds_to_wait(limit=limit, who=who))


def seconds_to_wait(*, limit: Limit, who: str) -> int:
    """Return the whole seconds until a try of `who` is judged again; 0 when it is now. Raises CountsUnavailable."""
    now = timezone.now()
    try:
        full = Count.objects.filter(key=digest(limit.name, who), expires_at__gt=now, number__gte=limit.most)
        until: datetime | None = full.values_list("expires_at", flat=True).first()
    except DatabaseError as error:
        raise CountsUnavailable from error
    return math.ceil((until - now).total_seconds()) if until else 0


def delete_expired() -> int:
    """Delete rows whose window has passed; return how many."""
    now = timezone.now()
    return sum(model.objects.filter(expires_at__lte=now).delete()[0] for model in (Count, CacheEntry))


def digest(name: str, who: str) -> str:
    """Return the key of a row: a digest under the site's secret, from which nobody can be guessed."""
    return salted_hmac(f"core.counts.{name}", who, algorithm="sha256").hexdigest()
