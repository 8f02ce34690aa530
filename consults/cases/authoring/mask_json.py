"""JSON between the studio's script and the server: masks out, edits in."""

import json
import math
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import JsonResponse
from django.utils.translation import gettext as _

from consults.cases.models import CasePhoto
from consults.cases.review.annotations import MarkedPicture
from consults.findings import sentences
from imaging import engine
from imaging.masks import covers
from imaging.models import Photo, Region
from imaging.review import confirmation
from imaging.review.edits import MaskEdit
from screening import identifiers

# Errors of parsing untrusted JSON: wrong types, numbers out of range, endless nesting.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
LONGEST_REASON = int(Region._meta.get_field("reason").max_length or 0)
MAX_COORDINATE = 1e6  # px; the engine takes no number beyond it


def masks_to_json(photo: Photo) -> list[dict[str, object]]:
    """Return the photo's regions for the studio's script, without those painted earlier and doubts that are moot."""
    shown = (region for region in photo.regions.all() if not region.is_moot(photo.stated_type))
    return [_mask_to_json(region) for region in shown if region.choice != Region.Choice.PAINTED]


def painted_to_json(photo: Photo) -> list[dict[str, object]]:
    """Return the regions painted at an earlier review: shown, never changed."""
    return [_mask_to_json(region) for region in photo.regions.all() if region.choice == Region.Choice.PAINTED]


def _mask_to_json(region: Region) -> dict[str, object]:
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


def marks_to_json(marked: MarkedPicture) -> list[dict[str, object]]:
    """Return a second reader's marks for the studio's script, in px of the full picture."""
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


def saved_response(picture: CasePhoto, *, status: int = 200) -> JsonResponse:
    """Return the saved state of a picture's review and its open questions."""
    photo = Photo.objects.get(pk=picture.photo_id)
    kept = {
        "revision": photo.mask_revision,
        "masks": masks_to_json(photo),
        "crop": covers.crop_of(photo),
        "rules": confirmation.open_questions(photo=photo, may_show_eyes=picture.may_show_eyes),
    }
    return JsonResponse(kept, status=status)


def refusal_response(sentence: str, *, status: int) -> JsonResponse:
    """Return an error that the script shows as it is."""
    return JsonResponse({"error": sentence}, status=status)


def conflict_response(picture: CasePhoto) -> JsonResponse:
    """Return 409 with the present state, because another window of the same member saved first."""
    return saved_response(picture, status=409)


def parse(body: bytes) -> tuple[list[MaskEdit], engine.Crop | None, int]:
    """Parse masks, crop and revision from the script's JSON. Raises one of UNREADABLE."""
    data = json.loads(body)
    return [_parse_edit(mask) for mask in data["masks"]], _parse_crop(data.get("crop")), int(data["revision"])


def _parse_number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number) or abs(number) > MAX_COORDINATE:
        raise ValueError("no such coordinate")
    return number


def _parse_text(value: Any) -> str:
    text = str(value or "")
    if "\0" in text:
        raise ValueError("databases refuse NUL")
    text.encode()  # a lone surrogate raises a ValueError
    return text


def problems_in_reasons(edits: Iterable[MaskEdit]) -> list[str]:
    """Return sentences about reasons that are too long or hold identifiers: a second reader will read them."""
    reasons = [edit.reason for edit in edits]
    if any(len(reason) > LONGEST_REASON for reason in reasons):
        return [_("A reason is too long. Say it in at most %(most)s letters.") % {"most": LONGEST_REASON}]
    found = [finding for reason in reasons for finding in identifiers.find(reason)]
    return sentences(found)


def _parse_point(value: Any) -> engine.Point:
    x, y = value
    return _parse_number(x), _parse_number(y)


def _parse_crop(value: Any) -> engine.Crop | None:
    if value is None:
        return None
    x, y, width, height = value
    if any(type(number) is not int for number in value):
        raise ValueError("whole pixels only")
    return x, y, width, height


def _parse_edit(mask: dict[str, Any]) -> MaskEdit:
    try:
        known = UUID(str(mask.get("id")))
    except ValueError:
        known = None
    return MaskEdit(
        id=known,
        kind=Region.Kind(mask["kind"]),
        shape=Region.Shape(mask["shape"]),
        style=Region.Style(mask["style"]),
        x=_parse_number(mask["x"]),
        y=_parse_number(mask["y"]),
        width=_parse_number(mask["width"]),
        height=_parse_number(mask["height"]),
        angle=_parse_number(mask.get("angle", 0)),
        choice=Region.Choice(mask["state"]),
        reason=_parse_text(mask.get("reason")),
        points=tuple(_parse_point(point) for point in mask.get("points") or ()),
        thickness=_parse_number(mask.get("thickness", 0)),
    )
