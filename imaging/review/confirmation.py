"""Services of the owner's review: saving and copying masks, open questions, confirmation."""

import dataclasses
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from core import jobs
from core.exceptions import Refusal
from imaging import engine, originals
from imaging.masks import covers
from imaging.models import Photo, Region, State
from imaging.renditions.pipeline import SEAL
from imaging.review.checklist import ITEMS, Answer
from imaging.review.edits import (
    MAX_MASKS,
    MaskEdit,
    PlacedShape,
    find_crop_problems,
    find_problems,
    find_window_problems,
    has_words,
    normalise_crop,
)
from imaging.states import PHOTO, Moved
from imaging.wording import warnings_in_words


class NotAllowed(Refusal):
    """Violation of rules of the review; `sentences` has one sentence for each."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(map(str, sentences)))
        self.args = (str(len(sentences)),)
        self.sentences = list(sentences)


def masked_preview(*, photo: Photo) -> engine.Rendition:
    """Render the masks as currently saved. Raises engine.Refused."""
    return engine.preview(originals.read(photo=photo), **covers.render_arguments(photo))


@transaction.atomic
def save_masks(
    *, photo: Photo, by: Member, edits: Sequence[MaskEdit], revision: int, crop: engine.Crop | None = None
) -> int:
    """Replace the review's masks and crop; return the new revision.

    Regions that a detector found are never deleted, only dismissed, so that the second reader sees them;
    an eye is dismissed only with a reason. Covers of an earlier review stay as they are. Raises Moved when
    another window saved first, NotAllowed.
    """
    changed = Photo.objects.filter(pk=photo.pk, owner=by, state=State.REVIEW, mask_revision=revision).update(
        mask_revision=revision + 1, crop=normalise_crop(crop, photo=photo)
    )
    if not changed:
        raise Moved
    photo.refresh_from_db()
    current = photo.regions.exclude(choice=Region.Choice.PAINTED)
    known = {region.id: region for region in current if not region.is_moot(photo.stated_type)}
    wrong = find_problems(photo=photo, edits=edits, known=known, crop=crop)
    if wrong:
        raise NotAllowed(wrong)
    kept: set[UUID] = set()
    for edit in edits:
        region = known.get(edit.id) if edit.id else None
        region = region or Region(photo=photo)
        _apply_edit(edit=edit, region=region)
        region.save()
        kept.add(region.id)
    Region.objects.filter(pk__in=known.keys() - kept).delete()
    photo.refresh_from_db()
    return photo.mask_revision


def _apply_edit(*, edit: MaskEdit, region: Region) -> None:
    """Apply an edit to a region; a detected region keeps its kind and shape."""
    mask = edit.mask()
    if region.detector:
        shape: engine.Shape = region.shape  # type: ignore[assignment]
        mask = dataclasses.replace(mask, shape=shape, points=(), thickness=0.0)
        region.choice = edit.choice
    else:
        region.kind = edit.kind
        region.choice = Region.Choice.DRAWN
    covers.set_shape(region, mask)
    region.style = Region.Style.VEIL if region.kind == Region.Kind.WINDOW else edit.style
    region.reason = edit.reason.strip()[:200] if has_words(edit.reason) else ""


@transaction.atomic
def copy_masks(*, photo: Photo, to: Photo, by: Member) -> int:
    """Copy this photo's covers, scaled, to another one in review as drawn by hand; return how many are new.

    Lesion windows are not copied: the lesion is elsewhere in another picture. Raises Moved, NotAllowed.
    """
    changed = Photo.objects.filter(pk=to.pk, owner=by, state=State.REVIEW).exclude(pk=photo.pk)
    if not changed.update(mask_revision=F("mask_revision") + 1):
        raise Moved
    there = [region.mask() for region in to.regions.all() if region.masked]
    made = []
    for region in photo.regions.all():
        if not region.to_paint:
            continue
        mask = covers.transform(region.mask(), scale_x=to.width / photo.width, scale_y=to.height / photo.height)
        inside = covers.is_in_picture(mask, width=to.width, height=to.height)
        if inside and not any(_is_same_cover(mask, other) for other in there):
            copy = Region(photo=to, kind=region.kind, style=region.style, choice=Region.Choice.DRAWN)
            covers.set_shape(copy, mask)
            made.append(copy)
    if to.regions.count() + len(made) > MAX_MASKS:
        raise NotAllowed([_("There are more than 200 masks. Join some of them into larger ones.")])
    Region.objects.bulk_create(made)
    wrong = find_window_problems(photo=to, shapes=_placed_shapes(to))
    if wrong:
        raise NotAllowed(wrong)
    record(verb="photo.masks_copied", actor=by, subject=("photo", to.id), source=str(photo.id), masks=len(made))
    return len(made)


def _is_same_cover(one: engine.Mask, other: engine.Mask) -> bool:
    """Whether two masks are the same cover, so that copying twice adds nothing."""
    same = one.shape == other.shape and len(one.points) == len(other.points)
    return same and max(abs(a - b) for a, b in zip(one.hull(), other.hull(), strict=True)) < 2


def _placed_shapes(photo: Photo) -> list[PlacedShape]:
    current = photo.regions.exclude(choice=Region.Choice.PAINTED)
    return [PlacedShape(region.kind, region.choice, region.mask()) for region in current]


def eyes_settled(*, photo: Photo) -> bool:
    """Whether eyes or a face are covered, or the owner stated that there are no eyes."""
    eyes = (Region.Kind.EYE, Region.Kind.FACE)
    return photo.no_eyes_stated or any(region.masked and region.kind in eyes for region in photo.regions.all())


def open_questions(*, photo: Photo, may_show_eyes: bool) -> list[str]:
    """Return what the owner still has to decide before confirming, apart from the checklist."""
    regions = list(photo.regions.all())
    questions = []
    moot = sum(region.is_moot(photo.stated_type) for region in regions)
    unchecked = sum(region.choice == Region.Choice.CHECK for region in regions) - moot
    if unchecked:
        questions.append(
            _("Accept or dismiss every mark that says “check this” (%(count)s left).") % {"count": unchecked}
        )
    if may_show_eyes and not eyes_settled(photo=photo):
        questions.append(_("Nothing is masked as eyes. Say “There are no eyes in this picture”, or cover them."))
    questions += find_crop_problems(photo=photo, crop=covers.crop_of(photo))
    questions += find_window_problems(photo=photo, shapes=_placed_shapes(photo))
    return questions


@transaction.atomic
def confirm(
    *,
    photo: Photo,
    by: Member,
    revision: int,
    answers: dict[str, Answer],
    no_eyes: bool,
    may_show_eyes: bool,
    warnings_seen: Collection[str] = (),
) -> None:
    """Confirm masks, checklist and warnings (by code) on behalf of the owner; sealing follows in a job.

    Raises NotAllowed with the open points, Moved when the masks changed since the page was shown.
    """
    # Locked, so that no other window saves masks between this check and the transition.
    saved = Photo.objects.select_for_update().filter(pk=photo.pk).values_list("mask_revision", flat=True).first()
    if saved != revision:
        raise Moved
    photo.refresh_from_db()
    photo.no_eyes_stated = no_eyes
    open_points = open_questions(photo=photo, may_show_eyes=may_show_eyes)
    for item in ITEMS:
        if item.code not in answers:
            open_points.append(_("Answer the checklist: %(item)s.") % {"item": item.label})
        elif answers[item.code] not in item.answers:
            open_points.append(_("Cover it, or choose another picture: %(item)s.") % {"item": item.label})
    warned = dict(warnings_in_words(photo.warnings, picture_type=photo.stated_type))
    for code, sentence in warned.items():
        if code not in warnings_seen:
            open_points.append(
                _("Take another picture, or say that you keep this one: %(warning)s") % {"warning": sentence}
            )
    if open_points:
        raise NotAllowed(open_points)
    PHOTO.move(
        photo,
        start=State.REVIEW,
        to=State.CONFIRMED,
        confirmed_at=timezone.now(),
        confirmed_by=by,
        checklist={code: str(answer) for code, answer in answers.items()},
        no_eyes_stated=no_eyes,
        warnings_seen=list(warned),
        shows_mark=Answer.VISIBLE in answers.values(),
        shows_face=covers.shows_face(photo),
    )
    record(
        verb="photo.confirmed",
        actor=by,
        subject=("photo", photo.id),
        masks=sum(region.masked for region in photo.regions.all()),
        dismissed=photo.regions.filter(choice=Region.Choice.DISMISSED).count(),
        drawn=photo.regions.filter(choice=Region.Choice.DRAWN).count(),
        windows=sum(covers.is_open_window(region) for region in photo.regions.all()),
        cropped=photo.crop is not None,
        warnings=list(warned),
        no_eyes=no_eyes,
    )
    jobs.enqueue(kind=SEAL, subject=photo.id)
