"""Views of one picture for one net: turned, padded, glued to its mirror image, brightened.

Detectors are trained on whole upright faces. A close-up of one eye is no face, but beside its own mirror image it
nearly is one: two eyes about a seam. Each view has its inverse transform, so all sightings are in px of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.decode import Pixels
from imaging.engine.detect.retinaface import Points, RetinaFace

Matrix = npt.NDArray[np.float64]
CELL = 32
GREY = 127


@dataclass(frozen=True)
class View:
    """Parameters of one view. side: longest side of the canvas in px; turn: quarter turns anticlockwise.

    border is a margin as a share of the picture's longest side; glue "after" is [picture|mirror], "before" is
    [mirror|picture]; gamma below 1 brightens.
    """

    side: int
    turn: int = 0
    border: float = 0.0
    glue: str = ""
    gamma: float = 1.0


@dataclass(frozen=True)
class Sighting:
    """One candidate in px of the picture: points 5×2 (two eyes first), box (x0 y0 x1 y1), score.

    straddles: it lies across a seam, so half of it is a mirror image outside the picture.
    """

    points: Points
    box: tuple[float, float, float, float]
    score: float
    view: View
    straddles: bool


def detect_in_view(net: RetinaFace, picture: Pixels, view: View, floor: float) -> list[Sighting]:
    """Return the candidates in one view of an H×W×3 picture."""
    canvas, ways = build_canvas(picture, view)
    faces = net.detect(canvas, floor)
    result = []
    for box, points, score in zip(faces.boxes, faces.points, faces.scores, strict=True):
        homes = [_part_of(ways, point[0]) for point in points[:2]]
        for way in sorted(set(homes)):
            matrix = ways[way][1]
            corners = _apply(matrix, np.array([box[:2], box[2:]], np.float32))
            low, high = corners.min(axis=0), corners.max(axis=0)
            hull = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
            result.append(Sighting(_apply(matrix, points), hull, float(score), view, len(set(homes)) > 1))
    return result


def _part_of(ways: list[tuple[float, Matrix]], x: float) -> int:
    """Return the index of the canvas part in which a point lies."""
    for index, (end, _) in enumerate(ways):
        if x < end:
            return index
    return len(ways) - 1


def _apply(matrix: Matrix, points: Points) -> Points:
    moved: Points = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    return moved


def build_canvas(picture: Pixels, view: View) -> tuple[Pixels, list[tuple[float, Matrix]]]:
    """Return the view and, for each part from left to right, its right end (px) and inverse transform (2×3)."""
    height, width = picture.shape[:2]
    turned_width, turned_height = (height, width) if view.turn % 2 else (width, height)
    border = view.border * max(width, height)
    copies = 2 if view.glue else 1
    scale = view.side / max(turned_width * copies + 2 * border, turned_height + 2 * border)
    size = max(1, round(turned_width * scale)), max(1, round(turned_height * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    # shrink first, then turn: the other order reads the large array with long strides
    upright_size = size[::-1] if view.turn % 2 else size
    small = np.rot90(cv2.resize(picture, upright_size, interpolation=way), view.turn)
    if view.gamma != 1.0:
        small = cv2.LUT(np.ascontiguousarray(small), _gamma_curve(view.gamma))
    margin = round(border * scale)
    wide = _round_up(size[0] * copies + 2 * margin)
    high = _round_up(size[1] + 2 * margin)
    canvas = np.full((high, wide, 3), GREY, np.uint8)
    back = _turn_back(view.turn, width, height) @ np.diag([turned_width / size[0], turned_height / size[1], 1])
    flip = np.array([[-1.0, 0, size[0]], [0, 1, 0], [0, 0, 1]])
    order = {"": [False], "after": [False, True], "before": [True, False]}[view.glue]
    ways = []
    for index, mirrored in enumerate(order):
        left = margin + index * size[0]
        canvas[margin : margin + size[1], left : left + size[0]] = small[:, ::-1] if mirrored else small
        shift = np.array([[1.0, 0, -left], [0, 1, -margin], [0, 0, 1]])
        ways.append((float(left + size[0]), (back @ flip @ shift if mirrored else back @ shift)[:2]))
    return canvas, ways


def _gamma_curve(gamma: float) -> Pixels:
    curve: Pixels = (255 * (np.arange(256) / 255) ** gamma).round().astype(np.uint8)
    return curve


def _round_up(side: int) -> int:
    return max(CELL, (side + CELL - 1) // CELL * CELL)


def _turn_back(turn: int, width: int, height: int) -> Matrix:
    """Return the transform (3×3) from px of the turned picture to px of the upright one."""
    return np.array(
        {
            0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
            1: [[0, -1, width], [1, 0, 0], [0, 0, 1]],
            2: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
            3: [[0, 1, 0], [-1, 0, height], [0, 0, 1]],
        }[turn],
        np.float64,
    )
