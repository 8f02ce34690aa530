"""Queries that the ORM compiles once and that run many times with other ids.

Building and compiling the gate's nested conditions takes twenty times as long as the database needs for one row. The
SQL is still the ORM's own, from the same querysets that all others use: no rule is written a second time. Postgres
keeps its plans too, for as long as a connection lasts.
"""

import secrets
import uuid
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

PLANNED_AFTER = 2  # runs of a connection, from which on Postgres keeps the plan
MAX_QUERIES = 256  # more only when days pass: the key of a query holds the day

M = TypeVar("M", bound=Model)
Value = uuid.UUID | int | str | datetime
_STAND_INS: dict[type[Value], Callable[[], Value]] = {
    uuid.UUID: uuid.uuid4,
    # Fits a column of 32 bits: the ORM compiles a comparison with what does not fit to no rows at all.
    int: lambda: 2**30 + secrets.randbits(30),
    str: lambda: secrets.token_hex(20),
    datetime: lambda: datetime.fromtimestamp(secrets.randbelow(2**31), UTC),
}


class Lost(Exception):
    """A stand-in that is missing in the SQL: the query would answer for the stand-in, not for the real value."""


class Prepared:
    """Compiled queries by key, with stand-ins for their values: every call puts the real ones there."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Compiled] = {}

    def first(
        self, key: Hashable, build: Callable[..., QuerySet[Any, Any]], values: Sequence[Value]
    ) -> tuple[Any, ...] | None:
        """Return the first row as a tuple, or None; see `rows`."""
        found = self.rows(key, lambda *stand_ins: build(*stand_ins)[:1], values)
        return found[0] if found else None

    def rows(
        self, key: Hashable, build: Callable[..., QuerySet[Any, Any]], values: Sequence[Value]
    ) -> list[tuple[Any, ...]]:
        """Return the rows as tuples. `build(*values)` returns a `values_list`.

        `key` must hold everything else that `build` depends on: otherwise the answer may be meant for somebody else.
        How many values there are, and of which kind, need not be in it.
        """
        return self._compiled(key, build, values).rows(values)

    def objects(self, key: Hashable, build: Callable[..., QuerySet[M]], values: Sequence[Value]) -> list[M]:
        """Return the rows as the model's, with annotations and what `select_related` joins, but without prefetches.

        For the key see `rows`.
        """
        return self._compiled(key, build, values).objects(values)

    def _compiled(
        self, key: Hashable, build: Callable[..., QuerySet[Any, Any]], values: Sequence[Value]
    ) -> "_Compiled":
        kinds = tuple(type(value) for value in values)
        kept = self._kept.get((key, kinds))
        if kept is None:
            if len(self._kept) >= MAX_QUERIES:
                self._kept.clear()
            stand_ins = [_STAND_INS[kind]() for kind in kinds]
            kept = self._kept[key, kinds] = _Compiled(build(*stand_ins), stand_ins)
        return kept


class _Compiled:
    """The SQL of a queryset, and the converters of its columns."""

    def __init__(self, found: QuerySet[Any, Any], stand_ins: Sequence[Value]) -> None:
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
            (places.get(param) if isinstance(param, uuid.UUID | str | int | datetime) else None, param)
            for param in params
        ]
        if self._sql and {place for place, _param in self._params} - {None} != set(range(len(stand_ins))):
            raise Lost("the ORM compiled a value away, or in another form")
        self._compiler = compiler
        self._converters = compiler.get_converters([column[0] for column in compiler.select])

    def rows(self, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        """Return the rows as the ORM would."""
        if not self._sql:
            return []
        with _cursor(connections[self._using]) as cursor:
            cursor.execute(
                self._sql,
                [param if place is None else self._prepare(values[place]) for place, param in self._params],
            )
            found = cursor.fetchall()
        if not self._converters:
            return [tuple(row) for row in found]
        return [tuple(row) for row in self._compiler.apply_converters([list(row) for row in found], self._converters)]

    def objects(self, values: Sequence[Value]) -> list[Any]:
        """Return the rows as instances, as the ORM's own iterator makes them."""
        found = self.rows(values)
        if not found:
            return []
        compiler = self._compiler
        kinds: Any = compiler.klass_info
        start, end = kinds["select_fields"][0], kinds["select_fields"][-1] + 1
        names = [column[0].target.attname for column in compiler.select[start:end]]
        related = get_related_populators(kinds, compiler.select, self._using)  # type: ignore[call-arg]
        instances = []
        for row in found:
            instance = kinds["model"].from_db(self._using, names, row[start:end])
            for populator in related:
                populator.populate(row, instance)
            for name, place in compiler.annotation_col_map.items():
                setattr(instance, name, row[place])
            instances.append(instance)
        return instances

    def _prepare(self, value: Value) -> Value | None:
        """Return a value in the form that this database takes."""
        if isinstance(value, datetime):
            return connections[self._using].ops.adapt_datetimefield_value(value)
        return value.hex if isinstance(value, uuid.UUID) and not self._has_uuids else value


def _cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """Return a cursor; on Postgres one with parameters of their own, which the others, and so plans, do not have."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.ensure_connection()
    connection.connection.prepare_threshold = PLANNED_AFTER
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrap(ServerBindingCursor(connection.connection))  # type: ignore[call-arg, arg-type]
