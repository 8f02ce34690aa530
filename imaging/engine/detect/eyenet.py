"""A small net of ours that sees single eyes with their lids, at any angle (training/eyes/README.md).

It looks at the whole picture at a few sizes, each in four quarter turns, whose outputs are averaged: an eye may fill
the frame or be a tenth of it. Smaller eyes belong to faces, which RetinaFace finds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.decode import Pixels
from imaging.engine.detect import weights
from imaging.engine.detect.floats import without_subnormals
from imaging.engine.detect.retinaface import make_session

Map = npt.NDArray[np.float32]
SIDES = (96, 160, 256)
"""Longest side (px) of the picture in each view."""
TURNS = (0, 1, 2, 3)
MULTIPLE = 32
GREY = 127
CELL, FINE = 8, 4
"""Strides (px) of centres and mask."""
UNIT = 64.0
"""Half sizes come as logarithms of their share of this (px)."""
FLOOR = 0.05
MOST = 12
"""Peaks kept per view."""
SAME_CENTRE = 0.7
SAME_SIZE = 2.5


@dataclass(frozen=True)
class Spot:
    """One eye as one view sees it: centre, half sizes (px of the picture), angle (degrees).

    score: height of the peak, mean of the turns; least: of the turn that sees it worst; filled: mean of the mask in
    the ellipse; side: of the view.
    """

    centre: tuple[float, float]
    half_length: float
    half_height: float
    angle: float
    score: float
    least: float
    filled: float
    side: int


@dataclass(frozen=True)
class Sight:
    """One eye as all views see it, likeliest first."""

    spots: tuple[Spot, ...]

    @property
    def best(self) -> Spot:
        """Return the spot that is drawn."""
        return self.spots[0]

    def score_at(self, side: int) -> float:
        """Return the best score of views of this side, 0 if unseen there."""
        return max((spot.score for spot in self.spots if spot.side == side), default=0.0)


class EyeNet:
    """The loaded net."""

    def __init__(self) -> None:
        """Load it. Raises DetectorMissing when the file is absent or altered."""
        self._session = make_session(weights.load_own(weights.EYENET))

    def detect(self, picture: Pixels) -> list[Sight]:
        """Return what looks like an eye in an H×W×3 RGB picture, likeliest first."""
        spots = [spot for side in SIDES for spot in self._look(picture, side)]
        return join(spots)

    def _look(self, picture: Pixels, side: int) -> list[Spot]:
        canvas, scale = build_canvas(picture, side)
        masks, regions = [], []
        with without_subnormals():
            for turns in (TURNS[::2], TURNS[1::2]):  # of one shape
                views = np.stack([np.rot90(canvas, turn).transpose(2, 0, 1) for turn in turns])
                blob = views.astype(np.float32) / np.float32(127.5) - np.float32(1)
                for turn, mask, region in zip(turns, *self._session.run(None, {"picture": blob}), strict=True):
                    masks.append(np.rot90(mask[0], -turn))
                    regions.append(turn_back(region, turn))
        return find_spots(_probability(np.stack(masks)).mean(axis=0), np.stack(regions), scale, side)


def build_canvas(picture: Pixels, side: int) -> tuple[Pixels, float]:
    """Return the picture with its longest side `side` px, grey below and beside it, and the scale."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    size = max(CELL, round(width * scale)), max(CELL, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    wide, high = (-(-length // MULTIPLE) * MULTIPLE for length in size)
    canvas = np.full((high, wide, 3), GREY, np.uint8)
    canvas[: size[1], : size[0]] = small
    return canvas, scale


def turn_back(region: Map, turn: int) -> Map:
    """Return the outputs (5×h×w) of a view turned by quarters as those of the upright one; angles turn too."""
    upright = np.rot90(region, -turn, axes=(1, 2)).copy()
    if turn % 2:
        upright[3:] *= -1
    return upright


def _probability(logits: Map) -> Map:
    odds = np.exp(np.clip(logits, -30, 30))
    result: Map = (odds / (1 + odds)).astype(np.float32)
    return result


def find_spots(mask: Map, regions: Map, scale: float, side: int) -> list[Spot]:
    """Return the peaks of one view. mask: 2h×2w, 0 to 1; regions: turns×5×h×w, already turned back."""
    points = _probability(regions[:, 0])
    mean, shape = points.mean(axis=0), regions[:, 1:].mean(axis=0)
    tops = cv2.dilate(mean, np.ones((3, 3), np.uint8))
    near = np.stack([cv2.dilate(np.ascontiguousarray(one), np.ones((3, 3), np.uint8)) for one in points]).min(axis=0)
    rows, columns = np.nonzero((mean >= tops) & (mean >= FLOOR))
    spots = []
    for row, column in sorted(zip(rows, columns, strict=True), key=lambda at: -mean[at])[:MOST]:
        length, height = (UNIT * math.exp(min(max(float(v), -4.0), 2.0)) for v in shape[:2, row, column])
        angle = math.degrees(math.atan2(shape[3, row, column], shape[2, row, column])) / 2
        x, y = (float(column) + 0.5) * CELL, (float(row) + 0.5) * CELL
        cover = np.zeros(mask.shape, np.uint8)
        ellipse = ((x / FINE, y / FINE), (2 * length / FINE, 2 * height / FINE), angle)
        cv2.ellipse(cover, ellipse, 1, -1)
        cover[row * 2, column * 2] = 1
        filled = float(mask[cover > 0].mean())
        score, least = float(mean[row, column]), float(near[row, column])
        centre = x / scale, y / scale
        spots.append(Spot(centre, length / scale, height / scale, angle, score, least, filled, side))
    return spots


def join(spots: Sequence[Spot]) -> list[Sight]:
    """Join spots of several views that are about one eye; likeliest first."""
    groups: list[list[Spot]] = []
    for spot in sorted(spots, key=lambda one: -one.score):
        for group in groups:
            if _is_same(spot, group[0]):
                group.append(spot)
                break
        else:
            groups.append([spot])
    return [Sight(tuple(group)) for group in groups]


def _is_same(one: Spot, other: Spot) -> bool:
    longer, shorter = sorted((one.half_length, other.half_length), reverse=True)
    return math.dist(one.centre, other.centre) < SAME_CENTRE * longer and longer < SAME_SIZE * shorter
