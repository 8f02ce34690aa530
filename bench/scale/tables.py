"""Rows in bulk, around the ORM: COPY on Postgres, one prepared statement on SQLite. A hundred bytes of memory a row."""

import contextlib
import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from django.core.management.color import no_style
from django.db import connection, models, transaction

REBUILD_FROM: Final = 20_000  # cases to be added from which dropping the indexes and making them again is quicker


class Table:
    """The rows to come of one model: `varying` fields are given row by row, all others are the same in every row."""

    def __init__(self, model: type[models.Model], varying: str, **same: object) -> None:
        self.model, self.rows = model, list[tuple[object, ...]]()
        names = varying.split()
        columns = {field.attname: field for field in model._meta.concrete_fields}
        if unknown := {*names, *same} - columns.keys():
            raise ValueError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
        numbered = isinstance(model._meta.pk, models.AutoField) and model._meta.pk.attname not in names
        rest = [name for name in columns if name not in names and not (numbered and columns[name].primary_key)]
        self._columns = [columns[name].column for name in (*names, *rest)]
        self._varying = len(names)
        self._same = tuple(plain(same.get(name, columns[name].get_default())) for name in rest)

    def add(self, *values: object) -> None:
        """Keep one row for the next `write`: plain values in the order of `varying`."""
        self.rows.append(values)

    def write(self) -> None:
        """Insert the rows that were kept."""
        if not self.rows:
            return
        into = f"{connection.ops.quote_name(self.model._meta.db_table)} ({', '.join(map(_quoted, self._columns))})"
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                row = "\t".join(["%s"] * self._varying + [_copied(value) for value in self._same]) + "\n"
                with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                    copy.write("".join([row % values for values in self.rows]))
            else:
                marks = ", ".join(["%s"] * len(self._columns))
                rows = [values + self._same for values in self.rows]
                cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)  # noqa: S608 - names of the models
        self.rows.clear()


def null() -> str | None:
    """Return the plain value of nothing."""
    return "\\N" if connection.vendor == "postgresql" else None


def plain(value: object) -> object:
    """Return a value as `Table` takes it: times in UTC, ids and JSON as this database stores them."""
    if value is None:
        return null()
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None)) + ("+00" if connection.vendor == "postgresql" else "")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, list | dict):
        return json.dumps(value)
    return value


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _copied(value: object) -> str:
    """Return a value for the pattern of a row of COPY."""
    return str(value).replace("%", "%%")


@contextlib.contextmanager
def quickly(tables: Sequence[Table], *, cases: int) -> Iterator[None]:
    """Write in one transaction without triggers and, if many cases come, without the indexes that are no constraints.

    On Postgres foreign keys are triggers too: what is written is not checked, the tests of the filler do that.
    """
    names = [table.model._meta.db_table for table in tables]
    if connection.vendor != "postgresql":
        with transaction.atomic():
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        indexes = _indexes(names) if cases >= REBUILD_FROM else []
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {_quoted(name)}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        models_of = [table.model for table in tables]
        for statement in connection.ops.sequence_reset_sql(no_style(), models_of):
            cursor.execute(statement)


def _indexes(tables: list[str]) -> list[tuple[Any, ...]]:
    """Return name and definition of the indexes of these tables that keep no constraint."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND NOT EXISTS "
            "(SELECT FROM pg_constraint WHERE conindid = (quote_ident(indexname))::regclass) "
            "AND indexdef NOT LIKE 'CREATE UNIQUE%%' ORDER BY tablename, indexname",
            [tables],
        )
        return cursor.fetchall()
