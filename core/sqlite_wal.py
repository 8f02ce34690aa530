"""What a database's journal still holds of pages that were overwritten."""

from django.db import connections


def fold(alias: str) -> None:
    """Fold SQLite's write-ahead log back, so that former pages are gone; secure_delete covers the rest.

    Does nothing on Postgres (see docs/operations.md), and leaves a log that somebody reads to the next call.
    """
    connection = connections[alias]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
