"""Geometry of masks in plain Python, for rules that are checked without the pixels.

Shapes are used as drawn, without the half pixel that painting adds, and a band as its box. Shares and areas
are sampled on a grid over the shape, accurate to a few percent, which is enough for a rule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from imaging.engine.types import Mask, Point

SAMPLES = 24
"""Points per side of the sampling grid."""
MARGIN = 2.0
"""Distance (px) from which two shapes count as apart."""
CORNERS = 24
"""Corners of the polygon that approximates an ellipse."""


def contains(mask: Mask, x: float, y: float) -> bool:
    """Whether a shape contains a point (px)."""
    if mask.shape == "brush":
        reach = (mask.thickness / 2) ** 2
        ends = zip(mask.points, mask.points[1:] or mask.points, strict=False)
        return any(_distance_squared((x, y), start, end) <= reach for start, end in ends)
    along, across = _turned(x - mask.x - mask.width / 2, y - mask.y - mask.height / 2, -mask.angle)
    along, across = 2 * along / mask.width, 2 * across / mask.height
    if mask.shape == "ellipse":
        return along**2 + across**2 <= 1
    return abs(along) <= 1 and abs(across) <= 1


def area(mask: Mask) -> float:
    """Return the area of a shape (px²)."""
    _x, _y, width, height = _box(mask)
    return len(_samples(mask)) / SAMPLES**2 * width * height


def covered_share(mask: Mask, covers: Sequence[Mask], holes: Sequence[Mask] = ()) -> float:
    """Return the share (0..1) of a shape that lies under any of the covers and in none of the holes."""
    points = _samples(mask)
    near = [cover for cover in covers if _hulls_meet(mask, cover)]
    if not points or not near:
        return 0.0
    under = [(x, y) for x, y in points if any(contains(cover, x, y) for cover in near)]
    return sum(not any(contains(hole, x, y) for hole in holes) for x, y in under) / len(points)


def touch(one: Mask, other: Mask) -> bool:
    """Whether two shapes overlap or come within `MARGIN` px of each other. True in doubt."""
    if not _hulls_meet(one, other):
        return False
    return any(_polygons_meet(a, b) for a in _polygons(one) for b in _polygons(other))


def _box(mask: Mask) -> tuple[float, float, float, float]:
    """Return the box, before turning, over which `_samples` lays its grid."""
    return mask.hull() if mask.shape == "brush" else (mask.x, mask.y, mask.width, mask.height)


def _samples(mask: Mask) -> list[Point]:
    x, y, width, height = _box(mask)
    centre_x, centre_y = x + width / 2, y + height / 2
    steps = [(step + 0.5) / SAMPLES - 0.5 for step in range(SAMPLES)]
    found = []
    for down in steps:
        for right in steps:
            dx, dy = _turned(right * width, down * height, mask.angle)
            if contains(mask, centre_x + dx, centre_y + dy):
                found.append((centre_x + dx, centre_y + dy))
    return found


def _turned(x: float, y: float, angle: float) -> Point:
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return x * cos - y * sin, x * sin + y * cos


def _distance_squared(point: Point, start: Point, end: Point) -> float:
    run_x, run_y = end[0] - start[0], end[1] - start[1]
    x, y = point[0] - start[0], point[1] - start[1]
    length = run_x**2 + run_y**2
    along = min(1.0, max(0.0, (x * run_x + y * run_y) / length)) if length > 0 else 0.0
    return (x - along * run_x) ** 2 + (y - along * run_y) ** 2


def _hulls_meet(one: Mask, other: Mask) -> bool:
    a_x, a_y, a_width, a_height = one.hull()
    b_x, b_y, b_width, b_height = other.hull()
    apart_x = max(a_x, b_x) - min(a_x + a_width, b_x + b_width)
    apart_y = max(a_y, b_y) - min(a_y + a_height, b_y + b_height)
    return max(apart_x, apart_y) <= MARGIN


def _polygons(mask: Mask) -> list[list[Point]]:
    """Return convex polygons that contain the shape, half the margin wider."""
    grow = MARGIN / 2
    if mask.shape == "brush":
        half = mask.thickness / 2 + grow
        ends = zip(mask.points, mask.points[1:] or mask.points, strict=False)
        return [_segment_rectangle(start, end, half) for start, end in ends]
    half_width, half_height = mask.width / 2 + grow, mask.height / 2 + grow
    if mask.shape == "ellipse":
        wide = 1 / math.cos(math.pi / CORNERS)
        turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
        corners = [(wide * half_width * math.cos(turn), wide * half_height * math.sin(turn)) for turn in turns]
    else:
        corners = [(half_width, half_height), (-half_width, half_height)]
        corners += [(-half_width, -half_height), (half_width, -half_height)]
    centre_x, centre_y = mask.x + mask.width / 2, mask.y + mask.height / 2
    turned = [_turned(x, y, mask.angle) for x, y in corners]
    return [[(centre_x + x, centre_y + y) for x, y in turned]]


def _segment_rectangle(start: Point, end: Point, half: float) -> list[Point]:
    """Return the rectangle around a segment and its round ends."""
    length = math.dist(start, end)
    right, down = ((end[0] - start[0]) / length, (end[1] - start[1]) / length) if length > 0 else (1.0, 0.0)
    corners = []
    for (x, y), way in ((start, -half), (end, half)):
        for side in (way, -way):
            corners.append((x + right * way - down * side, y + down * way + right * side))
    return corners


def _polygons_meet(one: Sequence[Point], other: Sequence[Point]) -> bool:
    """Whether two convex polygons overlap (separating axis theorem)."""
    for polygon in (one, other):
        for (x0, y0), (x1, y1) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
            across = (y1 - y0, x0 - x1)
            mine = [across[0] * x + across[1] * y for x, y in one]
            theirs = [across[0] * x + across[1] * y for x, y in other]
            if max(mine) < min(theirs) or max(theirs) < min(mine):
                return False
    return True
