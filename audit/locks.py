"""Locks that let one writer at a time append to a strand of the log.

On Postgres they are advisory locks until the end of the transaction; SQLite's IMMEDIATE transactions already
admit one writer at a time.
"""

import random

from django.db import connection

from audit.models import STRANDS

SERVED = 0x52455445_02
LIMIT_REACHED = 0x52455445_03
ROTATION = 0x52455445_04
STRAND = 0x52455445_10  # and the numbers after it, one for each strand


def free_strand() -> int:
    """Lock the first free strand until this transaction ends, and return it; wait only if all are taken.

    A transaction that holds a strand already never waits here, so that two cannot wait for each other.
    """
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        # Tried one by one from the first, until one is locked.
        cursor.execute(
            "SELECT strand FROM generate_series(0, %s) AS strand WHERE pg_try_advisory_xact_lock(%s + strand) LIMIT 1",
            [STRANDS - 1, STRAND],
        )
        row = cursor.fetchone()
    if row is not None:
        return int(row[0])
    strand = random.randrange(STRANDS)  # noqa: S311 - the choice of a strand is no secret
    lock_exclusive(STRAND + strand)
    return strand


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
