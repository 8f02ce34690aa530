"""Writers of the log stand in one queue.

On Postgres by an advisory lock that ends with the transaction; SQLite's IMMEDIATE transactions already
let one writer in at a time.
"""

from django.db import connection

CHAIN = 0x52455445_01
SERVED = 0x52455445_02


def alone(key: int) -> None:
    """Wait until no other transaction holds `key`, then hold it until this transaction ends."""
    _lock("pg_advisory_xact_lock", key)


def together(key: int) -> None:
    """Hold `key` with others of the same kind, until this transaction ends; `alone` waits for all of them."""
    _lock("pg_advisory_xact_lock_shared", key)


def _lock(function: str, key: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [key])
