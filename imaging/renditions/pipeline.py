"""Pipeline of a photo: arrival, inspection, sealing, destruction. The review is in `imaging.review.confirmation`.

Objects are written before the row that refers to them and deleted after it: a crash leaves at worst bytes without a
row, which the sweeps destroy, never a row without bytes.
"""

import hashlib
import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Member
from audit.record import record
from core import jobs, storage
from core.crypto import vault
from imaging import engine, originals
from imaging.engine.limits import MAX_FILE_BYTES, is_small
from imaging.masks import covers
from imaging.models import CoveredMore, Photo, Region, Rendition, State, Upload
from imaging.renditions import frames
from imaging.states import PHOTO, Moved

logger = logging.getLogger(__name__)

INSPECT = frames.INSPECT
SEAL = "imaging.seal"
# A busy machine may be the cause, not the picture: tried three times, then parked.
RETRIED_CODES = frozenset({"decoder_died", "too_complex", "detector_failed"})


class RenditionNotStored(Exception):
    """A rendition that cannot be read back as it was stored; the original is kept until it can."""


# --- Arrival


def accept(*, owner: Member, data: bytes | originals.Pieces, idempotency_key: UUID) -> tuple[Photo, bool]:
    """Keep an uploaded file, whole or in pieces, sealed, and ask for its inspection; return (photo, is it new).

    The same idempotency key gives the same photo. Raises engine.Refused for an empty or oversized file, and
    without room.
    """
    known = Photo.objects.filter(owner=owner, idempotency_key=idempotency_key).first()
    if known is not None:
        return known, False
    if not data:
        raise engine.Refused("empty")
    if len(data) > MAX_FILE_BYTES:
        raise engine.Refused("too_large_file")
    if not Upload.objects.filter(owner=owner, idempotency_key=idempotency_key).exists():  # counted when it began
        originals.require_room(owner=owner, size=len(data))
    photo = Photo(owner=owner, idempotency_key=idempotency_key, original_bytes=len(data))
    originals.save(photo=photo, data=data)
    try:
        with transaction.atomic():
            photo.save(force_insert=True)
            record(verb="photo.received", actor=owner, subject=("photo", photo.id), bytes=len(data))
            jobs.enqueue(kind=INSPECT, subject=photo.id)
    except IntegrityError:
        originals.destroy(photo=photo)
        return Photo.objects.get(owner=owner, idempotency_key=idempotency_key), False
    return photo, True


# --- Inspection


def inspect(*, photo_id: UUID) -> None:
    """Inspect a received photo: suggest masks, or refuse it with a sentence. Safe to repeat.

    Raises engine.Refused where the machine may be the cause, so that the job is tried again.
    """
    photo = Photo.objects.filter(pk=photo_id, state__in=(State.RECEIVED, State.REFUSED)).first()
    if photo is None:
        return
    if photo.state == State.REFUSED:  # a second run after a crash
        originals.destroy(photo=photo)
        return
    data = originals.read(photo=photo)
    try:
        options = engine.Options(frame=photo.frame, picture_type=photo.stated_type)
        seen = engine.inspect(data, options=options)
    except engine.Refused as refused:
        if refused.code in RETRIED_CODES:
            raise
        if refused.code == "multi_page" and frames.ask(photo=photo, data=data):
            return
        _refuse(photo=photo, refused=refused)
        return
    # A reopened photo already has a size and may have been cropped to less by its owner.
    if not photo.width and is_small(seen.width, seen.height):
        _refuse(photo=photo, refused=engine.Refused("too_small"))
        return
    originals.save_preview(photo=photo, data=seen.preview)
    try:
        with transaction.atomic():
            PHOTO.move(
                photo,
                start=State.RECEIVED,
                to=State.REVIEW,
                width=seen.width,
                height=seen.height,
                source_format=seen.source_format,
                found=list(seen.found),
                warnings=list(seen.warnings),
                engine_version=seen.engine_version,
                crop=None,
                mask_revision=0,
                result_revision=None,
            )
            Photo.objects.filter(pk=photo.pk, type_stated=False).update(picture_type=seen.picture_type or "")
            photo.regions.exclude(choice=Region.Choice.PAINTED).delete()
            fresh = covers.drop_already_painted(photo=photo, seen=seen.regions)
            Region.objects.bulk_create(_suggested_region(photo=photo, region=region) for region in fresh)
            record(
                verb="photo.inspected",
                actor=None,
                subject=("photo", photo.id),
                engine=seen.engine_version,
                regions=len(fresh),
                found=list(seen.found),
            )
    except Moved:
        logger.info("photo %s left the received state during its inspection", photo.id)


def _suggested_region(*, photo: Photo, region: engine.Region) -> Region:
    mask = region.mask()
    return Region(
        photo=photo,
        kind=region.kind,
        shape=mask.shape,
        style=mask.style,
        x=mask.x,
        y=mask.y,
        width=mask.width,
        height=mask.height,
        angle=mask.angle,
        score=round(region.score, 3),
        detector=region.detector[:40],
        choice=Region.Choice.SUGGESTED if region.why_asked is None else Region.Choice.CHECK,
        found_box=[round(v, 1) for v in (mask.x, mask.y, mask.width, mask.height, mask.angle)],
    )


def _refuse(*, photo: Photo, refused: engine.Refused) -> None:
    try:
        with transaction.atomic():
            PHOTO.move(photo, start=State.RECEIVED, to=State.REFUSED, refusal=refused.sentence[:300])
            record(verb="photo.refused", actor=None, subject=("photo", photo.id), code=refused.code)
    except Moved:
        return
    originals.destroy(photo=photo)


# --- Sealing


def seal(*, photo_id: UUID) -> None:
    """Render a confirmed photo, seal and verify the renditions, then destroy the original. Safe to repeat."""
    photo = Photo.objects.filter(pk=photo_id, state__in=(State.CONFIRMED, State.SEALED)).first()
    if photo is None:
        return
    if photo.state == State.CONFIRMED:
        data = originals.read(photo=photo)
        pictures, opened = _render(photo=photo, data=data)
        renditions = [_store(photo=photo, picture=picture) for picture in pictures]
        try:
            with transaction.atomic():
                PHOTO.move(photo, start=State.CONFIRMED, to=State.SEALED, sealed_at=timezone.now())
                photo.renditions.all().delete()
                Rendition.objects.bulk_create(renditions)
                _note_covered_more(photo=photo, opened=opened, renditions=renditions)
                record(
                    verb="photo.sealed",
                    actor=None,
                    subject=("photo", photo.id),
                    engine=engine.ENGINE_VERSION,
                    pictures=[f"{r.name}:{r.sha256}" for r in renditions],
                    covers_more_of=None if opened is None else opened.before,
                )
        except Moved:
            for rendition in renditions:
                storage.delete(storage.renditions(), name=rendition.object_name)
            return
    else:  # a second run after a crash
        for rendition in photo.renditions.all():
            _require_stored(rendition)
    originals.destroy(photo=photo)


def _render(*, photo: Photo, data: bytes) -> tuple[tuple[engine.Rendition, ...], CoveredMore | None]:
    """Render a confirmed photo; return the picture that it covers more of too, if the engine proves that it does.

    Threat: a picture that shows more than the patient saw, kept under the consent for what was seen. Only the very
    bytes that were sealed before are a source for this proof.
    """
    arguments = covers.render_arguments(photo)
    opened = photo.covered_more.filter(after="").first()
    if opened is None or hashlib.sha256(data).hexdigest() != opened.source_sha256:
        return engine.render(data, **arguments), None
    pictures, shows_no_more = engine.cover_more(data, **arguments)
    return pictures, opened if shows_no_more else None


def _note_covered_more(*, photo: Photo, opened: CoveredMore | None, renditions: Sequence[Rendition]) -> None:
    """Complete the row of the picture that was opened, and one for each that this one had covered more of itself."""
    photo.covered_more.filter(after="").delete()
    after = next((made.sha256 for made in renditions if made.name == Rendition.Name.DISPLAY), "")
    if opened is None or opened.before == after:  # sealed again as it was
        return
    earlier = photo.covered_more.filter(after=opened.before).values_list("before", flat=True)
    for before in {opened.before, *earlier} - {after}:
        CoveredMore.objects.get_or_create(
            photo=photo,
            before=before,
            after=after,
            defaults={"source_sha256": opened.source_sha256, "proved_at": timezone.now()},
        )


def _store(*, photo: Photo, picture: engine.Rendition) -> Rendition:
    rendition = Rendition(
        photo=photo,
        name=picture.name,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        size=len(picture.data),
        sha256=picture.sha256,
        pipeline_version=engine.ENGINE_VERSION,
    )
    vault.create_key(photo.key_id)
    storage.put_sealed(
        storage.renditions(),
        name=rendition.object_name,
        key_id=photo.key_id,
        context=rendition.context,
        data=picture.data,
    )
    _require_stored(rendition)
    return rendition


def _require_stored(rendition: Rendition) -> None:
    """Raise RenditionNotStored unless the store returns exactly the bytes that were written."""
    try:
        data = read_rendition(rendition=rendition)
    except (FileNotFoundError, vault.Tampered) as lost:
        raise RenditionNotStored from lost
    if hashlib.sha256(data).hexdigest() != rendition.sha256:
        raise RenditionNotStored


def read_rendition(*, rendition: Rendition) -> bytes:
    """Return the clean bytes of a rendition. Raises vault.KeyDestroyed, vault.Tampered."""
    return storage.get_sealed(
        storage.renditions(),
        name=rendition.object_name,
        key_id=rendition.photo.key_id,
        context=rendition.context,
    )


def reopen(*, photo: Photo, by: Member) -> None:
    """Return a sealed photo to review, to cover more. Existing masks stay.

    The masked full-size rendition becomes the new original: pixels under a mask no longer exist.
    Raises Moved when the photo is not sealed.
    """
    full = photo.renditions.filter(name=Rendition.Name.FULL, photo__state=State.SEALED).first()
    if full is None:
        raise Moved
    data = read_rendition(rendition=full)
    sealed = list(photo.renditions.all())
    display = next((r.sha256 for r in sealed if r.name == Rendition.Name.DISPLAY), "")
    old_objects = [r.object_name for r in sealed]
    fresh = Photo(id=photo.id)  # a new original key; the sealed original's key was destroyed
    originals.save(photo=fresh, data=data)
    with transaction.atomic():
        PHOTO.move(
            photo,
            start=State.SEALED,
            to=State.RECEIVED,
            original_key=fresh.original_key,
            original_expires_at=fresh.original_expires_at,
            frames=1,
            frame=None,
            confirmed_at=None,
            confirmed_by=None,
            sealed_at=None,
        )
        covers.mark_as_painted(photo=photo)
        photo.renditions.all().delete()
        photo.covered_more.filter(after="").delete()
        CoveredMore.objects.create(photo=photo, source_sha256=full.sha256, before=display)
        record(verb="photo.reopened", actor=by, subject=("photo", photo.id))
        jobs.enqueue(kind=INSPECT, subject=photo.id)
    for name in old_objects:
        storage.delete(storage.renditions(), name=name)


# --- Destruction


def withdraw(*, photo: Photo) -> None:
    """Hide a photo from everyone, its owner included; `destroy` follows. Call it in a transaction.

    Writes no event to the log: it is called while rows are locked, and the caller records its own event.
    """
    locked = Photo.objects.select_for_update().filter(pk=photo.pk).exclude(state=State.WITHDRAWN).first()
    if locked is not None:
        PHOTO.move(locked, start=State(locked.state), to=State.WITHDRAWN)


def destroy_keys(*, photo: Photo) -> None:
    """Destroy a photo's keys, so that no copy of its bytes can be decrypted again. Safe to repeat."""
    vault.destroy(photo.original_key)
    if not Photo.objects.filter(key_id=photo.key_id).exclude(pk=photo.pk).exists():
        vault.destroy(photo.key_id)


def destroy(*, photo: Photo) -> None:
    """Destroy a photo: its keys, then original and renditions, then its rows. Safe to repeat.

    Hide it first: between the steps it is a picture that cannot be opened.
    """
    destroy_keys(photo=photo)
    originals.destroy(photo=photo)
    for rendition in photo.renditions.all():
        storage.delete(storage.renditions(), name=rendition.object_name)
    with transaction.atomic():
        record(verb="photo.destroyed", actor=None, subject=("photo", photo.id))
        Photo.objects.filter(pk=photo.pk).delete()


def sweep_renditions() -> int:
    """Delete rendition objects without a row, left by a crash between two steps; return how many.

    Lists the names of all objects; meant to run once a day.
    """
    store = storage.renditions()
    long_ago = timezone.now() - originals.SWEEP_AGE
    names = store.listdir("")[1]
    count = 0
    for batch in (names[at : at + 500] for at in range(0, len(names), 500)):
        named = set(Rendition.objects.filter(pk__in=[name[:36] for name in batch]).values_list("pk", flat=True))
        for name in batch:
            if UUID(name[:36]) not in named and store.get_modified_time(name) < long_ago:
                storage.delete(store, name=name)
                count += 1
    return count


def expire_originals() -> int:
    """Destroy originals past their deadline; return how many."""
    late = Photo.objects.filter(
        original_expires_at__lt=timezone.now(), state__in=(State.RECEIVED, State.REVIEW, State.CONFIRMED)
    )
    count = 0
    for photo in late:
        start = State(photo.state)
        try:
            with transaction.atomic():
                PHOTO.move(photo, start=start, to=State.EXPIRED)
                record(verb="photo.expired", actor=None, subject=("photo", photo.id))
        except Moved:
            continue
        originals.destroy(photo=photo)
        count += 1
    return count
