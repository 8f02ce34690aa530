"""Database triggers by database: what puts them up and what takes them down."""

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

Statements = tuple[list[str], list[str]]
"""SQL that creates, SQL that drops."""


@dataclass(frozen=True)
class Triggers:
    """The same rule said to SQLite and to Postgres."""

    sqlite: Statements
    postgresql: Statements

    def create(self, connection: BaseDatabaseWrapper) -> None:
        """Put the triggers up."""
        self._run(connection, 0)

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        """Take the triggers down: to reverse a migration, and for tests that play a dishonest owner."""
        self._run(connection, 1)

    def _run(self, connection: BaseDatabaseWrapper, which: int) -> None:
        statements: Statements = getattr(self, connection.vendor)
        with connection.cursor() as cursor:
            for statement in statements[which]:
                cursor.execute(statement)
