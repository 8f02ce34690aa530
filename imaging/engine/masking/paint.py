"""Painting of masks. The painted colours depend only on pixels outside all masks, so they cannot be undone.

Threat: a blur or a mosaic is a function of the pixels it hides, and a face recogniser can still use it. A bar
is a constant colour; a veil is interpolated from its border inwards, like a heavy blur of its surroundings.
The veil's edge is drawn, so that nobody mistakes it for skin.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.decode import Pixels
from imaging.engine.errors import Refused
from imaging.engine.limits import MAX_POINTS
from imaging.engine.types import Crop, Mask, Point

BAR = (58, 60, 64)
EDGE = (236, 238, 240)
NOTHING_AROUND = (128, 128, 128)
VEIL_GRID = 128
"""Most cells per side of the grid on which a veil is computed; it is smooth anyway."""
ROUNDNESS = 0.3
STRIP = 256
"""Rows rasterised at a time, so that a mask over 80 megapixels does not need gigabytes of coordinates."""
WINDOW_SHARE = 0.25
"""Largest share of the veils that lesion windows may open."""

Bits = npt.NDArray[np.bool_]
Slices = tuple[slice, slice]


def paint_masks(
    pixels: Pixels, masks: Sequence[Mask], windows: Sequence[Mask] = (), crop: Crop | None = None
) -> Pixels:
    """Paint all masks on H×W×3 uint8: veils, then bars over them, windows left open; then crop.

    Pixels outside the crop count as hidden: no veil takes its colours from there. Returns a copy, or the array
    itself when there are neither masks nor crop.

    Raises Refused ("bad_mask" for shapes without size and for a crop outside the picture, "bad_window" for
    windows that are too large or over bars).
    """
    for mask in (*masks, *windows):
        check_mask(mask)
    if not masks:
        return crop_pixels(pixels, crop)
    out = pixels.copy()
    height, width = pixels.shape[:2]
    hidden = hidden_by(masks, height, width)
    bars = [mask for mask in masks if mask.style == "bar"]
    veils = [mask for mask in masks if mask.style == "veil"]
    opened = None
    if windows:
        opened = hidden_by(windows, height, width)
        _check_windows(opened, bars, veils)
        # the veil takes no colours from a lesion that a window shows in its middle
        hidden |= opened
    if crop is not None:
        _mark_outside(hidden, crop)
    for veil in veils:
        _paint_veil(out, pixels, hidden, opened, veil)
    for bar in bars:
        place, shape = _rasterise(bar, height, width)
        out[place][shape] = BAR
    return crop_pixels(out, crop)


def check_mask(mask: Mask) -> None:
    """Raise Refused ("bad_mask") unless the mask can be painted."""
    stroke = mask.shape == "brush"
    sized = mask.width > 0 and mask.height > 0 and (mask.thickness > 0 if stroke else True)
    if not sized or stroke != bool(mask.points) or len(mask.points) > MAX_POINTS:
        raise Refused("bad_mask")


def crop_pixels(pixels: Pixels, crop: Crop | None) -> Pixels:
    """Return a copy of the part inside the crop: no pixel outside stays in memory. Raises Refused ("bad_mask")."""
    if crop is None:
        return pixels
    x, y, width, height = crop
    part = pixels[y : y + height, x : x + width]
    if not part.size:
        raise Refused("bad_mask")
    return part.copy()


def _mark_outside(bits: Bits, crop: Crop) -> None:
    x, y, width, height = crop
    bits[:y] = bits[y + height :] = True
    bits[:, :x] = bits[:, x + width :] = True


def hidden_by(masks: Sequence[Mask], height: int, width: int) -> Bits:
    """Return H×W bool: True where any mask hides the pixel."""
    hidden = np.zeros((height, width), np.bool_)
    for mask in masks:
        _mark(hidden, mask)
    return hidden


def _mark(bits: Bits, mask: Mask) -> None:
    place, shape = _rasterise(mask, *bits.shape)
    bits[place] |= shape


def _rasterise(mask: Mask, height: int, width: int) -> tuple[Slices, Bits]:
    """Return the slices around a shape, and which pixels in them it touches (by half a pixel or more)."""
    x, y, wide, high = mask.hull()
    left, right = (int(np.clip(np.floor(edge), 0, width)) for edge in (x - 0.5, x + wide + 1.5))
    top, bottom = (int(np.clip(np.floor(edge), 0, height)) for edge in (y - 0.5, y + high + 1.5))
    inside = np.empty((bottom - top, right - left), np.bool_)
    for row in range(top, bottom, STRIP):
        stop = min(row + STRIP, bottom)
        inside[row - top : stop - top] = _inside(mask, np.arange(left, right), np.arange(row, stop))
    return (slice(top, bottom), slice(left, right)), inside


def _inside(mask: Mask, columns: npt.NDArray[np.int_], rows: npt.NDArray[np.int_]) -> Bits:
    """Return which pixels (centres at half a pixel) of a grid the shape touches."""
    if mask.shape == "brush":
        return _inside_stroke(mask, columns, rows)
    radians = np.deg2rad(mask.angle)
    cos, sin = np.float32(np.cos(radians)), np.float32(np.sin(radians))
    right = (columns + 0.5 - (mask.x + mask.width / 2)).astype(np.float32)[None, :]
    down = (rows + 0.5 - (mask.y + mask.height / 2)).astype(np.float32)[:, None]
    along, across = np.abs(right * cos + down * sin), np.abs(down * cos - right * sin)
    half_width, half_height = mask.width / 2 + 0.5, mask.height / 2 + 0.5
    if mask.shape == "ellipse":
        inside: Bits = (along / half_width) ** 2 + (across / half_height) ** 2 <= 1
        return inside
    inside = (along <= half_width) & (across <= half_height)
    if mask.shape == "band":
        radius = ROUNDNESS * min(half_width, half_height)
        corner_x, corner_y = along - (half_width - radius), across - (half_height - radius)
        inside &= ~((corner_x > 0) & (corner_y > 0) & (corner_x**2 + corner_y**2 > radius**2))
    return inside


def _inside_stroke(mask: Mask, columns: npt.NDArray[np.int_], rows: npt.NDArray[np.int_]) -> Bits:
    """Return the pixels within half the thickness, plus half a pixel, of the line: round ends and joins."""
    inside = np.zeros((len(rows), len(columns)), np.bool_)
    if not inside.size:
        return inside
    reach = mask.thickness / 2 + 0.5
    left, top = int(columns[0]), int(rows[0])
    for start, end in zip(mask.points, mask.points[1:] or mask.points, strict=False):
        # only near the segment: a stroke across 80 megapixels has hundreds of them
        near_x = _span(start[0], end[0], reach, left, len(columns))
        near_y = _span(start[1], end[1], reach, top, len(rows))
        part = inside[near_y, near_x]
        if part.size and not part.all():
            part |= _distance_squared(start, end, columns[near_x], rows[near_y]) <= reach**2
    return inside


def _span(one: float, other: float, reach: float, origin: int, count: int) -> slice:
    low = int(np.clip(np.floor(min(one, other) - reach - 1) - origin, 0, count))
    high = int(np.clip(np.ceil(max(one, other) + reach + 1) - origin, 0, count))
    return slice(low, high)


def _distance_squared(
    start: Point, end: Point, columns: npt.NDArray[np.int_], rows: npt.NDArray[np.int_]
) -> npt.NDArray[np.float32]:
    """Return the squared distances (px²) of pixel centres from a segment."""
    right = (columns + 0.5 - start[0]).astype(np.float32)[None, :]
    down = (rows + 0.5 - start[1]).astype(np.float32)[:, None]
    run_x, run_y = np.float32(end[0] - start[0]), np.float32(end[1] - start[1])
    length = run_x**2 + run_y**2
    along = np.clip((right * run_x + down * run_y) / length, 0, 1) if length > 0 else np.float32(0)
    return np.asarray((right - along * run_x) ** 2 + (down - along * run_y) ** 2, np.float32)


def _check_windows(opened: Bits, bars: Sequence[Mask], veils: Sequence[Mask]) -> None:
    veiled = hidden_by(veils, *opened.shape)
    barred = hidden_by(bars, *opened.shape)
    if (opened & barred).any() or (opened & veiled).sum() > WINDOW_SHARE * veiled.sum():
        raise Refused("bad_window")


def _paint_veil(out: Pixels, pixels: Pixels, unseen: Bits, opened: Bits | None, veil: Mask) -> None:
    height, width = unseen.shape
    (rows, columns), shape = _rasterise(veil, height, width)
    if not shape.any():
        return
    margin_y, margin_x = (max(4, (side.stop - side.start) // 4) for side in (rows, columns))
    wide_rows = slice(max(0, rows.start - margin_y), min(height, rows.stop + margin_y))
    wide_columns = slice(max(0, columns.start - margin_x), min(width, columns.stop + margin_x))
    smooth = _interpolate(pixels[wide_rows, wide_columns], ~unseen[wide_rows, wide_columns])
    top, left = rows.start - wide_rows.start, columns.start - wide_columns.start
    smooth = smooth[top : top + shape.shape[0], left : left + shape.shape[1]]
    painted = shape if opened is None else shape & ~opened[rows, columns]
    target = out[rows, columns]
    cv2.copyTo(smooth, painted.view(np.uint8), target)  # in place: a hundred times faster than indexing
    target[_rim(painted, max(height, width))] = EDGE


def _interpolate(pixels: Pixels, visible: Bits) -> Pixels:
    """Fill the whole array with a smooth blend of the visible pixels nearby (pull-push pyramid)."""
    height, width = visible.shape
    scale = min(1.0, VEIL_GRID / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    step = max(1, int(1 / scale) // 3)  # nine samples per cell are enough
    # hidden pixels are zeroed before anything is averaged
    weight = visible[::step, ::step]
    cells = np.empty((*weight.shape, 4), np.float32)
    np.multiply(pixels[::step, ::step], weight[..., None], out=cells[..., :3], casting="unsafe")
    cells[..., 3] = weight
    small = cv2.resize(cells, size, interpolation=cv2.INTER_AREA)
    small = small.reshape(size[1], size[0], 4)
    filled = cv2.GaussianBlur(_pull_push(np.asarray(small, np.float32)), (0, 0), 2.0)
    levels = np.clip(np.round(filled), 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(levels, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _pull_push(cells: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Turn h×w×4 (colour times weight, weight) into h×w×3 without gaps; grey where all weights are zero."""
    height, width = cells.shape[:2]
    weight = cells[..., 3:]
    if min(height, width) == 1 or bool((weight >= 0.5).all()):
        total = cells.reshape(-1, 4).sum(axis=0)
        mean = total[:3] / total[3] if total[3] > 1e-6 else np.array(NOTHING_AROUND, np.float32)
        return np.where(weight > 1e-6, cells[..., :3] / np.maximum(weight, 1e-6), mean).astype(np.float32)
    half = cv2.resize(cells, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(_pull_push(np.asarray(half, np.float32)), (width, height), interpolation=cv2.INTER_LINEAR)
    known = np.clip(weight, 0, 1)
    own = cells[..., :3] / np.maximum(weight, 1e-6)
    return (own * known + coarse * (1 - known)).astype(np.float32)


def _rim(shape: Bits, longest: int) -> Bits:
    """Return the inner rim of a shape: two pixels wide, more in large pictures."""
    thickness = max(2, longest // 700)
    padded = np.pad(shape, thickness).astype(np.uint8)
    kernel = np.ones((2 * thickness + 1,) * 2, np.uint8)
    core = cv2.erode(padded, kernel)[thickness:-thickness, thickness:-thickness]
    rim: Bits = shape & ~core.astype(np.bool_)
    return rim
