"""Covers of one photo: arguments for the engine, covers painted earlier, copies for other pictures."""

from collections.abc import Iterable
from typing import TypedDict

from imaging import engine
from imaging.engine.masking import geometry
from imaging.models import Photo, Region

SAME_SHARE = 0.8
"""Share of a detection under old covers from which it is taken for the cover itself."""
OWN_SHARE, OWN_MARGIN, OWN_MIDDLE = 0.97, 0.7, 0.35
"""How text is known to be a painted bar: the share of it that lies under the bar and a margin around it, the margin
in parts of the bar's narrower side, and the share under the bar itself. The text detector takes every bar for a line
of text and draws its box that much larger."""
FACE_SHARE = 0.5
"""Share of a detected face under covers below which the face counts as shown."""
STROKE_POINTS = 4000
"""Most points in all brush strokes of one picture together."""


class RenderArguments(TypedDict):
    """Arguments of `engine.render` and `engine.preview`, px of the upright full-size picture."""

    masks: list[engine.Mask]
    windows: list[engine.Mask]
    crop: engine.Crop | None
    options: engine.Options


def render_arguments(photo: Photo) -> RenderArguments:
    """Return the review as arguments for the engine, the same for the owner's preview and for sealing."""
    regions = list(photo.regions.all())
    return RenderArguments(
        masks=[region.mask() for region in regions if region.to_paint],
        windows=[region.mask() for region in regions if is_open_window(region)],
        crop=crop_of(photo),
        options=engine.Options(frame=photo.frame),
    )


def is_open_window(region: Region) -> bool:
    """Whether this is a lesion window of this review."""
    return region.kind == Region.Kind.WINDOW and region.choice == Region.Choice.DRAWN


def shows_face(photo: Photo) -> bool:
    """Whether a detected face remains visible: dismissed without a reason, or its cover was moved away.

    A face dismissed with a reason is stated to be none.
    """
    regions = list(photo.regions.all())
    under = [region.mask() for region in regions if region.masked]
    faces = [region for region in regions if region.kind == Region.Kind.FACE]
    if any(face.choice == Region.Choice.DISMISSED and not face.reason for face in faces):
        return True
    found = [engine.Mask("band", *face.found_box) for face in faces if face.masked and face.found_box]
    return any(geometry.covered_share(face, under) < FACE_SHARE for face in found)


def crop_of(photo: Photo) -> engine.Crop | None:
    """Return the kept part (x, y, width, height in px of the full picture), or None for all of it."""
    if photo.crop is None:
        return None
    x, y, width, height = photo.crop
    return int(x), int(y), int(width), int(height)


def set_shape(region: Region, mask: engine.Mask) -> None:
    """Set a region's shape and position to this mask's; keep its style."""
    region.shape = mask.shape
    region.x, region.y, region.width, region.height = mask.x, mask.y, mask.width, mask.height
    region.angle, region.thickness = mask.angle, mask.thickness
    region.points = [[x, y] for x, y in mask.points] or None


def transform(mask: engine.Mask, *, scale_x: float, scale_y: float, dx: float = 0.0, dy: float = 0.0) -> engine.Mask:
    """Return the mask in a picture of another size or crop, scaled by the larger factor so that it never shrinks."""
    larger = max(scale_x, scale_y)
    if mask.shape == "brush":
        points = [(x * scale_x + dx, y * scale_y + dy) for x, y in mask.points]
        return engine.Mask.stroke(points, mask.thickness * larger, mask.style)
    width, height = mask.width * larger, mask.height * larger
    centre_x = (mask.x + mask.width / 2) * scale_x + dx
    centre_y = (mask.y + mask.height / 2) * scale_y + dy
    return engine.Mask(mask.shape, centre_x - width / 2, centre_y - height / 2, width, height, mask.angle, mask.style)


def is_in_picture(mask: engine.Mask, *, width: int, height: int) -> bool:
    """Whether any part of the mask's hull lies in a picture of this size (px)."""
    x, y, wide, high = mask.hull()
    return x < width and y < height and x + wide > 0 and y + high > 0


def mark_as_painted(*, photo: Photo) -> None:
    """Mark the sealed covers as painted, in px of the sealed picture; delete all other regions.

    Threat: the next inspection takes a bar or a veil for a new face, and the owner dismisses it as no face.
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
    """Return what a new inspection found, without old covers. What lies in an old window is visible, so it is new."""
    painted = [region for region in photo.regions.all() if region.choice == Region.Choice.PAINTED]
    covers = [region.mask() for region in painted if region.kind != Region.Kind.WINDOW]
    windows = [region.mask() for region in painted if region.kind == Region.Kind.WINDOW]
    wider = [_widened(cover) for cover in covers]

    def is_cover(region: engine.Region) -> bool:
        mask = region.mask()
        under = geometry.covered_share(mask, covers, windows)
        if under >= SAME_SHARE:
            return True
        return (
            region.kind == "text" and under >= OWN_MIDDLE and geometry.covered_share(mask, wider, windows) >= OWN_SHARE
        )

    return [region for region in seen if not is_cover(region)]


def _widened(cover: engine.Mask) -> engine.Mask:
    """Return a cover with the margin around it by which the text detector overshoots."""
    if cover.shape == "brush":
        margin = OWN_MARGIN * cover.thickness
        return engine.Mask.stroke(cover.points, cover.thickness + 2 * margin, cover.style)
    margin = OWN_MARGIN * min(cover.width, cover.height)
    width, height = cover.width + 2 * margin, cover.height + 2 * margin
    return engine.Mask(cover.shape, cover.x - margin, cover.y - margin, width, height, cover.angle, cover.style)
