"""The scale of a picture: how many micrometres its width shows, stated by its author or told from the objective.

A camera on a microscope sees a field whose width goes down with the objective's magnification. Cameras and adapters
differ, so what follows from the objective alone is a rough figure: it may be wrong by half, and every bar that is drawn
from it says "about".
"""

from dataclasses import dataclass
from typing import Final

from consults.cases.models import CasePhoto
from imaging.models import Rendition

# The usual adapter shows about half of the eyepiece's field of 22 to 26 mm to the camera.
FIELD_AT_1X: Final = 13_000.0  # micrometres


@dataclass(frozen=True)
class Width:
    """What the whole width of a picture shows, µm; `is_about`: told from the objective alone."""

    micrometres: float
    is_about: bool


def width_of(placed: CasePhoto, *, full: Rendition) -> Width | None:
    """Return what the width of a picture shows; None when nothing tells. `full` has the pixels of the file."""
    if placed.um_per_px is not None:
        return Width(float(placed.um_per_px) * full.width, is_about=False)
    if not placed.objective:
        return None
    return Width(FIELD_AT_1X / float(placed.objective.removesuffix("x")) * _kept(placed), is_about=True)


def _kept(placed: CasePhoto) -> float:
    """Return which part of the file's width was kept by a crop."""
    crop, width = placed.photo.crop, placed.photo.width
    return float(crop["width"]) / width if crop and width else 1.0
