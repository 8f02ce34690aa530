"""From upload to sealed renditions. The only module that reads an original.

Objects are written before the row that names them and deleted after it: a crash leaves at worst bytes that
nothing points to, which `sweep` destroys with their key, never a row without bytes.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from core import jobs, storage, vault
from imaging import engine
from imaging.checklist import ITEMS, Answer
from imaging.models import Photo, Region, Rendition, State
from imaging.states import Moved, move

logger = logging.getLogger(__name__)

INSPECT = "imaging.inspect"
SEAL = "imaging.seal"
MAX_MASKS = 200
# Not the picture's fault for certain: a busy machine looks the same. Tried three times, then parked.
WORTH_RETRYING = frozenset({"decoder_died", "too_complex", "detector_failed"})
UPLOAD_BYTES = 40 * 1024 * 1024


class NotAllowed(Exception):
    """A rule of the review was not met; `sentences` say which and what to do."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(str(len(sentences)))
        self.sentences = list(sentences)


@dataclass(frozen=True)
class MaskEdit:
    """What the studio asks for one region. `id` None: drawn by hand. Sizes in px of the full picture."""

    id: UUID | None
    kind: Region.Kind
    shape: Region.Shape
    style: Region.Style
    x: float
    y: float
    width: float
    height: float
    angle: float
    choice: Region.Choice
    reason: str = ""


# --- Arrival


def accept(*, owner: Member, key_id: UUID, data: bytes, idempotency_key: UUID) -> tuple[Photo, bool]:
    """Keep an uploaded file, sealed, and ask for its inspection; return (photo, is it new).

    The same idempotency key gives the same photo. Raises engine.Refused for an empty or oversized file.
    """
    known = Photo.objects.filter(owner=owner, idempotency_key=idempotency_key).first()
    if known is not None:
        return known, False
    if not data:
        raise engine.Refused("empty")
    if len(data) > UPLOAD_BYTES:
        raise engine.Refused("too_large_file")
    photo = Photo(owner=owner, key_id=key_id, idempotency_key=idempotency_key)
    _keep_original(photo=photo, data=data)
    try:
        with transaction.atomic():
            photo.save(force_insert=True)
            record(verb="photo.received", actor=owner, subject=("photo", photo.id), bytes=len(data))
            jobs.enqueue(kind=INSPECT, subject=photo.id)
    except IntegrityError:
        _forget_original(photo=photo)
        return Photo.objects.get(owner=owner, idempotency_key=idempotency_key), False
    return photo, True


def _context(photo: Photo, part: str) -> str:
    return f"{part}|{photo.id}|{photo.original_key}"


def _keep_original(*, photo: Photo, data: bytes) -> None:
    vault.create_key(photo.original_key)
    storage.put_sealed(
        storage.originals(),
        name=photo.original_name,
        key_id=photo.original_key,
        context=_context(photo, "original"),
        data=data,
    )


def _read_original(*, photo: Photo) -> bytes:
    return storage.get_sealed(
        storage.originals(),
        name=photo.original_name,
        key_id=photo.original_key,
        context=_context(photo, "original"),
    )


def _forget_original(*, photo: Photo) -> None:
    """Destroy the original's key, then its bytes and the preview's. Safe to repeat."""
    vault.destroy(photo.original_key)
    storage.delete(storage.originals(), name=photo.original_name)
    storage.delete(storage.originals(), name=photo.preview_name)


# --- Inspection


def inspect(*, photo_id: UUID) -> None:
    """Look at a received photo: find what to mask, or refuse it with a sentence. Safe to repeat.

    Raises engine.Refused for what may be the machine's fault, so that the job is tried again.
    """
    photo = Photo.objects.filter(pk=photo_id, state=State.RECEIVED).first()
    if photo is None:
        return
    try:
        seen = engine.inspect(_read_original(photo=photo))
    except engine.Refused as refused:
        if refused.code in WORTH_RETRYING:
            raise
        _refuse(photo=photo, refused=refused)
        return
    storage.put_sealed(
        storage.originals(),
        name=photo.preview_name,
        key_id=photo.original_key,
        context=_context(photo, "preview"),
        data=seen.preview,
    )
    try:
        with transaction.atomic():
            move(
                photo=photo,
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
            )
            photo.regions.all().delete()
            Region.objects.bulk_create(_suggestion(photo=photo, region=region) for region in seen.regions)
            record(
                verb="photo.inspected",
                actor=None,
                subject=("photo", photo.id),
                engine=seen.engine_version,
                regions=len(seen.regions),
                found=list(seen.found),
            )
    except Moved:
        logger.info("photo %s left the received state during its inspection", photo.id)


def _suggestion(*, photo: Photo, region: engine.Region) -> Region:
    mask = region.mask()
    sure = region.score >= engine.PRESELECT_SCORE
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
        choice=Region.Choice.SUGGESTED if sure else Region.Choice.CHECK,
        found_box=[round(v, 1) for v in (mask.x, mask.y, mask.width, mask.height, mask.angle)],
    )


def _refuse(*, photo: Photo, refused: engine.Refused) -> None:
    try:
        with transaction.atomic():
            move(photo=photo, start=State.RECEIVED, to=State.REFUSED, refusal=refused.sentence[:300])
            record(verb="photo.refused", actor=None, subject=("photo", photo.id), code=refused.code)
    except Moved:
        return
    _forget_original(photo=photo)


# --- Review


def preview_for(*, photo: Photo) -> bytes:
    """The unmasked preview (JPEG) for its owner's review. Raises vault.KeyDestroyed once it is gone."""
    return storage.get_sealed(
        storage.originals(),
        name=photo.preview_name,
        key_id=photo.original_key,
        context=_context(photo, "preview"),
    )


def masked_preview(*, photo: Photo) -> engine.Rendition:
    """The server's own rendering of the masks as they are saved now. Raises engine.Refused."""
    return engine.preview(_read_original(photo=photo), masks=_masks(photo=photo), crop=_crop(photo))


def _masks(*, photo: Photo) -> list[engine.Mask]:
    return [region.mask() for region in photo.regions.all() if region.masked]


def _crop(photo: Photo) -> tuple[int, int, int, int] | None:
    if photo.crop is None:
        return None
    x, y, width, height = photo.crop
    return int(x), int(y), int(width), int(height)


@transaction.atomic
def save_masks(*, photo: Photo, by: Member, edits: Sequence[MaskEdit], revision: int) -> int:
    """Replace the review's masks; return the new revision.

    Regions that a detector found are never deleted, only dismissed, so that the second reader sees them;
    an eye is dismissed only with a reason. Raises Moved when another window saved first, NotAllowed.
    """
    problems: list[str] = []
    changed = Photo.objects.filter(pk=photo.pk, owner=by, state=State.REVIEW, mask_revision=revision).update(
        mask_revision=revision + 1
    )
    if not changed:
        raise Moved
    if len(edits) > MAX_MASKS:
        raise NotAllowed([_("There are more than 200 masks. Join some of them into larger ones.")])
    known = {region.id: region for region in photo.regions.all()}
    kept: set[UUID] = set()
    for edit in edits:
        problems += _edit_problems(photo=photo, edit=edit, known=known)
        region = known.get(edit.id) if edit.id else None
        if region is None:
            region = Region(photo=photo, kind=edit.kind)
        if region.detector == "":
            edit_choice = Region.Choice.DRAWN
            region.kind = edit.kind
        else:
            edit_choice = edit.choice
        kept.add(region.id)
        for name in ("shape", "style", "x", "y", "width", "height", "angle"):
            setattr(region, name, getattr(edit, name))
        region.choice = edit_choice
        region.reason = edit.reason.strip()[:200]
        if not problems:
            region.save()
    problems += [
        _("A suggestion cannot be deleted, only dismissed.")
        for region in known.values()
        if region.id not in kept and region.detector
    ][:1]
    if problems:
        raise NotAllowed(list(dict.fromkeys(problems)))
    Region.objects.filter(photo=photo, detector="").exclude(pk__in=kept).delete()
    photo.refresh_from_db()
    return photo.mask_revision


def _edit_problems(*, photo: Photo, edit: MaskEdit, known: dict[UUID, Region]) -> list[str]:
    problems = []
    if edit.id is not None and edit.id not in known:
        problems.append(_("One of the masks is no longer there. Reload the page."))
    inside = edit.x < photo.width and edit.y < photo.height and edit.x + edit.width > 0 and edit.y + edit.height > 0
    if not inside or not 1 <= edit.width <= 2 * photo.width or not 1 <= edit.height <= 2 * photo.height:
        problems.append(_("A mask lies outside the picture. Move it back or remove it."))
    region = known.get(edit.id) if edit.id else None
    if region is None or not region.detector:
        return problems
    if edit.choice == Region.Choice.DISMISSED and region.kind == Region.Kind.EYE and not edit.reason.strip():
        problems.append(_("Say why this is not an eye. Eyes are always covered."))
    if edit.choice in Region.MASKED and region.kind == Region.Kind.EYE and not _still_covers(edit, region):
        problems.append(_("Move a cover over eyes a little, or grow it. In a wrong place, say that it is not an eye."))
    if edit.choice == Region.Choice.CHECK and region.choice != Region.Choice.CHECK:
        problems.append(_("Accept or dismiss the suggestion."))
    return problems


def _still_covers(edit: MaskEdit, region: Region) -> bool:
    """Whether an edited eye mask hides at least half of what was found; true when that was not kept."""
    if not region.found_box:
        return True
    found_x, found_y, found_width, found_height = engine.Mask("band", *region.found_box).hull()
    x, y, width, height = engine.Mask("band", edit.x, edit.y, edit.width, edit.height, edit.angle).hull()
    across = min(x + width, found_x + found_width) - max(x, found_x)
    down = min(y + height, found_y + found_height) - max(y, found_y)
    return max(0.0, across) * max(0.0, down) >= 0.5 * found_width * found_height


def eyes_settled(*, photo: Photo) -> bool:
    """Whether eyes or a face are covered, or its owner said that there are no eyes."""
    eyes = (Region.Kind.EYE, Region.Kind.FACE)
    return photo.no_eyes_stated or any(region.masked and region.kind in eyes for region in photo.regions.all())


def open_questions(*, photo: Photo, may_show_eyes: bool) -> list[str]:
    """What the owner still has to decide before confirming, apart from the checklist."""
    regions = list(photo.regions.all())
    questions = []
    unchecked = sum(region.choice == Region.Choice.CHECK for region in regions)
    if unchecked:
        questions.append(
            _("Accept or dismiss every mark that says “check this” (%(count)s left).") % {"count": unchecked}
        )
    if may_show_eyes and not eyes_settled(photo=photo):
        questions.append(_("Nothing is masked as eyes. Say “There are no eyes in this picture”, or cover them."))
    return questions


@transaction.atomic
def confirm(
    *, photo: Photo, by: Member, revision: int, answers: dict[str, Answer], no_eyes: bool, may_show_eyes: bool
) -> None:
    """The owner confirms the masks and the checklist; sealing follows in a job.

    Raises NotAllowed with what is open, Moved when the masks changed since the page was shown.
    """
    # Locked, so that no other window saves masks between this look and the move.
    saved = Photo.objects.select_for_update().filter(pk=photo.pk).values_list("mask_revision", flat=True).first()
    if saved != revision:
        raise Moved
    photo.no_eyes_stated = no_eyes
    problems = open_questions(photo=photo, may_show_eyes=may_show_eyes)
    for item in ITEMS:
        if item.code not in answers:
            problems.append(_("Answer the checklist: %(item)s.") % {"item": item.label})
        elif answers[item.code] not in item.answers:
            problems.append(_("Cover it, or choose another picture: %(item)s.") % {"item": item.label})
    if problems:
        raise NotAllowed(problems)
    visible_faces = photo.regions.filter(kind=Region.Kind.FACE, choice=Region.Choice.DISMISSED, reason="").exists()
    move(
        photo=photo,
        start=State.REVIEW,
        to=State.CONFIRMED,
        confirmed_at=timezone.now(),
        confirmed_by=by,
        checklist={code: str(answer) for code, answer in answers.items()},
        no_eyes_stated=no_eyes,
        shows_mark=Answer.VISIBLE in answers.values(),
        shows_face=visible_faces,
    )
    record(
        verb="photo.confirmed",
        actor=by,
        subject=("photo", photo.id),
        masks=photo.regions.filter(choice__in=Region.MASKED).count(),
        dismissed=photo.regions.filter(choice=Region.Choice.DISMISSED).count(),
        drawn=photo.regions.filter(choice=Region.Choice.DRAWN).count(),
        no_eyes=no_eyes,
    )
    jobs.enqueue(kind=SEAL, subject=photo.id)


# --- Sealing


def seal(*, photo_id: UUID) -> None:
    """Render a confirmed photo, prove and seal the renditions, then destroy the original. Safe to repeat."""
    photo = Photo.objects.filter(pk=photo_id, state__in=(State.CONFIRMED, State.SEALED)).first()
    if photo is None:
        return
    if photo.state == State.CONFIRMED:
        pictures = engine.render(_read_original(photo=photo), masks=_masks(photo=photo), crop=_crop(photo))
        renditions = [_store(photo=photo, picture=picture) for picture in pictures]
        try:
            with transaction.atomic():
                move(photo=photo, start=State.CONFIRMED, to=State.SEALED, sealed_at=timezone.now())
                photo.renditions.all().delete()
                Rendition.objects.bulk_create(renditions)
                record(
                    verb="photo.sealed",
                    actor=None,
                    subject=("photo", photo.id),
                    engine=engine.ENGINE_VERSION,
                    pictures=[f"{r.name}:{r.sha256}" for r in renditions],
                )
        except Moved:
            for rendition in renditions:
                storage.delete(storage.renditions(), name=rendition.object_name)
            return
    # A second run after a crash arrives here with the photo already sealed.
    _forget_original(photo=photo)


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
    return rendition


def read_rendition(*, rendition: Rendition) -> bytes:
    """The clean bytes of a rendition. Raises vault.KeyDestroyed, vault.Tampered."""
    return storage.get_sealed(
        storage.renditions(),
        name=rendition.object_name,
        key_id=rendition.photo.key_id,
        context=rendition.context,
    )


def reopen(*, photo: Photo, by: Member) -> None:
    """Take a sealed photo back into review, to cover more. What was masked stays masked.

    The masked full-size rendition becomes the new original: what lay under a mask no longer exists.
    Raises Moved when the photo is not sealed (any more).
    """
    full = photo.renditions.filter(name=Rendition.Name.FULL, photo__state=State.SEALED).first()
    if full is None:
        raise Moved
    data = read_rendition(rendition=full)
    old_objects = [r.object_name for r in photo.renditions.all()]
    fresh = Photo(id=photo.id)  # a new original key; the sealed original's key was destroyed
    _keep_original(photo=fresh, data=data)
    with transaction.atomic():
        move(
            photo=photo,
            start=State.SEALED,
            to=State.RECEIVED,
            original_key=fresh.original_key,
            original_expires_at=fresh.original_expires_at,
            confirmed_at=None,
            confirmed_by=None,
            sealed_at=None,
        )
        photo.renditions.all().delete()
        record(verb="photo.reopened", actor=by, subject=("photo", photo.id))
        jobs.enqueue(kind=INSPECT, subject=photo.id)
    for name in old_objects:
        storage.delete(storage.renditions(), name=name)


# --- The end


def destroy(*, photo: Photo) -> None:
    """Destroy a photo wholly: original, renditions, rows. The case's key is its owner's to destroy."""
    _forget_original(photo=photo)
    for rendition in photo.renditions.all():
        storage.delete(storage.renditions(), name=rendition.object_name)
    with transaction.atomic():
        record(verb="photo.destroyed", actor=None, subject=("photo", photo.id))
        Photo.objects.filter(pk=photo.pk).delete()


def expire_originals() -> int:
    """Destroy originals whose time is up; return how many."""
    late = Photo.objects.filter(
        original_expires_at__lt=timezone.now(), state__in=(State.RECEIVED, State.REVIEW, State.CONFIRMED)
    )
    count = 0
    for photo in late:
        start = State(photo.state)
        try:
            with transaction.atomic():
                move(photo=photo, start=start, to=State.EXPIRED)
                record(verb="photo.expired", actor=None, subject=("photo", photo.id))
        except Moved:
            continue
        _forget_original(photo=photo)
        count += 1
    return count


def sweep() -> int:
    """Destroy originals that no photo points to (a crash between storing and saving); return how many."""
    store = storage.originals()
    long_ago = timezone.now() - timedelta(hours=1)
    count = 0
    for name in store.listdir("")[1]:
        key_id = UUID(name[:36])
        if Photo.objects.filter(original_key=key_id).exists() or store.get_modified_time(name) > long_ago:
            continue
        vault.destroy(key_id)
        storage.delete(store, name=name)
        count += 1
    return count
