"""Django's cache in the database, with values as JSON: what allauth counts its tries in.

Threat: a pickled value that somebody else wrote runs as code; a file cache throws entries away when it is full, and
with them the counts of somebody who guesses passwords. Redis may be down without anybody getting in or being shut out.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import DatabaseError, connections
from django.utils import timezone

from core.counts import CountsUnavailable, digest
from core.models import CacheEntry
from core.routers import DEFAULT

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
# One statement, so that of many who add the same key at once, one alone succeeds.
_ADD = """
INSERT INTO core_cacheentry (key, value, expires_at) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
WHERE core_cacheentry.expires_at <= %s
"""


@contextmanager
def _said() -> Iterator[None]:
    """Raise CountsUnavailable for what the database refuses: whoever cannot be counted is not let in."""
    try:
        yield
    except DatabaseError as error:
        raise CountsUnavailable from error


class DatabaseCache(BaseCache):
    """A cache whose `add` is atomic; `core.counts.delete_expired` tidies up."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        """Take Django's parameters; there is nowhere else to keep entries, so `location` is not used."""
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a value unless there is one; return whether it was stored."""
        connection = connections[DEFAULT]
        as_value = connection.ops.adapt_datetimefield_value
        values = [
            self._row(key, version),
            json.dumps(value),
            as_value(self._until(timeout)),
            as_value(timezone.now()),
        ]
        with _said(), connection.cursor() as cursor:
            cursor.execute(_ADD, values)
            return bool(cursor.rowcount > 0)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or `default`."""
        with _said():
            found = CacheEntry.objects.filter(key=self._row(key, version), expires_at__gt=timezone.now())
            value = found.values_list("value", flat=True).first()
        return default if value is None else json.loads(value)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store a value that JSON can hold."""
        now = {"value": json.dumps(value), "expires_at": self._until(timeout)}
        with _said():
            CacheEntry.objects.bulk_create(
                [CacheEntry(key=self._row(key, version), **now)],
                update_conflicts=True,
                update_fields=list(now),
                unique_fields=["key"],
            )

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Give a value a new end; return whether it was there."""
        with _said():
            found = CacheEntry.objects.filter(key=self._row(key, version), expires_at__gt=timezone.now())
            return bool(found.update(expires_at=self._until(timeout)))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget a value; return whether it was there."""
        with _said():
            return bool(CacheEntry.objects.filter(key=self._row(key, version)).delete()[0])

    def clear(self) -> None:
        """Forget everything."""
        CacheEntry.objects.all().delete()

    def _row(self, key: Any, version: int | None) -> str:
        return digest("cache", self.make_key(key, version))

    def _until(self, timeout: Any) -> datetime:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return _FOREVER if seconds is None else timezone.now() + timedelta(seconds=seconds)
