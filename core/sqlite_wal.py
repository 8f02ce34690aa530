"""SQLite's write-ahead log, which may still hold pages that were overwritten."""

from django.db import connections


def checkpoint(alias: str) -> None:
    """Checkpoint and truncate SQLite's write-ahead log, so that old pages are gone; secure_delete covers the rest.

    Does nothing on Postgres (see docs/operations.md). A log in use by a reader is left to the next call.
    """
    connection = connections[alias]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
