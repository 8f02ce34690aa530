"""The access log: a row for every picture served, added to the chain in blocks.

An event per picture in the chain itself would make every viewer wait for all others.
"""

import hashlib
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from audit import locks
from audit.canonical import block_line
from audit.models import Event, PictureServed
from audit.record import record
from core.ids import new_id

BLOCK = "pictures.served"
LIMIT_REACHED = "pictures.too_many"
HOUR = timedelta(hours=1)
THUMBNAILS_PER_VIEW = 10
MAX_ROWS = 10_000


def record_served(*, member_id: uuid.UUID, rendition_id: uuid.UUID, name: str) -> None:
    """Record that a picture is served to a member; `name` is its size (full, display, thumbnail)."""
    with transaction.atomic():
        locks.lock_shared(locks.SERVED)  # before the row gets its id: a block must not grow once it is written
        PictureServed.objects.create(at=timezone.now(), member_id=member_id, rendition_id=rendition_id, name=name)


def views_in_last_hour(member_id: uuid.UUID) -> int:
    """Return how many pictures a member was served in an hour; THUMBNAILS_PER_VIEW thumbnails count as one."""
    rows = PictureServed.objects.filter(member_id=member_id, at__gt=timezone.now() - HOUR)
    seen = rows.aggregate(all=Count("id"), small=Count("id", filter=Q(name="thumbnail")))
    return int(seen["all"] - seen["small"] + seen["small"] // THUMBNAILS_PER_VIEW)


def record_limit_reached(*, member_id: uuid.UUID) -> bool:
    """Record that a member reached the hourly limit, at most once an hour; return whether it was recorded."""
    about = ("member", member_id)
    known = Event.objects.filter(subject_type=about[0], subject_id=about[1], verb=LIMIT_REACHED)
    with transaction.atomic():
        locks.lock_exclusive(locks.CHAIN)
        if known.filter(at__gt=timezone.now() - HOUR).exists():
            return False
        record(verb=LIMIT_REACHED, actor=None, subject=about)
    return True


def write_block() -> Event | None:
    """Add the rows since the last block to the chain, at most MAX_ROWS; return None if there are none."""
    with transaction.atomic():
        locks.lock_exclusive(locks.CHAIN)
        locks.lock_exclusive(locks.SERVED)
        rows = PictureServed.objects.filter(id__gt=last_in_block()).order_by("id")[:MAX_ROWS]
        count, first, last, digest = 0, 0, 0, hashlib.sha256()
        for row in rows.iterator():
            count, first, last = count + 1, first or row.id, row.id
            digest.update(block_line(row))
        if not count:
            return None
        return record(
            verb=BLOCK,
            actor=None,
            subject=("pictures", new_id()),
            count=count,
            first=first,
            last=last,
            sha256=digest.hexdigest(),
        )


def last_in_block() -> int:
    """Return the id of the last row that is in a block; 0 before the first block."""
    block = Event.objects.filter(verb=BLOCK).order_by("-seq").first()
    return int(block.facts["last"]) if block else 0
