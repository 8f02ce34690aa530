"""The studio's script and the server: masks out, what was drawn in."""

import json
import math
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import JsonResponse

from consults.cases.review.annotations import Marked
from consults.models import CasePhoto
from imaging import engine
from imaging.masks import covers
from imaging.models import Photo, Region
from imaging.review import confirmation
from imaging.review.edits import MaskEdit
from screening import identifiers

# What reading a stranger's JSON may raise: wrong types, numbers out of range, nesting without end.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
MAX_COORDINATE = 1e6  # px; the engine takes no number beyond it


def masks_of(photo: Photo) -> list[dict[str, object]]:
    """The photo's regions as the studio's script reads them, without what was painted before."""
    return [_mask(region) for region in photo.regions.all() if region.choice != Region.Choice.PAINTED]


def painted_of(photo: Photo) -> list[dict[str, object]]:
    """What was covered at an earlier review: shown, never changed."""
    return [_mask(region) for region in photo.regions.all() if region.choice == Region.Choice.PAINTED]


def _mask(region: Region) -> dict[str, object]:
    return {
        "id": str(region.pk),
        "kind": region.kind,
        "shape": region.shape,
        "style": region.style,
        "x": region.x,
        "y": region.y,
        "width": region.width,
        "height": region.height,
        "angle": region.angle,
        "points": region.points or [],
        "thickness": region.thickness,
        "score": region.score,
        "detector": region.detector,
        "state": region.choice,
        "reason": region.reason,
    }


def marks_of(marked: Marked) -> list[dict[str, object]]:
    """A second reader's marks as the studio's script draws them, px of the full picture."""
    return [
        {
            "number": mark.number,
            "isPoint": mark.is_point,
            "x": mark.x,
            "y": mark.y,
            "width": mark.width,
            "height": mark.height,
            "radius": marked.point_radius,
        }
        for mark in marked.marks
    ]


def saved(picture: CasePhoto, *, status: int = 200) -> JsonResponse:
    """What the server keeps of a picture's review, and what it still asks for."""
    photo = Photo.objects.get(pk=picture.photo_id)
    kept = {
        "revision": photo.mask_revision,
        "masks": masks_of(photo),
        "crop": covers.crop_of(photo),
        "rules": confirmation.open_questions(photo=photo, may_show_eyes=picture.may_show_eyes),
    }
    return JsonResponse(kept, status=status)


def refused(sentence: str, *, status: int) -> JsonResponse:
    """An answer that the script shows as it is."""
    return JsonResponse({"error": sentence}, status=status)


def stale(picture: CasePhoto) -> JsonResponse:
    """Another window of the same member saved first: what is there now, to go on from."""
    return saved(picture, status=409)


def read(body: bytes) -> tuple[list[MaskEdit], engine.Crop | None, int]:
    """Masks, crop and revision from the script's JSON. Raises one of UNREADABLE."""
    data = json.loads(body)
    return [_edit(mask) for mask in data["masks"]], _crop(data.get("crop")), int(data["revision"])


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number) or abs(number) > MAX_COORDINATE:
        raise ValueError("no such coordinate")
    return number


def _words(value: Any) -> str:
    text = str(value or "")
    if "\0" in text:
        raise ValueError("no database keeps this")
    text.encode()  # half a surrogate pair raises a ValueError
    return text


def telling(edits: Iterable[MaskEdit]) -> list[str]:
    """What in the reasons could say who the patient is, in words: a second reader gets to read them."""
    findings = [finding for edit in edits for finding in identifiers.find(edit.reason)]
    return list(dict.fromkeys(finding.sentence for finding in findings))


def _point(value: Any) -> engine.Point:
    x, y = value
    return _number(x), _number(y)


def _crop(value: Any) -> engine.Crop | None:
    if value is None:
        return None
    x, y, width, height = value
    if any(type(number) is not int for number in value):
        raise ValueError("whole pixels only")
    return x, y, width, height


def _edit(mask: dict[str, Any]) -> MaskEdit:
    try:
        known = UUID(str(mask.get("id")))
    except ValueError:
        known = None
    return MaskEdit(
        id=known,
        kind=Region.Kind(mask["kind"]),
        shape=Region.Shape(mask["shape"]),
        style=Region.Style(mask["style"]),
        x=_number(mask["x"]),
        y=_number(mask["y"]),
        width=_number(mask["width"]),
        height=_number(mask["height"]),
        angle=_number(mask.get("angle", 0)),
        choice=Region.Choice(mask["state"]),
        reason=_words(mask.get("reason")),
        points=tuple(_point(point) for point in mask.get("points") or ()),
        thickness=_number(mask.get("thickness", 0)),
    )
