"""Rows that are read in the query of those that they belong to, where a prefetch needs a query more.

The database sends them as one JSON column; `Nested.read` makes rows of their model again.
"""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import IntegerField, JSONField, Model, QuerySet, Subquery
from django.db.models.functions import JSONArray

M = TypeVar("M", bound=Model)


class Nested(Generic[M]):
    """Rows of a model, with the named fields of theirs and of the rows that they lead to.

    `Nested(Mention, "id", "group_id", "group__id", "group__name")`: of each row its key, and those of what it leads to,
    must be named. A field that is not is read from the database when it is asked for, row by row.
    """

    def __init__(self, model: type[M], *names: str) -> None:
        """Name the fields; foreign keys by their column ("member_id")."""
        self._model = model
        self._names = names

    def column(self, rows: QuerySet[M]) -> Subquery:
        """Return the annotation that reads these rows, which refer to the outer query by OuterRef."""
        return RowsAsJson(rows.values(nested=JSONArray(*self._names)))

    def read(self, found: Iterable[list[Any]] | None) -> list[M]:
        """Return the rows that the annotation read, in the order of their keys."""
        return sorted((self._row(values) for values in found or ()), key=attrgetter("pk"))

    def _row(self, values: list[Any]) -> M:
        own, led = self._readers
        row = own.row(values)
        for link, reader in led:
            link.set_cached_value(row, reader.row(values) if reader.is_there(values) else None)
        return row

    @cached_property
    def _readers(self) -> "tuple[_Reader[M], list[tuple[Any, _Reader[Any]]]]":
        """The readers of the model and of what it leads to; made when all models are known."""
        by_link: dict[str, list[tuple[int, str]]] = {}
        for at, name in enumerate(self._names):
            link, _sign, field = name.rpartition("__")
            by_link.setdefault(link, []).append((at, field))
        own = _Reader(self._model, by_link.pop(""))
        links: list[Any] = [self._model._meta.get_field(name) for name in by_link]
        return own, [(link, _Reader(link.related_model, by_link[link.name])) for link in links]


class Counted(Subquery):
    """How many rows a subquery has: of one with a limit, no more than that are looked at."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


class RowsAsJson(Subquery):
    """The rows of a subquery of one JSON column, named `nested`, as one list; without any, empty or None."""

    output_field = JSONField()
    template = "(SELECT JSON_GROUP_ARRAY(JSON(rows_.nested)) FROM (%(subquery)s) rows_)"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the SQL in the words of Postgres."""
        template = "(SELECT JSONB_AGG(rows_.nested) FROM (%(subquery)s) rows_)"
        return self.as_sql(compiler, connection, template=template, **context)


def keep(row: Model, name: str, rows: list[Any]) -> None:
    """Have `row.<name>.all()` return these rows, as after a prefetch."""
    found = getattr(row, name).get_queryset()
    found._result_cache = rows
    found._prefetch_done = True
    kept = row.__dict__.setdefault("_prefetched_objects_cache", {})
    kept[name] = found


class _Reader(Generic[M]):
    """Makes rows of one model of the values at some places of a list."""

    def __init__(self, model: type[M], named: list[tuple[int, str]]) -> None:
        places = {model._meta.get_field(name.removesuffix("_id")).attname: at for at, name in named}  # type: ignore[union-attr]
        fields = [field for field in model._meta.concrete_fields if field.attname in places]
        self._model = model
        self._columns = [(places[field.attname], _decoder(field)) for field in fields]
        self._names = [field.attname for field in fields]
        self._key = places[model._meta.pk.attname]

    def is_there(self, values: list[Any]) -> bool:
        return values[self._key] is not None

    def row(self, values: list[Any]) -> M:
        read = [decode(values[at]) if decode and values[at] is not None else values[at] for at, decode in self._columns]
        return self._model.from_db(None, self._names, read)


def _decoder(field: Any) -> Callable[[Any], Any] | None:
    """Return the function that makes a field's value of what JSON has; None when it is the same."""
    while field.remote_field is not None:
        field = field.target_field
    return _DECODERS.get(field.get_internal_type())


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "UUIDField": UUID,
    "DateTimeField": _moment,
    "DateField": date.fromisoformat,
    "BooleanField": bool,  # 0 and 1 on SQLite
    "JSONField": lambda value: json.loads(value) if isinstance(value, str) else value,  # text on SQLite
}
