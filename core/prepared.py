"""Queries that the ORM compiles once and that run many times with other ids.

Building and compiling the gate's nested conditions takes twenty times as long as the database needs for one row. The
SQL is still the ORM's own, from the same querysets that all others use: no rule is written a second time.
"""

import secrets
import uuid
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

MAX_QUERIES = 256  # more only when days pass: the key of a query holds the day


class Lost(Exception):
    """A stand-in that is missing in the SQL: the query would answer for the stand-in, not for the real value."""


class Prepared:
    """Compiled queries by key, with stand-ins for ids and numbers that every call replaces by the real values."""

    def __init__(self, *kinds: type[uuid.UUID] | type[int]) -> None:
        self.stand_ins = [uuid.uuid4() if kind is uuid.UUID else secrets.randbits(60) for kind in kinds]
        self._kept: dict[Hashable, _Compiled] = {}

    def first(
        self, key: Hashable, build: Callable[..., QuerySet[Any, Any]], values: Sequence[uuid.UUID | int]
    ) -> tuple[Any, ...] | None:
        """Return the first row as a tuple, or None. `build(*values)` returns a `values_list`.

        `key` must hold everything else that `build` depends on: otherwise the answer may be meant for somebody else.
        """
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= MAX_QUERIES:
                self._kept.clear()
            kept = self._kept[key] = _Compiled(build(*self.stand_ins)[:1], self.stand_ins)
        return kept.first(values)


class _Compiled:
    """The SQL of a queryset, and the converters of its columns."""

    def __init__(self, found: QuerySet[Any, Any], stand_ins: Sequence[uuid.UUID | int]) -> None:
        self._using = found.db
        self._has_uuids = connections[self._using].features.has_native_uuid_field
        compiler = found.query.get_compiler(self._using)
        try:
            self._sql, params = compiler.as_sql()
        except EmptyResultSet:  # never any rows: no query is needed
            self._sql, params = "", ()
        places = {self._prepare(stand_in): place for place, stand_in in enumerate(stand_ins)}
        # For each parameter of the SQL: the place of its value, or None and the compiled parameter.
        self._params = [
            (places.get(param) if isinstance(param, uuid.UUID | str | int) else None, param) for param in params
        ]
        if self._sql and {place for place, _param in self._params} - {None} != set(range(len(stand_ins))):
            raise Lost("the ORM compiled a value away, or in another form")
        self._compiler = compiler
        self._converters = compiler.get_converters([column[0] for column in compiler.select])

    def first(self, values: Sequence[uuid.UUID | int]) -> tuple[Any, ...] | None:
        """Return the first row as the ORM would, or None."""
        if not self._sql:
            return None
        with connections[self._using].cursor() as cursor:
            cursor.execute(
                self._sql,
                [param if place is None else self._prepare(values[place]) for place, param in self._params],
            )
            row = cursor.fetchone()
        if row is None:
            return None
        (found,) = self._compiler.apply_converters([list(row)], self._converters)
        return tuple(found)

    def _prepare(self, value: uuid.UUID | int) -> uuid.UUID | int | str:
        """Return a value in the form that this database takes."""
        return value.hex if isinstance(value, uuid.UUID) and not self._has_uuids else value
