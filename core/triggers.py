"""Database triggers, with the SQL to create and drop them on each database."""

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

Statements = tuple[list[str], list[str]]
"""Statements to create, statements to drop."""


@dataclass(frozen=True)
class Triggers:
    """The same rule for SQLite and for Postgres."""

    sqlite: Statements
    postgresql: Statements

    def create(self, connection: BaseDatabaseWrapper) -> None:
        """Create the triggers."""
        self._run(connection, 0)

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        """Drop the triggers, to reverse a migration and for tests that play a dishonest owner."""
        self._run(connection, 1)

    def _run(self, connection: BaseDatabaseWrapper, which: int) -> None:
        statements: Statements = getattr(self, connection.vendor)
        with connection.cursor() as cursor:
            for statement in statements[which]:
                cursor.execute(statement)
