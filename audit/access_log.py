"""The access log: a row for every picture served, added to the chain in blocks.

An event per picture in the chain itself would make every viewer wait for all others.
"""

import hashlib
import uuid
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import IntegerField, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from audit import locks
from audit.canonical import block_line
from audit.models import Event, PictureServed, ViewCount
from audit.record import record, record_in_first_strand
from audit.strands import events_of
from core.ids import new_id

BLOCK = "pictures.served"
LIMIT_REACHED = "pictures.too_many"
HOUR = timedelta(hours=1)
TENTHS = 10  # weight of a picture; a thumbnail weighs 1
MAX_ROWS = 10_000


# One statement, which is its own transaction. On Postgres the lock is taken before the row gets its id, because a block
# must not grow once it is written; OFFSET keeps the planner from leaving the lock out.
_INSERT = {
    "sqlite": "INSERT INTO audit_pictureserved (at, member_id, rendition_id, name) VALUES (%s, %s, %s, %s)",
    "postgresql": "INSERT INTO audit_pictureserved (at, member_id, rendition_id, name) SELECT %s, %s, %s, %s "
    "FROM (SELECT pg_advisory_xact_lock_shared(%s) OFFSET 0) AS locked",
}


def record_served(*, member_id: uuid.UUID, rendition_id: uuid.UUID, name: str) -> None:
    """Record that a picture is served to a member; `name` is its size (full, display, thumbnail). One query."""
    row = {"at": timezone.now(), "member_id": member_id, "rendition_id": rendition_id, "name": name}
    fields = [field for field in PictureServed._meta.concrete_fields if field.name in row]
    values = [field.get_db_prep_save(row[field.name], connection) for field in fields]
    if connection.vendor == "postgresql":
        values.append(locks.SERVED)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT[connection.vendor], values)


def tenths_since(minute: int, *, member_id: uuid.UUID) -> Coalesce:
    """Return an expression: views of a member after this minute (since 1970), TENTHS a picture and one a thumbnail."""
    rows = ViewCount.objects.filter(member_id=member_id, minute__gt=minute).order_by()
    total = rows.values("member_id").annotate(total=Sum("tenths")).values("total")
    return Coalesce(Subquery(total), 0, output_field=IntegerField())


def an_hour_ago() -> int:
    """Return the minute (since 1970) after which views count."""
    return int((timezone.now() - HOUR).timestamp()) // 60


def delete_old_counts() -> None:
    """Delete the counts of minutes that no longer matter."""
    ViewCount.objects.filter(minute__lt=an_hour_ago() - 60).delete()


def record_limit_reached(*, member_id: uuid.UUID) -> bool:
    """Record that a member reached the hourly limit, at most once an hour; return whether it was recorded."""
    about = ("member", member_id)
    known = Event.objects.filter(subject_type=about[0], subject_id=about[1], verb=LIMIT_REACHED)
    with transaction.atomic():
        locks.lock_exclusive(locks.LIMIT_REACHED)
        if known.filter(at__gt=timezone.now() - HOUR).exists():
            return False
        record(verb=LIMIT_REACHED, actor=None, subject=about)
    return True


def write_block() -> Event | None:
    """Add the rows since the last block to the chain, at most MAX_ROWS; return None if there are none."""
    with transaction.atomic():
        locks.lock_exclusive(locks.SERVED)
        rows = PictureServed.objects.filter(id__gt=last_in_block()).order_by("id")[:MAX_ROWS]
        count, first, last, digest = 0, 0, 0, hashlib.sha256()
        for row in rows.iterator():
            count, first, last = count + 1, first or row.id, row.id
            digest.update(block_line(row))
        if not count:
            return None
        return record_in_first_strand(
            verb=BLOCK,
            subject=("pictures", new_id()),
            count=count,
            first=first,
            last=last,
            sha256=digest.hexdigest(),
        )


def last_in_block() -> int:
    """Return the id of the last row that is in a block; 0 before the first block.

    Blocks are in the first strand alone. Threat: one that somebody put into another would keep views out of the chain.
    """
    block = events_of(0).filter(verb=BLOCK).order_by("-seq").first()
    return int(block.facts["last"]) if block else 0
