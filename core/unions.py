"""Rows of several queries together, in a form that both databases take."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL


def all_of(*queries: QuerySet[Any, Any]) -> Any:
    """Return the rows of these queries of one column as a subquery for `__in`; None when there can be none.

    Each may have an order and a limit of its own, which the ORM's `union` does not allow on SQLite.
    """
    texts: list[str] = []
    values: list[Any] = []
    for number, query in enumerate(queries):
        try:
            text, params = query.query.sql_with_params()
        except EmptyResultSet:
            continue
        texts.append(f"SELECT * FROM ({text}) AS part{number}")  # noqa: S608 - from the ORM
        values += params
    return RawSQL(" UNION ALL ".join(texts), values) if texts else None  # noqa: S611
