"""Edits that the studio requests, and the rules for them that need no pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from imaging import engine
from imaging.engine.masking import geometry
from imaging.masks import covers
from imaging.models import Photo, Region

MAX_MASKS = 200
MAX_WINDOWS = 10
WINDOWS_SHARE = 0.2
"""Largest share of the largest veil for all windows together; the engine's own limit is a quarter of all veils."""
CROP_LONG, CROP_SHORT = 800, 600
"""Smallest crop (px); a side that is already shorter may not be cropped."""
FOUND_CHOICES = (Region.Choice.SUGGESTED, Region.Choice.CHECK, Region.Choice.ACCEPTED, Region.Choice.DISMISSED)


@dataclass(frozen=True)
class MaskEdit:
    """Requested state of one region. `id` is None if drawn by hand. Sizes in px of the full picture.

    A brush stroke has `points` and `thickness`; its box is computed from them, not taken from the request.
    """

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
    points: tuple[engine.Point, ...] = ()
    thickness: float = 0.0

    def mask(self) -> engine.Mask:
        """Return the engine's mask for this edit. Raises ValueError for a stroke without points."""
        shape: engine.Shape = self.shape  # type: ignore[assignment]
        style: engine.Style = self.style  # type: ignore[assignment]
        if shape == "brush":
            return engine.Mask.stroke(self.points, self.thickness, style)
        return engine.Mask(shape, self.x, self.y, self.width, self.height, self.angle, style)


class PlacedShape(NamedTuple):
    """One mask on the picture with its kind and the decision about it."""

    kind: str
    choice: str
    mask: engine.Mask


def find_problems(
    *, photo: Photo, edits: Sequence[MaskEdit], known: Mapping[UUID, Region], crop: engine.Crop | None
) -> list[str]:
    """Return why these masks and this crop may not be saved, as sentences; empty when they may."""
    if len(edits) > MAX_MASKS:
        return [_("There are more than 200 masks. Join some of them into larger ones.")]
    if sum(len(edit.points) for edit in edits) > covers.STROKE_POINTS:
        return [_("The brush strokes are too long together. Cover the larger parts with a box.")]
    found = find_crop_problems(photo=photo, crop=crop)
    shapes: list[PlacedShape] = []
    for edit in edits:
        if edit.shape == Region.Shape.BRUSH and not _is_stroke(edit):
            found.append(_("A brush stroke could not be read. Draw it again."))
            continue
        shapes.append(PlacedShape(_kind(edit, known), edit.choice, edit.mask()))
        found += _find_edit_problems(photo=photo, edit=edit, known=known)
    named = {edit.id for edit in edits}
    if any(region.detector and region.id not in named for region in known.values()):
        found.append(_("A suggestion cannot be deleted, only dismissed."))
    return list(dict.fromkeys(found or find_window_problems(photo=photo, shapes=shapes)))


def _is_stroke(edit: MaskEdit) -> bool:
    return 1 <= len(edit.points) <= engine.MAX_POINTS and edit.thickness >= 1


def find_crop_problems(*, photo: Photo, crop: engine.Crop | None) -> list[str]:
    """Return why this crop (px of the full picture) may not be saved."""
    if crop is None:
        return []
    x, y, width, height = crop
    if x < 0 or y < 0 or width < 1 or height < 1 or x + width > photo.width or y + height > photo.height:
        return [_("The crop reaches outside the picture. Draw it again.")]
    long, short = max(photo.width, photo.height), min(photo.width, photo.height)
    if max(width, height) < min(CROP_LONG, long) or min(width, height) < min(CROP_SHORT, short):
        return [_("The crop is too small. Keep at least 800 × 600 pixels, so that colleagues can judge the skin.")]
    return []


def _find_edit_problems(*, photo: Photo, edit: MaskEdit, known: Mapping[UUID, Region]) -> list[str]:
    found = []
    region = known.get(edit.id) if edit.id else None
    if edit.id is not None and region is None:
        found.append(_("One of the masks is no longer there. Reload the page."))
    mask = edit.mask()
    inside = covers.is_in_picture(mask, width=photo.width, height=photo.height)
    if not inside or not 1 <= mask.width <= 2 * photo.width or not 1 <= mask.height <= 2 * photo.height:
        found.append(_("A mask lies outside the picture. Move it back or remove it."))
    elif region is not None and region.detector:
        found += _find_suggestion_problems(edit=edit, region=region)
    return found


def _find_suggestion_problems(*, edit: MaskEdit, region: Region) -> list[str]:
    """Apply the rules for detected regions."""
    found = []
    is_eye = region.kind == Region.Kind.EYE
    if edit.choice not in FOUND_CHOICES:
        found.append(_("Accept or dismiss the suggestion."))
    is_text = region.kind == Region.Kind.TEXT
    if edit.choice == Region.Choice.DISMISSED and is_eye and not has_words(edit.reason):
        found.append(_("Say why this is not an eye. Eyes are always covered."))
    if edit.choice == Region.Choice.DISMISSED and is_text and not has_words(edit.reason):
        found.append(_("Say why this text need not be covered."))
    if edit.choice in Region.MASKED and is_eye and not still_covers(edit=edit, region=region):
        found.append(_("Move a cover over eyes a little, or grow it. In a wrong place, say that it is not an eye."))
    if edit.choice in Region.MASKED and is_text and not still_covers(edit=edit, region=region):
        found.append(_("Leave the cover on the text that was found, or say why it need not be covered."))
    if edit.choice == Region.Choice.CHECK and region.choice != Region.Choice.CHECK:
        found.append(_("Accept or dismiss the suggestion."))
    return found


def has_words(reason: str) -> bool:
    """Whether a reason has a letter or digit; spaces and invisible characters do not count."""
    return any(sign.isalnum() for sign in reason)


def still_covers(*, edit: MaskEdit, region: Region) -> bool:
    """Whether an edited mask hides at least four fifths of the detected box; True if that was not kept."""
    if not region.found_box:
        return True
    # A detected region keeps its shape, whatever was requested.
    there = engine.Mask(region.shape, edit.x, edit.y, edit.width, edit.height, edit.angle)  # type: ignore[arg-type]
    return geometry.covered_share(engine.Mask("band", *region.found_box), [there]) >= 0.8


def find_window_problems(*, photo: Photo, shapes: Sequence[PlacedShape]) -> list[str]:
    """Apply the rules for lesion windows: inside a veil, over no eye and no bar, of limited number and size."""
    windows = [shape.mask for shape in shapes if shape.kind == Region.Kind.WINDOW]
    if not windows:
        return []
    closed, veils = [], []
    for kind, choice, mask in shapes:
        covered = choice in Region.MASKED and kind != Region.Kind.WINDOW
        if (kind == Region.Kind.EYE and choice != Region.Choice.DISMISSED) or (covered and mask.style == "bar"):
            closed.append(mask)
        elif covered:
            veils.append(mask)
    found = []
    if any(mask.shape == "brush" for mask in windows):
        found.append(_("A lesion window is a box, an ellipse or a band. Draw it again."))
    if len(windows) > MAX_WINDOWS:
        found.append(_("There are more than 10 lesion windows. Remove some."))
    if any(geometry.touch(window, mask) for window in windows for mask in closed):
        found.append(_("A lesion window never lies over eyes or a bar. Move it away from them."))
    if any(geometry.covered_share(window, veils) < 0.9 for window in windows):
        found.append(_("A lesion window opens a veil. Put it inside one."))
    picture = engine.Mask("box", 0, 0, photo.width, photo.height)
    largest = max((geometry.area(veil) * geometry.covered_share(veil, [picture]) for veil in veils), default=0.0)
    if sum(geometry.area(window) for window in windows) > WINDOWS_SHARE * largest:
        found.append(_("The lesion windows open more than a fifth of the veil. Make them smaller."))
    return found


def _kind(edit: MaskEdit, known: Mapping[UUID, Region]) -> Region.Kind:
    """Return the kind of an edit; a detected region keeps its own."""
    region = known.get(edit.id) if edit.id else None
    return Region.Kind(region.kind) if region is not None and region.detector else edit.kind


def normalise_crop(crop: engine.Crop | None, *, photo: Photo) -> engine.Crop | None:
    """Return the crop, or None when it is the whole picture."""
    return None if crop == (0, 0, photo.width, photo.height) else crop
