"""Who may append to what: each strand of the log has one writer at a time.

On Postgres by advisory locks that end with the transaction; SQLite's IMMEDIATE transactions already let one writer in
at a time.
"""

import random

from django.db import connection

from audit.models import STRANDS

SERVED = 0x52455445_02
SCRAPED = 0x52455445_03
ROTATION = 0x52455445_04
STRAND = 0x52455445_10  # and those behind it, one a strand


def free_strand() -> int:
    """Hold the first strand that nobody else holds, until this transaction ends; wait only when all are held.

    A transaction that holds one already never waits here, so that two cannot wait for each other's.
    """
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        # Asked one by one from the first, and no more once one is held.
        cursor.execute(
            "SELECT strand FROM generate_series(0, %s) AS strand WHERE pg_try_advisory_xact_lock(%s + strand) LIMIT 1",
            [STRANDS - 1, STRAND],
        )
        row = cursor.fetchone()
    if row is not None:
        return int(row[0])
    strand = random.randrange(STRANDS)  # noqa: S311 - which queue to stand in is no secret
    alone(STRAND + strand)
    return strand


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
