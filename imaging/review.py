"""The owner's review: which masks may be saved, what stands between them and a confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from core import jobs
from imaging import engine, originals
from imaging.checklist import ITEMS, Answer
from imaging.models import Photo, Region, State
from imaging.service import SEAL, crop_of, masks_of
from imaging.states import Moved, move

MAX_MASKS = 200


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


def masked_preview(*, photo: Photo) -> engine.Rendition:
    """The server's own rendering of the masks as they are saved now. Raises engine.Refused."""
    return engine.preview(originals.read(photo=photo), masks=masks_of(photo), crop=crop_of(photo))


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
    """Whether an edited eye mask hides at least four fifths of what was found; true when that was not kept."""
    if not region.found_box:
        return True
    found_x, found_y, found_width, found_height = engine.Mask("band", *region.found_box).hull()
    x, y, width, height = engine.Mask("band", edit.x, edit.y, edit.width, edit.height, edit.angle).hull()
    across = min(x + width, found_x + found_width) - max(x, found_x)
    down = min(y + height, found_y + found_height) - max(y, found_y)
    return max(0.0, across) * max(0.0, down) >= 0.8 * found_width * found_height


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
