"""Every picture that leaves: one row each, sealed into the chain in blocks.

A row a picture in the chain itself would make every viewer wait for every other one.
"""

import hashlib
import uuid
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import IntegerField, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from audit import locks
from audit.canonical import served_line
from audit.models import Event, PictureServed, ViewCount
from audit.record import record, record_in_front
from core.ids import new_id

SEALED = "pictures.served"
SCRAPED = "pictures.too_many"
HOUR = timedelta(hours=1)
TENTHS = 10  # a picture counts as many, a thumbnail one
MOST_ROWS = 10_000


# One statement, which is its own transaction. On Postgres the lock is taken before the row draws its number, because a
# sealed block may not grow later; OFFSET keeps the planner from leaving the lock out.
_APPEND = {
    "sqlite": "INSERT INTO audit_pictureserved (at, member_id, rendition_id, name) VALUES (%s, %s, %s, %s)",
    "postgresql": "INSERT INTO audit_pictureserved (at, member_id, rendition_id, name) SELECT %s, %s, %s, %s "
    "FROM (SELECT pg_advisory_xact_lock_shared(%s) OFFSET 0) AS locked",
}


def served(*, member_id: uuid.UUID, rendition_id: uuid.UUID, name: str) -> None:
    """Write down that a picture goes out to a member; `name` is its size (full, display, thumbnail). One query."""
    row = {"at": timezone.now(), "member_id": member_id, "rendition_id": rendition_id, "name": name}
    fields = [field for field in PictureServed._meta.concrete_fields if field.name in row]
    values = [field.get_db_prep_save(row[field.name], connection) for field in fields]
    if connection.vendor == "postgresql":
        values.append(locks.SERVED)
    with connection.cursor() as cursor:
        cursor.execute(_APPEND[connection.vendor], values)


def tenths_since(minute: int, *, member_id: uuid.UUID) -> Coalesce:
    """For a query: what a member looked at after this minute (since 1970), TENTHS a picture and one a thumbnail."""
    rows = ViewCount.objects.filter(member_id=member_id, minute__gt=minute).order_by()
    total = rows.values("member_id").annotate(total=Sum("tenths")).values("total")
    return Coalesce(Subquery(total), 0, output_field=IntegerField())


def an_hour_ago() -> int:
    """The minute (since 1970) after which views count."""
    return int((timezone.now() - HOUR).timestamp()) // 60


def forget_counts() -> None:
    """Delete the counts of minutes that are long over."""
    ViewCount.objects.filter(minute__lt=an_hour_ago() - 60).delete()


def note_too_many(*, member_id: uuid.UUID) -> bool:
    """Write down that a member reached the limit of an hour, once in an hour; whether this was the first time."""
    about = ("member", member_id)
    known = Event.objects.filter(subject_type=about[0], subject_id=about[1], verb=SCRAPED)
    with transaction.atomic():
        locks.alone(locks.SCRAPED)
        if known.filter(at__gt=timezone.now() - HOUR).exists():
            return False
        record(verb=SCRAPED, actor=None, subject=about)
    return True


def seal_served() -> Event | None:
    """Seal what was served since the last block, at most MOST_ROWS rows; None when there was nothing."""
    with transaction.atomic():
        locks.alone(locks.SERVED)
        rows = PictureServed.objects.filter(id__gt=last_sealed()).order_by("id")[:MOST_ROWS]
        count, first, last, digest = 0, 0, 0, hashlib.sha256()
        for row in rows.iterator():
            count, first, last = count + 1, first or row.id, row.id
            digest.update(served_line(row))
        if not count:
            return None
        return record_in_front(
            verb=SEALED,
            subject=("pictures", new_id()),
            count=count,
            first=first,
            last=last,
            sha256=digest.hexdigest(),
        )


def last_sealed() -> int:
    """Id of the last served picture that stands in a block; 0 before the first."""
    block = Event.objects.filter(verb=SEALED).order_by("-seq").first()
    return int(block.facts["last"]) if block else 0
