"""Input and output types of the engine: plain frozen values, no behaviour beyond geometry.

All coordinates are pixels of the *upright full-size picture*: after orientation has been applied, before any
crop. x grows to the right, y downwards. Angles are degrees, clockwise as seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

RegionKind = Literal["face", "eye", "text"]
Shape = Literal["box", "ellipse", "band", "brush"]
Style = Literal["bar", "veil"]
RenditionName = Literal["full", "display", "thumbnail", "preview"]
Crop = tuple[int, int, int, int]
"""x, y, width, height (px) of the kept part."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Mask:
    """One shape to hide. x, y, width, height (px) are the box *before* it is turned about its centre.

    "box" has square corners, "band" rounded ones, "ellipse" fills the box. "brush" is a stroke through
    `points` (px), `thickness` px wide, with round ends and joins; its box is its hull and is not turned:
    `Mask.stroke` makes one. Style "bar" is one solid neutral colour; "veil" is interpolated from the
    pixels around the mask and has a marked edge.
    """

    shape: Shape
    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0
    style: Style = "bar"
    points: tuple[Point, ...] = ()
    thickness: float = 0.0

    @classmethod
    def stroke(cls, points: Sequence[Point], thickness: float, style: Style = "bar") -> Mask:
        """Return a brush stroke through these points (px). Raises ValueError without a point."""
        return cls(
            "brush", *_stroke_hull(points, thickness / 2), style=style, points=tuple(points), thickness=thickness
        )

    def hull(self) -> tuple[float, float, float, float]:
        """Return the smallest upright box around the turned shape: x, y, width, height (px)."""
        if self.shape == "brush":
            return _stroke_hull(self.points, self.thickness / 2)
        half_width, half_height = self.width / 2, self.height / 2
        cos, sin = _cos_sin(self.angle)
        if self.shape == "ellipse":
            reach_x = math.hypot(half_width * cos, half_height * sin)
            reach_y = math.hypot(half_width * sin, half_height * cos)
        else:
            reach_x = half_width * abs(cos) + half_height * abs(sin)
            reach_y = half_width * abs(sin) + half_height * abs(cos)
        centre_x, centre_y = self.x + half_width, self.y + half_height
        return centre_x - reach_x, centre_y - reach_y, 2 * reach_x, 2 * reach_y


def _stroke_hull(points: Sequence[Point], reach: float) -> tuple[float, float, float, float]:
    left, right = min(x for x, _ in points) - reach, max(x for x, _ in points) + reach
    top, bottom = min(y for _, y in points) - reach, max(y for _, y in points) + reach
    return left, top, right - left, bottom - top


def _cos_sin(angle: float) -> tuple[float, float]:
    radians = math.radians(angle)
    return math.cos(radians), math.sin(radians)


class PictureType(StrEnum):
    """Types of pictures, which set what is looked for and asked."""

    CLINICAL = "clinical"
    DERMOSCOPY = "dermoscopy"
    HISTOLOGY = "histology"


INSTRUMENTS = frozenset((PictureType.DERMOSCOPY, PictureType.HISTOLOGY))
"""Types taken through an instrument: of a small piece of skin or tissue, hardly ever of a face."""


class Asked(StrEnum):
    """Reasons for which a person is asked about a region and no mask is suggested."""

    DOUBTFUL = "doubtful"
    """It may be no such thing: its score is low."""
    COVERS_MUCH = "covers_much"
    """Its mask would hide more than a quarter of the picture, and it is not certain."""
    UNLIKELY = "unlikely"
    """It may be an eye or a face, of which there are hardly any in dermoscopy and histology."""
    UNREAD = "unread"
    """It is as large as a lesion and looks like a line of text, but nothing is read in it."""


@dataclass(frozen=True)
class Region:
    """A detected face, pair of eyes or line of text: the upright hull (px), and the turned shape to mask.

    score is calibrated to 0..1. A region without `why_asked` has a suggested mask; one with it means "please check
    this". `turned` is the shape's box (x, y, width, height) before turning, where it differs
    from the hull; `angle` turns it.
    """

    kind: RegionKind
    x: float
    y: float
    width: float
    height: float
    score: float
    detector: str
    angle: float = 0.0
    turned: tuple[float, float, float, float] | None = None
    note: str = ""
    why_asked: Asked | None = None

    def mask(self, style: Style | None = None) -> Mask:
        """Return the shape to paint: a band over eyes and faces, a box over text."""
        x, y, width, height = self.turned or (self.x, self.y, self.width, self.height)
        shape: Shape = "box" if self.kind == "text" else "band"
        usual: Style = "veil" if self.kind == "face" else "bar"
        return Mask(shape, x, y, width, height, self.angle, style or usual)

    def mask_for(self, options: Options) -> Mask | None:
        """Return the mask that `deidentify` paints over it, or None for a face that is kept and for a question.

        What is merely doubtful is painted: nobody looks before the picture goes out.
        """
        if self.is_left_visible(options) or (self.kind == "face" and options.keep_faces):
            return None
        return self.mask(options.face_style if self.kind == "face" else "bar")

    def is_left_visible(self, options: Options) -> bool:
        """Whether `deidentify` leaves it to a person to judge."""
        kept = self.kind == "face" and options.keep_faces
        return not options.paint_asked and not kept and self.why_asked not in (None, Asked.DOUBTFUL)


@dataclass(frozen=True)
class Options:
    """Settings of one run. The product uses the defaults; the command line has flags for some."""

    faces: bool = True
    eyes: bool = True
    text: bool = True
    face_style: Style = "veil"
    keep_faces: bool = False  # suggest masks for eyes and text only
    minimum_score: float = 0.1  # regions below are not reported
    accept_damaged: bool = False  # warn of a picture of which parts are missing or wrong, instead of refusing it
    frame: int | None = None  # which of a file's pictures, from 1; without it a file of several is refused
    paint_asked: bool = False  # paint what covers much and is not certain too
    picture_type: PictureType | None = None  # as a person says; sets what is looked for and which advice is given
    cpu_seconds: int = 20
    wall_seconds: int = 30
    memory_bytes: int = 2 * 1024**3


DEFAULT = Options()


@dataclass(frozen=True)
class Cost:
    """Resources that a picture used in the sandbox: CPU and wall seconds, peak resident bytes of the child."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


NO_COST = Cost(0.0, 0.0, 0)


@dataclass(frozen=True)
class Inspection:
    """Content of a file. preview is a JPEG (sRGB, <= 2048 px), UNMASKED: for the owner's review only.

    found names the metadata that the file carried, by kind, never by value; all of it is dropped.
    """

    width: int
    height: int
    source_format: str
    lossless: bool
    found: tuple[str, ...]
    regions: tuple[Region, ...]
    preview: bytes
    warnings: tuple[str, ...]
    engine_version: str
    picture_type: PictureType | None = None  # guessed from the pixels; None for a clinical one or in doubt
    cost: Cost = field(default=NO_COST, compare=False)


@dataclass(frozen=True)
class Rendition:
    """One clean encoded picture, made from masked pixels and verified by `verify`."""

    name: RenditionName
    data: bytes
    content_type: str
    width: int
    height: int
    sha256: str


class Incomparable(StrEnum):
    """Reasons for which two pictures cannot be compared."""

    TOO_LITTLE = "too_little"
    """Too few places can be made out in both."""
    NO_FIT = "no_fit"
    """What can be made out lies too differently to be one place."""


@dataclass(frozen=True)
class Comparison:
    """How the second of two pictures of one place was taken, beside the first.

    scale > 1: from closer, as a part of the frame. turn: degrees clockwise; tilt: degrees between the directions of
    view. overlap: which part of the first the second shows, 0..1. lightness, red, yellow: CIELAB units.
    """

    incomparable: Incomparable | None
    scale: float = 1.0
    turn: float = 0.0
    tilt: float = 0.0
    overlap: float = 0.0
    lightness: float = 0.0
    red: float = 0.0
    yellow: float = 0.0
    points: int = 0


@dataclass(frozen=True)
class Result:
    """Result of `deidentify`: the inspection, the painted masks, the clean pictures."""

    inspection: Inspection
    masks: tuple[Mask, ...]
    renditions: tuple[Rendition, ...]

    @property
    def full(self) -> Rendition:
        """Return the full-size rendition."""
        return self.renditions[0]
