"""Edits of masks as the studio sends them, and a picture with a veil and a bar to edit."""

from typing import Any

from accounts.models import Member
from imaging.models import Photo, Region
from imaging.review import confirmation
from imaging.review.checklist import ITEMS, Answer
from imaging.review.confirmation import MaskEdit
from tests.imaging import making

ABSENT = {item.code: Answer.ABSENT for item in ITEMS}
WIDE, HIGH = 1600, 1200
VEIL = {"kind": "face", "style": "veil", "x": 200.0, "y": 200.0, "width": 800.0, "height": 800.0}
EYES = {"kind": "eye", "shape": "band", "x": 300.0, "y": 350.0, "width": 600.0, "height": 120.0}
WINDOW = {"kind": "window", "shape": "ellipse", "style": "veil"}
WINDOW |= {"x": 500.0, "y": 600.0, "width": 200.0, "height": 200.0}
STROKE = {"kind": "other", "shape": "brush", "points": ((50.0, 60.0), (400.0, 90.0)), "thickness": 40.0}


def veiled() -> Photo:
    """A picture in review, 1600×1200 px, with a veil over the face and a bar over the eyes."""
    made = making.photo(size=(WIDE, HIGH))
    making.region(made, **VEIL)
    making.region(made, **EYES)
    return made


def found(photo: Photo) -> list[MaskEdit]:
    """What is there, as the studio sends it back."""
    return [edit(region) for region in photo.regions.all()]


def edit(region: Region | None = None, **changes: Any) -> MaskEdit:
    """A region as the studio sends it back, or a newly drawn one."""
    fields: dict[str, Any] = {"id": None, "angle": 0.0, "choice": Region.Choice.DRAWN, **making.BOX}
    if region is not None:
        names = ("kind", "shape", "style", "x", "y", "width", "height", "angle", "reason", "thickness")
        fields = {"id": region.pk, "choice": region.choice} | {name: getattr(region, name) for name in names}
        fields["points"] = tuple(map(tuple, region.points or ()))
    return MaskEdit(**(fields | changes))


def save(photo: Photo, *edits: MaskEdit, by: Member | None = None, revision: int = 0) -> int:
    return confirmation.save_masks(photo=photo, by=by or photo.owner, edits=edits, revision=revision)


def confirm(photo: Photo, **changes: Any) -> None:
    fields = {"by": photo.owner, "revision": 0, "answers": ABSENT, "no_eyes": True, "may_show_eyes": True}
    confirmation.confirm(photo=photo, **(fields | changes))
