"""Every picture that leaves: one row each, sealed into the chain in blocks.

A row a picture in the chain itself would make every viewer wait for every other one.
"""

import hashlib
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from audit import locks
from audit.canonical import served_line
from audit.models import Event, PictureServed
from audit.record import record
from core.ids import new_id

SEALED = "pictures.served"
SCRAPED = "pictures.too_many"
HOUR = timedelta(hours=1)
THUMBNAILS_A_VIEW = 10
MOST_ROWS = 10_000


def served(*, member_id: uuid.UUID, rendition_id: uuid.UUID, name: str) -> None:
    """Write down that a picture goes out to a member; `name` is its size (full, display, thumbnail)."""
    with transaction.atomic():
        locks.together(locks.SERVED)  # before the row draws its number: a sealed block may not grow later
        PictureServed.objects.create(at=timezone.now(), member_id=member_id, rendition_id=rendition_id, name=name)


def views_in_the_last_hour(member_id: uuid.UUID) -> int:
    """How many pictures went out to a member within an hour; THUMBNAILS_A_VIEW thumbnails count as one."""
    rows = PictureServed.objects.filter(member_id=member_id, at__gt=timezone.now() - HOUR)
    seen = rows.aggregate(all=Count("id"), small=Count("id", filter=Q(name="thumbnail")))
    return int(seen["all"] - seen["small"] + seen["small"] // THUMBNAILS_A_VIEW)


def note_too_many(*, member_id: uuid.UUID) -> bool:
    """Write down that a member reached the limit of an hour, once in an hour; whether this was the first time."""
    about = ("member", member_id)
    known = Event.objects.filter(subject_type=about[0], subject_id=about[1], verb=SCRAPED)
    with transaction.atomic():
        locks.alone(locks.CHAIN)
        if known.filter(at__gt=timezone.now() - HOUR).exists():
            return False
        record(verb=SCRAPED, actor=None, subject=about)
    return True


def seal_served() -> Event | None:
    """Seal what was served since the last block, at most MOST_ROWS rows; None when there was nothing."""
    with transaction.atomic():
        locks.alone(locks.CHAIN)
        locks.alone(locks.SERVED)
        rows = PictureServed.objects.filter(id__gt=last_sealed()).order_by("id")[:MOST_ROWS]
        count, first, last, digest = 0, 0, 0, hashlib.sha256()
        for row in rows.iterator():
            count, first, last = count + 1, first or row.id, row.id
            digest.update(served_line(row))
        if not count:
            return None
        return record(
            verb=SEALED,
            actor=None,
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
