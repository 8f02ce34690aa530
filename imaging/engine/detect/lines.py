"""Lines of text in a map of heat: contours become turned boxes, bent lines chains of them.

Heat is 0 to 255, H×W uint8: how surely each pixel lies in the core of a line (differentiable binarisation). A line's
core is thinner than the line, so boxes are grown from it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.detect.faces import clip

Box = npt.NDArray[np.float32]
"""Four corners (px), 4×2."""
Heat = npt.NDArray[np.uint8]
Hull = tuple[float, float, float, float]
"""x, y, width, height (px)."""

PIXEL_HEAT, BOX_SCORE, STUBBY_SCORE = 76, 0.5, 0.6
"""Least heat of a pixel and, as a mean, of a line; and of a box hardly longer than high, as lines rarely are."""
STUBBY = 2.0
GROWTH, ROOM = 1.6, 2.0
"""How much longer and higher than its core a straight line is, and a piece of a bent one, in heights of the core."""
SMALLEST = 4
"""Least height of a line's core, px of the map."""
MOST_LINES = 1000
BENT = 1.6
"""A core whose box is this many times as high as the core itself is bent, and not one box."""
SLENDER = 3.0
"""Least length of a bent core, in heights of the core."""
MOST_PIECES = 10
SAME = 0.92
"""Share of a box under another one from which it is the same line, found twice."""


@dataclass(frozen=True)
class Line:
    """One line of text: corners (px) and the mean heat of its core, 0 to 1.

    A bent line has pieces: boxes along it, in place of the one around it.
    """

    corners: Box
    score: float
    pieces: tuple[Box, ...] = ()

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Return what covers the line."""
        return self.pieces or (self.corners,)

    def share_of(self, width: float, height: float) -> float:
        """Return the part (0..1) of a picture of this size (px) that its boxes cover, counting overlaps twice."""
        frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        return sum(cv2.intersectConvexConvex(frame, box)[0] for box in self.boxes) / (width * height)

    def covered_by(self, other: Line) -> float:
        """Return the part (0..1) of this line's worst covered box that lies in a single one of the other's."""
        return min(
            max(cv2.intersectConvexConvex(box, cover)[0] for cover in other.boxes) / max(cv2.contourArea(box), 1e-6)
            for box in self.boxes
        )

    def moved(self, right: float, down: float, scale: float = 1.0) -> Line:
        """Return the line moved (px) and then scaled."""
        by = np.array([right, down], np.float32)
        corners, *pieces = (((box + by) * scale).astype(np.float32) for box in (self.corners, *self.pieces))
        return Line(corners, self.score, tuple(pieces))


def sides_of(box: Box) -> tuple[float, float]:
    """Return length and height of a box (px), the longer first."""
    wide, high = (float(np.linalg.norm(box[i + 1] - box[i])) for i in (0, 1))
    return max(wide, high), min(wide, high)


def find_lines(heat: Heat) -> list[Line]:
    """Return the lines in a map, in its px."""
    bits = cv2.dilate((heat > PIXEL_HEAT).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(bits, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours[:MOST_LINES]:
        core, (left, top) = _core(np.asarray(contour, np.int32))
        high, wide = core.shape
        score = float(cv2.mean(heat[top : top + high, left : left + wide], core)[0]) / 255
        around, *pieces = _boxes(core, contour - (left, top))
        if around is not None and score >= (BOX_SCORE if is_elongated(around) else STUBBY_SCORE):
            found.append(Line(around, score, tuple(box for box in pieces if box is not None)).moved(left, top))
    return found


def is_elongated(box: Box) -> bool:
    """Whether a box is clearly longer than it is high."""
    long, short = sides_of(box)
    return long >= STUBBY * short


def _core(contour: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.uint8], tuple[int, int]]:
    """Return the core as a mask and where its top left corner lies."""
    left, top, wide, high = cv2.boundingRect(contour)
    core = np.zeros((high, wide), np.uint8)
    cv2.fillPoly(core, [contour - np.array([left, top])], 1)
    return core, (left, top)


def _boxes(core: npt.NDArray[np.uint8], contour: npt.NDArray[Any]) -> list[Box | None]:
    """Return the box around a core, then several along it if it is bent; a single None if it is too low."""
    (centre, (wide, high), angle) = cv2.minAreaRect(contour.astype(np.float32))
    long, short = max(wide, high), min(wide, high)
    if short < SMALLEST:
        return [None]
    around = grow(centre, wide, high, angle, GROWTH * wide * high / (wide + high))
    thick = cv2.countNonZero(core) / max(long, 1.0)
    if short < BENT * thick or long < SLENDER * thick:
        return [around]
    along = math.radians(angle if wide >= high else angle + 90)
    points = np.argwhere(core)[:, ::-1].astype(np.float32)
    places = points @ np.array([math.cos(along), math.sin(along)])
    pieces = min(MOST_PIECES, 2 + round(2 * short / thick))
    found: list[Box | None] = [around]
    for start, end in itertools.pairwise(np.linspace(places.min(), places.max(), pieces + 1)):
        part = points[(places >= start - 1) & (places <= end + 1)]  # never empty: a core hangs together
        centre, (wide, high), angle = cv2.minAreaRect(part)
        found.append(grow(centre, wide + 1, high + 1, angle, ROOM * thick))
    return found


def grow(centre: Sequence[float], wide: float, high: float, angle: float, growth: float) -> Box:
    """Return the corners of a turned box, longer and higher by growth (px)."""
    return np.asarray(cv2.boxPoints(((centre[0], centre[1]), (wide + growth, high + growth), angle)), np.float32)


def drop_repeated(lines: list[Line]) -> list[Line]:
    """Return the lines, best first, without those that lie in a better one."""
    kept: list[Line] = []
    for line in sorted(lines, key=lambda one: -one.score):
        if not any(line.covered_by(other) > SAME for other in kept):
            kept.append(line)
    return kept


def order_corners(corners: Box) -> Box:
    """Order corners clockwise from the top left, the long side first, in reading direction."""
    ordered = corners[np.argsort(corners.sum(axis=1), kind="stable")[:1]]
    start = int(np.flatnonzero((corners == ordered[0]).all(axis=1))[0])
    corners = np.roll(corners, -start, axis=0)
    (along_x, along_y), (down_x, down_y) = corners[1] - corners[0], corners[2] - corners[1]
    if along_x * down_y - along_y * down_x < 0:
        corners = corners[[0, 3, 2, 1]]
    if np.linalg.norm(corners[1] - corners[0]) < np.linalg.norm(corners[2] - corners[1]):
        corners = np.roll(corners, 1, axis=0)  # a vertical line is read from bottom to top
    return corners.astype(np.float32)


def place(corners: Box, width: int, height: int) -> tuple[Hull, float, Hull]:
    """Return the upright hull (x, y, width, height, inside the picture), the angle and the box before turning."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    centre, (wide, tall), angle = cv2.minAreaRect(corners)
    while abs(angle) > 45:
        angle, wide, tall = angle - math.copysign(90, angle), tall, wide
    turned = (centre[0] - wide / 2, centre[1] - tall / 2, wide, tall)
    hull = clip((float(low[0]), float(low[1]), float(high[0]), float(high[1])), width, height)
    return hull, float(angle), turned
