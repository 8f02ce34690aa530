"""De-identifier for pictures: bytes in, clean bytes out. Usable without the web application.

>>> from imaging.engine import deidentify                                        # doctest: +SKIP
>>> result = deidentify(Path("photo.jpg").read_bytes())                          # doctest: +SKIP
>>> Path("clean.jpg").write_bytes(result.full.data)                              # doctest: +SKIP

Importing this package is cheap: decoders and models are loaded in the sandbox's process only.
"""

from __future__ import annotations

from imaging.engine.errors import DetectorMissing, Dirty, Refused
from imaging.engine.limits import ENGINE_VERSION, MAX_POINTS, PRESELECT_SCORE
from imaging.engine.output.verify import verify
from imaging.engine.run import compare, count_frames, cover_more, deidentify, inspect, preview, render
from imaging.engine.types import (
    Asked,
    Comparison,
    Cost,
    Crop,
    Incomparable,
    Inspection,
    Mask,
    Options,
    PictureType,
    Point,
    Region,
    Rendition,
    Result,
    Shape,
    Style,
)

__all__ = [
    "ENGINE_VERSION",
    "MAX_POINTS",
    "PRESELECT_SCORE",
    "Asked",
    "Comparison",
    "Cost",
    "Crop",
    "DetectorMissing",
    "Dirty",
    "Incomparable",
    "Inspection",
    "Mask",
    "Options",
    "PictureType",
    "Point",
    "Refused",
    "Region",
    "Rendition",
    "Result",
    "Shape",
    "Style",
    "compare",
    "count_frames",
    "cover_more",
    "deidentify",
    "inspect",
    "preview",
    "render",
    "verify",
]
