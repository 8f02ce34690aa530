"""A query that is built by the ORM once and asked many times with other ids.

Building and compiling the gate's nested conditions takes twenty times as long as the database takes to answer for one
row. The SQL is still the ORM's own, of the very querysets that everybody else asks: no rule is written a second time.
"""

import secrets
import uuid
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

MOST = 256  # queries kept; what is built holds the day, so that it ends with it


class Lost(Exception):
    """A stand-in is not in the SQL: the query would answer for it and not for the real value."""


class Prepared:
    """Queries by key. `build` gets stand-ins for ids and numbers, exchanged for the real ones in every call."""

    def __init__(self, *kinds: type[uuid.UUID] | type[int]) -> None:
        self.stand_ins = [uuid.uuid4() if kind is uuid.UUID else secrets.randbits(60) for kind in kinds]
        self._kept: dict[Hashable, _Compiled] = {}

    def first(
        self, key: Hashable, build: Callable[..., QuerySet[Any, Any]], values: Sequence[uuid.UUID | int]
    ) -> tuple[Any, ...] | None:
        """The first row as a tuple, or None. `build(*values)` gives a `values_list`; what else it depends on is `key`.

        Never let `build` depend on anything that `key` does not hold: the answer would be another's.
        """
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            kept = self._kept[key] = _Compiled(build(*self.stand_ins)[:1], self.stand_ins)
        return kept.first(values)


class _Compiled:
    """The SQL of a queryset, and what turns a row of the database into values."""

    def __init__(self, found: QuerySet[Any, Any], stand_ins: Sequence[uuid.UUID | int]) -> None:
        self._using = found.db
        self._has_uuids = connections[self._using].features.has_native_uuid_field
        compiler = found.query.get_compiler(self._using)
        try:
            self._sql, params = compiler.as_sql()
        except EmptyResultSet:  # nobody's rows: no database is asked
            self._sql, params = "", ()
        places = {self._taken(stand_in): place for place, stand_in in enumerate(stand_ins)}
        # What stands at each place of the SQL: the place of a value, or None and what was compiled.
        self._params = [
            (places.get(param) if isinstance(param, uuid.UUID | str | int) else None, param) for param in params
        ]
        if self._sql and {place for place, _param in self._params} - {None} != set(range(len(stand_ins))):
            raise Lost("the ORM compiled a value away, or in another form")
        self._compiler = compiler
        self._converters = compiler.get_converters([column[0] for column in compiler.select])

    def first(self, values: Sequence[uuid.UUID | int]) -> tuple[Any, ...] | None:
        """The first row as the ORM would give it."""
        if not self._sql:
            return None
        with connections[self._using].cursor() as cursor:
            cursor.execute(
                self._sql,
                [param if place is None else self._taken(values[place]) for place, param in self._params],
            )
            row = cursor.fetchone()
        if row is None:
            return None
        (found,) = self._compiler.apply_converters([list(row)], self._converters)
        return tuple(found)

    def _taken(self, value: uuid.UUID | int) -> uuid.UUID | int | str:
        """A value as this database takes it."""
        return value.hex if isinstance(value, uuid.UUID) and not self._has_uuids else value
