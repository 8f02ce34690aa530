"""The covers of one photo: what the engine is told to paint, what was painted before, what goes to the next picture."""

from collections.abc import Iterable
from typing import TypedDict

from imaging import engine
from imaging.engine.masking import geometry
from imaging.models import Photo, Region

SAME_SHARE = 0.8
"""A detection that lies in old covers by at least this share is the cover itself, seen again."""
FACE_SHARE = 0.5
"""A found face of which less than this share lies under covers is a face that is shown."""
STROKE_POINTS = 4000
"""Of all brush strokes of one picture together."""


class RenderArguments(TypedDict):
    """What `engine.render` and `engine.preview` paint and keep, px of the upright full-size picture."""

    masks: list[engine.Mask]
    windows: list[engine.Mask]
    crop: engine.Crop | None


def render_arguments(photo: Photo) -> RenderArguments:
    """The review as the engine takes it: the same for what the owner is shown and for what is sealed."""
    regions = list(photo.regions.all())
    return RenderArguments(
        masks=[region.mask() for region in regions if region.to_paint],
        windows=[region.mask() for region in regions if is_open_window(region)],
        crop=crop_of(photo),
    )


def is_open_window(region: Region) -> bool:
    """Whether this is a lesion window of this review."""
    return region.kind == Region.Kind.WINDOW and region.choice == Region.Choice.DRAWN


def shows_face(photo: Photo) -> bool:
    """Whether a face that was found stays to be seen: dismissed without a word, or its cover lies elsewhere.

    Dismissed with a reason it is said to be none.
    """
    regions = list(photo.regions.all())
    under = [region.mask() for region in regions if region.masked]
    faces = [region for region in regions if region.kind == Region.Kind.FACE]
    if any(face.choice == Region.Choice.DISMISSED and not face.reason for face in faces):
        return True
    found = [engine.Mask("band", *face.found_box) for face in faces if face.masked and face.found_box]
    return any(geometry.covered_share(face, under) < FACE_SHARE for face in found)


def crop_of(photo: Photo) -> engine.Crop | None:
    """The part that is kept (x, y, width, height in px of the full picture), or None for all of it."""
    if photo.crop is None:
        return None
    x, y, width, height = photo.crop
    return int(x), int(y), int(width), int(height)


def set_shape(region: Region, mask: engine.Mask) -> None:
    """Give a region the place of this shape; its style is its own."""
    region.shape = mask.shape
    region.x, region.y, region.width, region.height = mask.x, mask.y, mask.width, mask.height
    region.angle, region.thickness = mask.angle, mask.thickness
    region.points = [[x, y] for x, y in mask.points] or None


def transform(mask: engine.Mask, *, scale_x: float, scale_y: float, dx: float = 0.0, dy: float = 0.0) -> engine.Mask:
    """The shape in a picture of another size or cut: never smaller than it was, for that."""
    larger = max(scale_x, scale_y)
    if mask.shape == "brush":
        points = [(x * scale_x + dx, y * scale_y + dy) for x, y in mask.points]
        return engine.Mask.stroke(points, mask.thickness * larger, mask.style)
    width, height = mask.width * larger, mask.height * larger
    centre_x = (mask.x + mask.width / 2) * scale_x + dx
    centre_y = (mask.y + mask.height / 2) * scale_y + dy
    return engine.Mask(mask.shape, centre_x - width / 2, centre_y - height / 2, width, height, mask.angle, mask.style)


def is_in_picture(mask: engine.Mask, *, width: int, height: int) -> bool:
    """Whether any of the shape's hull lies in a picture of this size (px)."""
    x, y, wide, high = mask.hull()
    return x < width and y < height and x + wide > 0 and y + high > 0


def mark_as_painted(*, photo: Photo) -> None:
    """Keep what was just sealed as painted, in the frame of the sealed picture. The rest goes.

    Threat: the next inspection takes a bar or a veil for a new face, and its owner dismisses it as no face.
    """
    x, y, width, height = crop_of(photo) or (0, 0, photo.width, photo.height)
    for region in photo.regions.all():
        there = transform(region.mask(), scale_x=1, scale_y=1, dx=-x, dy=-y)
        stays = region.masked or region.kind == Region.Kind.WINDOW
        if not stays or not is_in_picture(there, width=width, height=height):
            region.delete()
            continue
        set_shape(region, there)
        if region.found_box:
            found_x, found_y, *size = region.found_box
            region.found_box = [found_x - x, found_y - y, *size]
        region.choice = Region.Choice.PAINTED
        region.save()


def drop_already_painted(*, photo: Photo, seen: Iterable[engine.Region]) -> list[engine.Region]:
    """What a new inspection saw, without old covers seen again. What lies in an old window can be seen, so is new."""
    painted = [region for region in photo.regions.all() if region.choice == Region.Choice.PAINTED]
    covers = [region.mask() for region in painted if region.kind != Region.Kind.WINDOW]
    windows = [region.mask() for region in painted if region.kind == Region.Kind.WINDOW]
    return [region for region in seen if geometry.covered_share(region.mask(), covers, windows) < SAME_SHARE]
