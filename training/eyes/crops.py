"""Training crops, cut and disturbed from portraits: single eyes, eyes cut by the border, pairs, faces, and none.

An eye with its lids is an ellipse about the eye, half axes 0.30 and 0.19 eye distances.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.eyes import paint
from training.eyes.disturb import disturb, tint
from training.eyes.portraits import Pixels, Portrait, Portraits, Vector

cv2.setNumThreads(1)
SIZE = 160
STRIDE = 4
HALF_LENGTH, HALF_HEIGHT = 0.30, 0.19
FISSURE = 0.5
"""Length of the visible eye in eye distances: what a share of the frame refers to."""
MOST_ENLARGED = 3.2
SHARP = 0.045
"""Most blur as a share of the eye's length: beyond, nobody recognises an eye."""
ROOM = 0.36
"""Distance between an eye's centre and a crop without eyes, in eye distances."""
LEAST_SEEN = 0.3
"""Share of an eye that must show for a centre to be asked for."""
KINDS = {"close": 0.24, "cut": 0.11, "pair": 0.06, "face": 0.05, "part": 0.28, "stuff": 0.1, "skin": 0.13, "away": 0.03}
"""Share of each kind of crop; the last four show no eye."""
Way = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Crop:
    """One crop: SIZE×SIZE×3; mask SIZE/4×SIZE/4, 0 to 255; regions 2×6.

    Of a region: x, y, half length, half height (px), cosine and sine of twice the angle; all zeros without an
    eye.
    """

    image: Pixels
    mask: Pixels
    regions: npt.NDArray[np.float32]


class Maker:
    """Makes crops of one part of the portraits; pictures are RGB without eyes."""

    def __init__(self, portraits: Portraits, pictures: Sequence[Pixels], size: int = SIZE) -> None:
        self._portraits, self._pictures, self._size = portraits, list(pictures), size

    def make(self, rng: np.random.Generator, kind: str = "") -> Crop:
        """Return one crop of a kind, or of any."""
        kind = kind or str(rng.choice(list(KINDS), p=list(KINDS.values())))
        size = self._size
        ellipses: list[cv2.typing.RotatedRect] = []
        if kind in ("close", "cut", "pair", "face"):
            image, ellipses = self._with_eyes(kind, rng)
        elif kind in ("part", "away"):
            image = self._part(rng, away=kind == "away")
        elif kind == "stuff" and self._pictures:
            image = self._stuff(rng)
        else:
            image = paint.skin(size, rng)
        covers = [cv2.ellipse(np.zeros((size, size), np.float32), e, 1.0, -1) for e in ellipses]
        mask = np.clip(sum(covers, np.zeros((size, size), np.float32)), 0, 1).astype(np.float32)
        _decorate(image, mask, kind, rng)
        _cover(image, mask, ellipses, rng)
        blur = min([3.2, *(SHARP * e[1][0] for e in ellipses)])
        disturbed = disturb(image, rng, blur)
        if rng.random() < 0.3:
            _pad(disturbed, mask, rng)
        regions = np.zeros((2, 6), np.float32)
        for row, ellipse, cover in zip(regions, ellipses, covers, strict=False):
            row[:] = _region(ellipse, cover, mask)
        small = cv2.resize(mask, (size // STRIDE, size // STRIDE), interpolation=cv2.INTER_AREA)
        return Crop(disturbed, (small * 255).astype(np.uint8), regions)

    def _with_eyes(self, kind: str, rng: np.random.Generator) -> tuple[paint.Image, list[cv2.typing.RotatedRect]]:
        row = self._portraits.pick(rng)
        size, d, along = self._size, row.distance, row.along
        down = np.array([-along[1], along[0]])
        angle = _any_angle(rng)
        eye = row.eyes[rng.integers(2)]
        if kind in ("close", "cut"):
            most = max(0.22, min(1.0, MOST_ENLARGED * FISSURE * d / size))
            side = FISSURE * d / math.exp(rng.uniform(math.log(0.12), math.log(most)))
            centre = eye + rng.normal(0, 0.13, 2) * side
            if kind == "cut":
                centre = eye + _towards_border(angle, side, rng.uniform(-0.2, 0.12) * d, rng)
        elif kind == "pair":
            side = d * rng.uniform(1.3, 2.5)
            centre = row.eyes.mean(0) + rng.normal(0, 0.15, 2) * side
        else:
            side = d * rng.uniform(2.5, 5.5)
            centre = row.eyes.mean(0) + down * d * 0.5 + rng.normal(0, 0.17, 2) * side
        image, way = self._cut(row, centre, side, angle, rng, _lids(row, rng))
        scale = size / side
        ellipses = []
        for x in row.eyes:
            at, line = way[:, :2] @ x + way[:, 2], way[:, :2] @ along
            turn = math.degrees(math.atan2(line[1], line[0]))
            ellipses.append(
                ((float(at[0]), float(at[1])), (2 * HALF_LENGTH * d * scale, 2 * HALF_HEIGHT * d * scale), turn)
            )
        return image, ellipses

    def _part(self, rng: np.random.Generator, *, away: bool = False) -> paint.Image:
        """Return a part of a face without eyes: nostrils, lips, ears, neck, brow, hair; away: cloth and background."""
        for _ in range(20):
            row = self._portraits.pick(rng)
            d, along, eyes = row.distance, row.along, row.eyes
            down, middle, angle = np.array([-along[1], along[0]]), eyes.mean(0), _any_angle(rng)
            smallest = self._size / MOST_ENLARGED
            side = max(smallest, d * math.exp(rng.uniform(math.log(0.35), math.log(2.4))))
            if away:
                centre = rng.uniform(0, 1, 2) * (row.shape[1], row.shape[0])
            else:
                spots = (
                    *((0.0, 0.65), (0.0, 0.75), (0.17, 0.7), (-0.17, 0.7), (0.0, 1.1), (0.0, 1.1), (0.35, 1.1)),
                    *((-0.35, 1.1), (0.0, -0.8), (1.2, 0.4), (-1.2, 0.4), (0.5, 0.75), (-0.5, 0.75), (0.0, 1.6)),
                    *((0.0, 2.1), (0.0, -1.2), (0.55, -0.5), (-0.55, -0.5)),
                )
                right, below = spots[rng.integers(len(spots))]
                centre = middle + along * right * d + down * below * d + rng.normal(0, 0.17, 2) * d
            spread = abs(math.cos(angle)) + abs(math.sin(angle))
            nearest = min(float(np.abs(x - centre).max()) for x in eyes)
            if nearest < side / 2 * spread + ROOM * d:  # make it smaller until no eye shows
                side = 2 * (nearest - ROOM * d) / spread
            if side >= max(0.2 * d, self._size / 4.5):
                return self._cut(row, centre, side, angle, rng, [])[0]
        return paint.skin(self._size, rng)

    def _stuff(self, rng: np.random.Generator) -> paint.Image:
        picture = self._pictures[rng.integers(len(self._pictures))]
        height, width = picture.shape[:2]
        least = max(40.0, min(height, width) / 5)
        side = math.exp(rng.uniform(math.log(least), math.log(1.1 * max(height, width))))
        centre = np.array([_within(side, width, rng), _within(side, height, rng)])
        way = _way(centre, side, _any_angle(rng), rng.random() < 0.5, self._size)
        return _warp(picture, way, self._size, rng, [])

    def _cut(
        self, row: Portrait, centre: Vector, side: float, angle: float, rng: np.random.Generator, lids: list[Lid]
    ) -> tuple[paint.Image, Way]:
        way = _way(centre, side, angle, rng.random() < 0.5, self._size)
        image = _warp(self._portraits.pixels(row), way, self._size, rng, lids)
        if not row.colour and rng.random() < 0.85:
            image = tint(image, rng)
        return image, way


@dataclass(frozen=True)
class Lid:
    """How the lids of one eye are changed: eye (px), line of the eyes, eye distance; squeeze 0 to 2, closed 0 to 1."""

    eye: Vector
    along: Vector
    distance: float
    squeeze: float
    closed: float
    lash: float


def _lids(row: Portrait, rng: np.random.Generator) -> list[Lid]:
    p = rng.random()
    if p < 0.5:
        return []
    squeeze = float(rng.uniform(0.2, 2)) if p < 0.72 else 0.0
    closed = float(rng.uniform(0.35, 1.0) if rng.random() < 0.4 else rng.uniform(0.85, 1.05)) if p >= 0.72 else 0.0
    lids = [
        Lid(x, row.along, row.distance, squeeze, closed, float(rng.uniform(0.1, 0.9)))
        for x in row.eyes + rng.normal(0, 0.015, 2) * row.distance
    ]
    return lids if rng.random() < 0.7 else [lids[rng.integers(2)]]


def _any_angle(rng: np.random.Generator) -> float:
    if rng.random() < 0.5:
        return float(rng.uniform(-math.pi, math.pi))
    return float(rng.integers(4) * math.pi / 2 + rng.normal(0, 0.25))


def _within(side: float, length: float, rng: np.random.Generator) -> float:
    return float(rng.uniform(side / 2, length - side / 2)) if side < length else length / 2


def _towards_border(angle: float, side: float, over: float, rng: np.random.Generator) -> Vector:
    """Return the way from an eye to a crop's centre that puts the eye on the border, `over` px inside of it."""
    a = rng.uniform(0, 2 * math.pi)
    away = (side / 2 + over) / max(abs(math.cos(a)), abs(math.sin(a)))
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    shift: Vector = turn @ (np.array([math.cos(a), math.sin(a)]) * away)
    return shift


def _way(centre: Vector, side: float, angle: float, mirror: bool, size: int) -> Way:
    """Return the transform (2×3) from px of a portrait to px of a crop."""
    scale = size / side
    c, s = math.cos(angle) * scale, math.sin(angle) * scale
    turn = np.array([[c, -s], [s, c]])
    if mirror:
        turn = np.diag([-1.0, 1.0]) @ turn
    return np.hstack([turn, (size / 2 - turn @ centre)[:, None]])


def _warp(pixels: Pixels, way: Way, size: int, rng: np.random.Generator, lids: Sequence[Lid]) -> paint.Image:
    back = cv2.invertAffineTransform(way)
    x, y = paint.grid(size)
    u = (back[0, 0] * (x + 0.5) + back[0, 1] * (y + 0.5) + back[0, 2]).astype(np.float32)
    v = (back[1, 0] * (x + 0.5) + back[1, 1] * (y + 0.5) + back[1, 2]).astype(np.float32)
    shade = np.ones((size, size), np.float32)
    for lid in lids:
        _close(u, v, shade, lid)
    # only the window that is needed, reduced first against aliasing
    low = np.clip(np.floor([u.min() - 2, v.min() - 2]), 0, [pixels.shape[1] - 2, pixels.shape[0] - 2]).astype(int)
    high = np.clip(np.ceil([u.max() + 3, v.max() + 3]), low + 2, [pixels.shape[1], pixels.shape[0]]).astype(int)
    window = pixels[low[1] : high[1], low[0] : high[0]]
    factor = min(1.0, 1.2 * float(np.hypot(way[0, 0], way[1, 0])))
    if factor < 0.8:
        window = cv2.resize(window, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    else:
        factor = 1.0
    border = cv2.BORDER_REPLICATE if rng.random() < 0.5 else cv2.BORDER_CONSTANT
    fill = tuple(float(value) for value in rng.integers(0, 256, 3))
    at_x, at_y = (((a - b) * factor - 0.5).astype(np.float32) for a, b in zip((u, v), low, strict=True))
    image = cv2.remap(np.ascontiguousarray(window), at_x, at_y, cv2.INTER_LINEAR, borderMode=border, borderValue=fill)
    return (image * shade[..., None]).astype(np.float32)


def _close(u: paint.Image, v: paint.Image, shade: paint.Image, lid: Lid) -> None:
    """Change where pixels come from, so that lids are narrowed or closed, and darken the line of lashes; in place."""
    d, (ax, ay) = np.float32(lid.distance), lid.along.astype(np.float32)
    dx, dy = u - np.float32(lid.eye[0]), v - np.float32(lid.eye[1])
    p, q = (dx * ax + dy * ay) / d, (dy * ax - dx * ay) / d
    if lid.squeeze:
        push = q * np.float32(lid.squeeze) * np.exp(-((q / 0.13) ** 2) - (p / 0.3) ** 4)
    else:
        arch = np.clip(1 - (p / 0.27) ** 2, 0, None)
        top, bottom = -0.1 * arch, 0.055 * arch
        edge = top + np.float32(lid.closed) * (bottom - top)
        over = (q > top) & (q < edge) & (arch > 0)
        push = np.where(over, (top - (q - top) * np.float32(0.45)) - q, 0).astype(np.float32)
        thick = np.float32(0.012 + 0.012 * lid.lash)
        line = np.exp(-(((q - edge) / thick) ** 2)) * (arch > 0.02)
        shade *= 1 - np.float32(lid.lash) * line.astype(np.float32)
    u -= push * ay * d
    v += push * ax * d


def _decorate(image: paint.Image, mask: paint.Image, kind: str, rng: np.random.Generator) -> None:
    """Paint lesions, folds and hairs, in place; on eyes mostly on and beside the lids."""
    eye = bool(mask.any())
    share = {"skin": 0.5, "part": 0.12, "stuff": 0.05}.get(kind, 0.0)
    if rng.random() < share:
        paint.plaque(image, rng)
    if rng.random() < {"skin": 0.35, "part": 0.08}.get(kind, 0.03):
        paint.fold(image, rng)
    if rng.random() < (0.35 if eye or kind == "stuff" else 0.5):
        ys, xs = np.nonzero(mask > 0.2)
        for _ in range(int(rng.integers(1, 5))):
            near = None
            if len(xs) and rng.random() < 0.7:
                k, push = rng.integers(len(xs)), rng.uniform(0.8, 1.7)
                middle = np.array([xs.mean(), ys.mean()])
                spot = middle + (np.array([xs[k], ys[k]]) - middle) * push + rng.normal(0, 3, 2)
                near = float(spot[0]), float(spot[1])
            paint.lesion(image, rng, near, rings=0.1 if eye else 0.4)
    if not eye and kind != "stuff" and rng.random() < 0.12:
        at = rng.uniform(0.2, 0.8, 2) * image.shape[0]
        paint.umbilicated(image, rng, (at[0], at[1]), image.shape[0] * rng.uniform(0.04, 0.3))
    if rng.random() < (0.3 if kind == "skin" else 0.08):
        paint.hairs(image, rng)


def _cover(
    image: paint.Image, mask: paint.Image, ellipses: Sequence[cv2.typing.RotatedRect], rng: np.random.Generator
) -> None:
    """Lay things over a part, in place."""
    size = image.shape[0]
    p = rng.random()
    if p < 0.17:
        paint.occlude(image, mask, rng)
    elif p < 0.24:
        at, reach = tuple(rng.uniform(0.25, 0.75, 2) * size), size * rng.uniform(0.15, 0.45)
        shown = [e for e in ellipses if 0 < e[0][0] < size and 0 < e[0][1] < size]
        if shown and rng.random() < 0.9:
            at = shown[rng.integers(len(shown))][0]
            reach = min(max(shown[0][1]) * rng.uniform(0.6, 1.1), size * 0.6)
        paint.drape(image, mask, rng, (float(at[0]), float(at[1])), reach)


def _pad(image: Pixels, mask: paint.Image, rng: np.random.Generator) -> None:
    """Make the picture oblong, with grey beside it, as views are; in place."""
    size = image.shape[0]
    keep = int(size * rng.uniform(0.55, 0.95))
    start = int(rng.integers(0, size - keep + 1))
    image, mask = (image, mask) if rng.random() < 0.5 else (image.transpose(1, 0, 2), mask.T)
    for part in (np.s_[:start], np.s_[start + keep :]):
        image[part], mask[part] = 127, 0


def _region(ellipse: cv2.typing.RotatedRect, cover: paint.Image, mask: paint.Image) -> Vector:
    """Return centre of the visible part, half sizes (px) and twice the angle of an eye, or zeros where little shows."""
    (_, (length, height), turn) = ellipse
    shown = cover * mask
    total = float(shown.sum())
    if total < LEAST_SEEN * math.pi / 4 * length * height:
        return np.zeros(6)
    x, y = paint.grid(cover.shape[0])
    double = math.radians(2 * turn)
    at_x, at_y = float((shown * x).sum()) / total + 0.5, float((shown * y).sum()) / total + 0.5
    return np.array([at_x, at_y, length / 2, height / 2, math.cos(double), math.sin(double)])
