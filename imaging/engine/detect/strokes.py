"""Search for places where small text may be, without a net: fine strokes of one size in a row.

A net over a whole 2,560 px copy costs 1.5 s; over these places, whose area is bounded, a third at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.decode import Pixels
from imaging.engine.detect.lines import Line
from imaging.engine.detect.panels import Place

STROKE = 9
"""Strokes are narrower than this, px."""
CONTRAST = 18
"""Least height of a stroke above its surroundings, 8-bit levels."""
LETTER = 5, 40
"""Heights of letters, px; larger ones are seen in the reduced view."""
WIDEST = 25
"""Greatest width of letters that hang together, in their height."""
REACH = 1.2
"""Distance to the next letter, in heights of the letter."""
FEWEST = 4
"""Letters in a row."""
MARGIN = 24


def find_places(picture: Pixels, known: Sequence[Line]) -> list[tuple[Place, int]]:
    """Return places (px) in an H×W×3 picture outside known lines, with the number of letters, most first."""
    raw = _strokes(picture)
    for box in (box for line in known for box in line.boxes):
        cv2.fillConvexPoly(raw, box.round().astype(np.int32), 0)
    count, _labels, stats, centres = cv2.connectedComponentsWithStats(raw, connectivity=8)
    boxes = stats[1:count]
    long, short = np.maximum(boxes[:, 2], boxes[:, 3]), np.minimum(boxes[:, 2], boxes[:, 3])
    letters = (long >= LETTER[0]) & (short <= LETTER[1]) & (boxes[:, 4] >= 6)
    letters &= (long <= 2 * LETTER[1]) | ((short >= LETTER[0]) & (long <= WIDEST * short))
    counts = np.maximum(1, long // np.maximum(short, LETTER[0]))
    return _rows(boxes[letters], centres[1:count][letters], counts[letters], raw.shape)


def has_strokes(picture: Pixels) -> bool:
    """Whether there is anything in a picture that could be text: it is not blank."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    kernel = np.ones((STROKE, STROKE), np.uint8)
    steps = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, kernel)
    return int(np.count_nonzero(steps >= CONTRAST)) >= STROKE**2


def _strokes(picture: Pixels) -> Pixels:
    """Return 1 where a fine stroke is, dark or light."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (3, 3), 0)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (STROKE, STROKE))
    found = np.zeros(grey.shape, np.uint8)
    for way in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):
        found |= (cv2.morphologyEx(grey, way, kernel) >= CONTRAST).astype(np.uint8)
    found[:STROKE], found[-STROKE:], found[:, :STROKE], found[:, -STROKE:] = 0, 0, 0, 0
    return found


def _rows(
    boxes: npt.NDArray[Any],
    centres: npt.NDArray[Any],
    counts: npt.NDArray[Any],
    shape: tuple[int, ...],
) -> list[tuple[Place, int]]:
    """Join letters that are near each other into places and count them."""
    linked = np.zeros(shape, np.uint8)
    for left, top, wide, high, _area in boxes.tolist():
        reach = round(REACH * min(max(wide, high), LETTER[1]))
        cv2.rectangle(linked, (left - reach, top - 1), (left + wide + reach, top + high + 1), 1, -1)
    _count, labels, stats, _centres = cv2.connectedComponentsWithStats(linked, connectivity=4)
    rows, columns = centres[:, 1].astype(int), centres[:, 0].astype(int)
    members = np.bincount(labels[rows, columns], counts, len(stats))
    found = []
    for row in np.argsort(-members).tolist():
        if row and members[row] >= FEWEST:
            left, top, wide, high = (int(value) for value in stats[row][:4])
            place = (
                max(0, left - MARGIN),
                max(0, top - MARGIN),
                min(shape[1], left + wide + MARGIN),
                min(shape[0], top + high + MARGIN),
            )
            found.append((place, int(members[row])))
    return found
