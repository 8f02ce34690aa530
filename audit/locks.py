"""Locks that let writers of the log in one at a time.

On Postgres they are advisory locks until the end of the transaction; SQLite's IMMEDIATE transactions already
admit one writer at a time.
"""

from django.db import connection

CHAIN = 0x52455445_01
SERVED = 0x52455445_02


def lock_exclusive(key: int) -> None:
    """Wait until no other transaction holds `key`, then hold it until this transaction ends."""
    _lock("pg_advisory_xact_lock", key)


def lock_shared(key: int) -> None:
    """Hold `key`, shared with others, until this transaction ends; `lock_exclusive` waits for all of them."""
    _lock("pg_advisory_xact_lock_shared", key)


def _lock(function: str, key: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [key])
