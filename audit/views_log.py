"""Every picture that leaves: one row each, sealed into the chain in blocks.

A row a picture in the chain itself would make every viewer wait for every other one.
"""

import hashlib
import uuid

from django.db import transaction
from django.utils import timezone

from audit import locks
from audit.canonical import served_line
from audit.models import Event, PictureServed
from audit.record import record
from core.ids import new_id

SEALED = "pictures.served"
MOST_ROWS = 10_000


def served(*, member_id: uuid.UUID, rendition_id: uuid.UUID, name: str) -> None:
    """Write down that a picture goes out to a member; `name` is its size (full, display, thumbnail)."""
    with transaction.atomic():
        locks.together(locks.SERVED)  # before the row draws its number: a sealed block may not grow later
        PictureServed.objects.create(at=timezone.now(), member_id=member_id, rendition_id=rendition_id, name=name)


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
