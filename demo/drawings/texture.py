"""Noise, cells, outlines and strokes, from which every demo picture is composed.

Fields are H×W float32; lengths are pixels; angles are radians. Every function is pure but for the
generator that it is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from demo.drawings.palette import Amount, Field

Shape: TypeAlias = tuple[int, int]


def smoothstep(low: float, high: float, x: Amount) -> Field:
    """Return 0 below `low`, 1 above `high` (or reversed when low > high), smooth between."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def blur(field: Amount, sigma: float) -> Field:
    """Blur with a Gaussian; a wide one runs on a smaller copy, which looks the same."""
    field = np.asarray(field, np.float32)
    if sigma <= 0:
        return field
    shrink = max(1, int(sigma / 4))
    if shrink == 1:
        return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)
    height, width = field.shape[:2]
    small = cv2.resize(field, (max(2, width // shrink), max(2, height // shrink)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    seam = 2 * min(shrink, 8) + 1
    return np.asarray(cv2.GaussianBlur(large, (seam, seam), seam / 4), np.float32)


def fractal(
    rng: Generator,
    shape: Shape,
    scale: float,
    *,
    octaves: int = 4,
    gain: float = 0.5,
    stretch: float = 1.0,
    angle: float = 0.0,
) -> Field:
    """Return soft noise, mean 0 and deviation about 1, with features `scale` px (× `stretch` along `angle`)."""
    height, width = shape
    total = np.zeros(shape, np.float32)
    # Octaves that change slowly are summed on a small copy: same look, a sixteenth of the work.
    coarse = np.zeros((height // 4 + 1, width // 4 + 1), np.float32)
    has_coarse = False
    weight, power = 1.0, 0.0
    for octave in range(octaves):
        across = max(scale / 2**octave, 1.0)
        along = max(across * stretch, 1.0)
        small = across >= 10
        target = coarse if small else total
        has_coarse = has_coarse or small
        # Round noise may lie at any angle; turning every octave hides the grids it is made on.
        lean = angle if stretch != 1.0 else float(rng.uniform(0, math.pi))
        rows, columns = target.shape[:2]
        target += np.float32(weight) * _grid_noise(rng, (rows, columns), along, across, lean, 4.0 if small else 1.0)
        power += weight**2
        weight *= gain
        if across <= 1:
            break
    if has_coarse:
        large = cv2.resize(coarse, (width + 3, height + 3), interpolation=cv2.INTER_LINEAR)
        # Slanting light would make the seams of the enlargement visible as a weave.
        total += cv2.GaussianBlur(large, (9, 9), 2.2)[:height, :width]
    total *= np.float32(1.45 / math.sqrt(power))
    return total


def _grid_noise(rng: Generator, shape: Shape, along: float, across: float, angle: float, pixel: float) -> Field:
    """Return one octave: random values on a grid of `along` × `across` px turned by `angle`, interpolated.

    `shape` counts pixels of `pixel` px each.
    """
    height, width = shape
    cos, sin = math.cos(angle), math.sin(angle)
    to_grid = np.array([[cos * pixel / along, sin * pixel / along], [-sin * pixel / across, cos * pixel / across]])
    corners = to_grid @ np.array([[0, width, 0, width], [0, 0, height, height]])
    low, high = corners.min(1), corners.max(1)
    columns, rows = (np.ceil(high - low) + 5).astype(int)
    grid = rng.standard_normal((int(rows), int(columns)), np.float32)
    # The random sub-cell offset keeps octaves from sharing grid lines.
    offset = rng.random(2) + 1.5 - low
    place = np.hstack([to_grid, offset[:, None]])
    return np.asarray(
        cv2.warpAffine(
            grid, place, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT
        ),
        np.float32,
    )


def bend(field: Amount, rng: Generator, scale: float, amount: float) -> Field:
    """Shift every pixel by soft noise of up to about `amount` px, which makes straight shapes look organic."""
    height, width = field.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    x += fractal(rng, (height, width), scale, octaves=2) * np.float32(amount)
    y += fractal(rng, (height, width), scale, octaves=2) * np.float32(amount)
    return np.asarray(cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)


@dataclass(frozen=True)
class Cells:
    """A cell mosaic: `edge` px to the nearest border, `tint` 0-1 a cell, `seeds` N×2 (x, y) px."""

    edge: Field
    tint: Field
    seeds: NDArray[np.float32]


def cells(
    rng: Generator,
    shape: Shape,
    size: float,
    *,
    jitter: float = 0.42,
    stretch: float = 1.0,
    angle: float = 0.0,
    bent: float = 0.0,
) -> Cells:
    """Return a Voronoi mosaic of cells `size` px across, `stretch` times longer along `angle`.

    `bent` (px) warps borders; seeds are exact only when `angle` and `bent` are 0.
    """
    height, width = shape
    side_y, side_x = (math.ceil(math.hypot(*shape)) + 2,) * 2 if angle else shape
    # Two pixels of working resolution per pixel when cells are tiny, or borders turn to stairs.
    detail = 2.0 if size < 9 else 1.0
    tall, wide, pitch = round(side_y * detail), max(8, round(side_x * detail / stretch)), size * detail
    rows = np.arange(-pitch, tall + pitch, pitch * 0.87)
    columns = np.arange(-pitch, wide + pitch, pitch)
    x = columns[None, :] + (np.arange(len(rows)) % 2)[:, None] * pitch / 2
    y = np.broadcast_to(rows[:, None], x.shape)
    points = np.stack([x, y], -1).reshape(-1, 2) + rng.normal(0, jitter * pitch / 2, (x.size, 2))
    inside = (points >= 0).all(1) & (points[:, 0] < wide) & (points[:, 1] < tall)
    points = points[inside]
    ground = np.full((tall, wide), 255, np.uint8)
    ground[points[:, 1].astype(int), points[:, 0].astype(int)] = 0
    _, label = cv2.distanceTransformWithLabels(ground, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    border = np.full((tall, wide), 255, np.uint8)
    border[:, 1:][label[:, 1:] != label[:, :-1]] = 0
    border[1:][label[1:] != label[:-1]] = 0
    edge: Amount = np.asarray(cv2.distanceTransform(border, cv2.DIST_L2, 3), np.float32) / np.float32(detail)
    tint = rng.random(int(label.max()) + 1, np.float32)[label]

    cos, sin = math.cos(angle), math.sin(angle)
    to_inner = np.array(((cos / stretch, sin / stretch), (-sin, cos))) * detail
    middle = np.array((wide, tall)) / 2 - to_inner @ (width / 2, height / 2)
    if bent:
        ground_x, ground_y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        ground_x += fractal(rng, shape, size * 2.2, octaves=2) * np.float32(bent)
        ground_y += fractal(rng, shape, size * 2.2, octaves=2) * np.float32(bent)
        (xx, xy), (yx, yy) = to_inner.astype(np.float32)
        at_x = xx * ground_x + xy * ground_y + np.float32(middle[0])
        at_y = yx * ground_x + yy * ground_y + np.float32(middle[1])
        edge, tint = (
            np.asarray(cv2.remap(each, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)
            for each in (edge, tint)
        )
    elif angle or detail != 1 or stretch != 1:
        place = np.hstack([to_inner, middle[:, None]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        edge, tint = (
            np.asarray(
                cv2.warpAffine(each, place, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT), np.float32
            )
            for each in (edge, tint)
        )
    seeds = (points / detail * [stretch, 1]).astype(np.float32)
    return Cells(np.asarray(edge, np.float32), np.asarray(tint, np.float32), seeds)


@dataclass(frozen=True)
class Window:
    """A part of the picture: slices to write through and pixel coordinates relative to its centre."""

    rows: slice
    columns: slice
    x: Field
    y: Field

    @property
    def at(self) -> tuple[slice, slice]:
        """Return the index of this part in a whole field."""
        return self.rows, self.columns

    @property
    def shape(self) -> Shape:
        """Return the number of rows and columns."""
        return self.x.shape[0], self.x.shape[1]


def window(shape: Shape, centre: tuple[float, float], reach: float) -> Window:
    """Return the part of a picture within `reach` px of `centre` (x, y), cut at the frame."""
    height, width = shape
    left, right = max(0, int(centre[0] - reach)), min(width, int(centre[0] + reach) + 1)
    top, bottom = max(0, int(centre[1] - reach)), min(height, int(centre[1] + reach) + 1)
    x, y = np.meshgrid(
        np.arange(left, max(right, left + 1), dtype=np.float32) - np.float32(centre[0]),
        np.arange(top, max(bottom, top + 1), dtype=np.float32) - np.float32(centre[1]),
    )
    return Window(slice(top, top + x.shape[0]), slice(left, left + x.shape[1]), x, y)


def outline(
    rng: Generator,
    part: Window,
    radius: float,
    *,
    ratio: float = 1.0,
    angle: float = 0.0,
    lobes: int = 6,
    irregular: float = 0.12,
    ragged: float = 0.0,
) -> Field:
    """Return the depth inside a lesion in px: positive within, 0 on its border, negative outside.

    `ratio` is width over height, `lobes` and `irregular` shape the border coarsely, `ragged` (px)
    finely.
    """
    cos, sin = math.cos(angle), math.sin(angle)
    u = (part.x * cos + part.y * sin) / np.float32(math.sqrt(ratio))
    v = (part.y * cos - part.x * sin) * np.float32(math.sqrt(ratio))
    distance, turn = cv2.cartToPolar(u, v)
    steps = np.linspace(0, 2 * math.pi, 721)
    wave = np.zeros_like(steps)
    for k in range(2, lobes + 2):
        wave += rng.normal() / k**1.25 * np.cos(k * steps + rng.uniform(0, 2 * math.pi))
    wave *= irregular / max(float(np.abs(wave).max()), 1e-6)
    lobe = wave.astype(np.float32)[np.clip(turn / (2 * math.pi) * 720, 0, 720).astype(np.int32)]
    # Lobes fade towards the centre, or concentric zones would turn into stars.
    inside = radius - distance + radius * lobe * np.clip(distance / np.float32(radius), 0, 1) ** 1.5
    if ragged:
        inside += fractal(rng, part.shape, max(ragged * 5, 6), octaves=4, gain=0.42) * np.float32(ragged * 0.7)
    return np.asarray(inside, np.float32)


def scatter(
    rng: Generator,
    count: int,
    shape: Shape,
    *,
    apart: float,
    weight: Amount | None = None,
) -> NDArray[np.float32]:
    """Return up to `count` places N×2 (x, y), at least `apart` px from each other.

    They are drawn in proportion to `weight` H×W (none where it is 0).
    """
    height, width = shape
    tries = count * 14
    if weight is None:
        spots = rng.random((tries, 2)) * (width, height)
    else:
        coarse = np.clip(weight[::2, ::2], 0, None)
        share = np.cumsum(coarse, dtype=np.float64)
        if share[-1] <= 0:
            return np.empty((0, 2), np.float32)
        pick = np.searchsorted(share, rng.random(tries) * share[-1], side="right")
        pick = np.minimum(pick, share.size - 1)
        spots = np.stack([pick % coarse.shape[1], pick // coarse.shape[1]], 1) * 2 + rng.random((tries, 2)) * 2
        spots = np.minimum(spots, (width - 1, height - 1))
    # Taken places are drawn on a map, so that each try costs one lookup instead of a distance to all.
    fine = min(1.0, 6.0 / max(apart, 1e-6))
    taken = np.zeros((math.ceil(height * fine) + 1, math.ceil(width * fine) + 1), np.uint8)
    reach = max(1, round(apart * fine))
    kept: list[tuple[float, float]] = []
    for x, y in spots.tolist():
        at = int(x * fine), int(y * fine)
        if taken[at[1], at[0]]:
            continue
        cv2.circle(taken, at, reach, 1, -1)
        kept.append((x, y))
        if len(kept) == count:
            break
    return np.array(kept, np.float32).reshape(-1, 2)


def polygon(rng: Generator, part: Window, radius: float, *, corners: int = 6) -> Field:
    """Return the depth in px inside a rounded, irregular convex polygon: positive within."""
    inside = np.full(part.shape, 1e3, np.float32)
    start = rng.uniform(0, 2 * math.pi)
    for k in range(corners):
        turn = start + 2 * math.pi * (k + rng.uniform(-0.28, 0.28)) / corners
        side = radius * rng.uniform(0.72, 1.15) - part.x * math.cos(turn) - part.y * math.sin(turn)
        # A smooth minimum rounds the corners.
        h = np.clip(0.5 + 0.5 * (side - inside) / np.float32(radius * 0.4), 0, 1)
        inside = side * (1 - h) + inside * h - np.float32(radius * 0.4) * h * (1 - h)
    return np.asarray(inside, np.float32)


_SUBPIXEL = 4


def stroke(layer: NDArray[np.uint8], path: Amount, widths: Amount, value: int) -> None:
    """Draw a tapering line through `path` (N×2 x, y px) onto a uint8 layer, in place."""
    points = np.rint(path * 2**_SUBPIXEL).astype(int)
    for start, stop, breadth in zip(points[:-1], points[1:], widths, strict=False):
        cv2.line(
            layer,
            (int(start[0]), int(start[1])),
            (int(stop[0]), int(stop[1])),
            value,
            max(1, round(float(breadth))),
            cv2.LINE_AA,
            _SUBPIXEL,
        )


def wander(
    rng: Generator, start: tuple[float, float], angle: float, length: float, *, curl: float = 0.15, step: float = 8.0
) -> NDArray[np.float32]:
    """Return a path N×2 that starts at `angle` and drifts, as hairs, vessels and fibres do."""
    count = max(3, int(length / step) + 1)
    turns = angle + np.cumsum(rng.normal(0, curl, count)) + rng.normal(0, curl) * np.linspace(0, 2, count)
    moves = np.stack([np.cos(turns), np.sin(turns)], 1) * (length / count)
    return np.asarray(np.array(start) + np.vstack([[0, 0], np.cumsum(moves, 0)]), np.float32)


def ovals(
    layer: NDArray[np.uint8],
    places: Amount,
    radii: Amount,
    turns: Amount,
    values: NDArray[np.integer[Any]],
) -> None:
    """Draw filled ovals on a uint8 layer, in place: places N×2 and radii N×2 px, turns N, values N."""
    one = 1 << _SUBPIXEL
    centres = np.rint(places * one).astype(int)
    axes = np.maximum(np.rint(radii * one), 8).astype(int)
    for centre, axis, turn, value in zip(
        centres.tolist(), axes.tolist(), np.degrees(turns).tolist(), values.tolist(), strict=True
    ):
        cv2.ellipse(layer, centre, axis, turn, 0, 360, value, -1, cv2.LINE_AA, _SUBPIXEL)
