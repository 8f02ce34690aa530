"""Files that hold several pictures: their owner chooses, and each chosen one becomes a photo of its own."""

import contextlib
from uuid import uuid5

from django.db import IntegrityError, transaction

from accounts.models import Member
from audit.record import record
from core import jobs
from imaging import engine, originals
from imaging.models import Photo, State
from imaging.states import Moved

INSPECT = "imaging.inspect"
PREVIEW_SIDE = 240
"""Longest side (px) of the unmasked previews for the choice."""


def ask(*, photo: Photo, data: bytes) -> bool:
    """Note how many pictures a received file holds, with previews to choose by; False when there is no choice.

    The previews come first: a photo that waits for the choice has them. One that cannot be made is left out, and its
    picture, if chosen, is refused with its reason.
    """
    count = engine.count_frames(data)
    if count < 2:
        return False
    for number in range(1, min(count, originals.PREVIEWED_FRAMES) + 1):
        with contextlib.suppress(engine.Refused):
            options = engine.Options(frame=number)
            shown = engine.preview(data, masks=(), longest=PREVIEW_SIDE, options=options)
            originals.save_frame(photo=photo, number=number, data=shown.data)
    Photo.objects.filter(pk=photo.pk, state=State.RECEIVED, frame=None).update(frames=count)
    return True


def split(*, photo: Photo, number: int) -> tuple[Photo, bool]:
    """Make another photo of the same file, for this picture of it; return (photo, is it new). Safe to repeat.

    Its original is a copy under a key of its own, so that each is destroyed when it is sealed. Raises engine.Refused
    without room, vault.KeyDestroyed, FileNotFoundError.
    """
    key = uuid5(photo.idempotency_key, f"frame {number}")
    known = Photo.objects.filter(owner=photo.owner, idempotency_key=key).first()
    if known is not None:
        return known, False
    originals.require_room(owner=photo.owner, size=photo.original_bytes)
    made = Photo(
        owner=photo.owner,
        idempotency_key=key,
        original_bytes=photo.original_bytes,
        original_expires_at=photo.original_expires_at,
        frames=photo.frames,
        frame=number,
    )
    originals.save(photo=made, data=originals.read(photo=photo))
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            record(verb="photo.received", actor=photo.owner, subject=("photo", made.id), bytes=made.original_bytes)
            jobs.enqueue(kind=INSPECT, subject=made.id)
    except IntegrityError:  # the same form, sent twice at once
        originals.destroy(photo=made)
        return Photo.objects.get(owner=photo.owner, idempotency_key=key), False
    return made, True


@transaction.atomic
def settle(*, photo: Photo, number: int, by: Member) -> None:
    """Let the photo itself be this picture of its file, and have it inspected. Raises Moved unless it awaits that."""
    waits = Photo.objects.filter(pk=photo.pk, owner=by, state=State.RECEIVED, frames__gte=number, frame=None)
    if not waits.filter(frames__gt=1).update(frame=number):
        raise Moved
    jobs.enqueue(kind=INSPECT, subject=photo.pk)
