"""Guess of a picture's type from its colours and its frame. It guesses rarely, and then it is nearly always right.

A dermatoscope and a microscope show a round field with a sharp edge; stained tissue is pink and purple as skin never
is. A dark room around a face is no circle. Whatever fits neither is not guessed: a person says it.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.decode import Pixels
from imaging.engine.types import PictureType

SIDE = 192
RAYS = 96
DARK = 45
"""Luminance (8 bit, smoothed) outside a round field."""
LEAST_RAYS = 20
"""Rays that meet darkness first: those into the corners, at least."""
ROUND = 0.025
"""Greatest deviation of the edge from a circle, in radii."""
RADIUS = 0.42, 0.9
"""Radius of a round field: at least this part of the picture's short side, at most this part of the long one."""
FILLED = 0.6
"""Least share of the field that is not dark."""
STAINED, STAINED_IN_FIELD, MAGENTA = 0.55, 0.9, 12
"""Share of a picture, and of a round field, in which red and blue are this many levels above green. Flushed skin under
a dermatoscope comes near."""


def guess_type(picture: Pixels) -> PictureType | None:
    """Return the type of an H×W×3 picture, or None for a clinical one or in doubt."""
    scale = SIDE / max(picture.shape[:2])
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    small = cv2.GaussianBlur(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), (5, 5), 0)
    field = _round_field(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8))
    levels = small[field].astype(np.int16) if field is not None else small.reshape(-1, 3).astype(np.int16)
    stained = float((np.minimum(levels[:, 0], levels[:, 2]) - levels[:, 1] >= MAGENTA).mean())
    if stained >= (STAINED if field is None else STAINED_IN_FIELD):
        return PictureType.HISTOLOGY
    return PictureType.DERMOSCOPY if field is not None else None


def _round_field(grey: Pixels) -> npt.NDArray[np.bool_] | None:
    """Return where a round field in the dark is (H×W bool), or None without one."""
    height, width = grey.shape
    edge = np.array(list(_edge_points(grey)), np.float64)
    if len(edge) < LEAST_RAYS:
        return None
    rows = np.column_stack([2 * edge, np.ones(len(edge))])
    (x, y, rest), *_others = np.linalg.lstsq(rows, (edge**2).sum(axis=1), rcond=None)
    radius = float(np.sqrt(max(rest + x * x + y * y, 1e-6)))
    away = np.abs(np.hypot(edge[:, 0] - x, edge[:, 1] - y) - radius)
    down, right = np.mgrid[:height, :width]
    distance = np.hypot(right - x, down - y)
    inside, outside = distance < 0.97 * radius, distance > 1.06 * radius
    quarters = {(px > x, py > y) for px, py in edge}
    if (
        float(np.median(away)) > ROUND * radius
        or not RADIUS[0] * min(height, width) <= radius <= RADIUS[1] * max(height, width)
        or len(quarters) < 4
        or float((grey[inside] > DARK).mean()) < FILLED
        or float((grey[outside] > DARK).mean()) > 0.03
    ):
        return None
    return np.asarray(inside, np.bool_)


def _edge_points(grey: Pixels) -> list[tuple[float, float]]:
    """Return where rays from the border to the middle leave the dark (px); none for rays that begin in light."""
    height, width = grey.shape
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    found = []
    for turn in np.linspace(0, 2 * np.pi, RAYS, endpoint=False):
        way = np.array([np.cos(turn), np.sin(turn)])
        reach = float(np.min(centre / np.maximum(np.abs(way), 1e-9)))
        steps = np.arange(reach, 0, -0.5)
        places = centre + steps[:, None] * way
        light = grey[places[:, 1].round().astype(int), places[:, 0].round().astype(int)] > DARK
        first = int(light.argmax())
        if light.any() and first > 2:
            found.append((float(places[first, 0]), float(places[first, 1])))
    return found
