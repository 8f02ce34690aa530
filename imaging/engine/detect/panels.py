"""Parts of a long picture in which a face may be: photographs in a chat, pieces of a panorama.

Squeezed into a square view, a long screenshot shows faces where there are only lines of text. So faces are looked for
in pieces of about square shape, and only where there is more than flat colour and lettering.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from imaging.engine.decode import Pixels

Place = tuple[int, int, int, int]
"""Left, top, right, bottom (px)."""

LONG = 3.0
"""A picture whose long side is this many times the short one is looked at in pieces."""
WORK_SHORT = 216
WINDOW, ROUGH = 9, 4.0
"""Side of the window (px of the copy) and least deviation in it (8-bit levels) of what is not flat."""
LETTERING = 19
"""Height (px of the copy) up to which something rough is a line of text."""
SMALLEST_SHARE = 0.15
"""Least side of a piece, as a share of the picture's short side."""
SQUARE, OVERLAP = 1.5, 0.5
"""Length and overlap of pieces, in short sides."""
MOST_PIECES = 10


def is_long(width: int, height: int) -> bool:
    """Whether a picture of this size (px) is too long for one view."""
    return max(width, height) > LONG * min(width, height)


def find_panels(picture: Pixels) -> list[Place]:
    """Return at most `MOST_PIECES` pieces of an H×W×3 picture, in its px, that may be photographs; largest first."""
    short = min(picture.shape[:2])
    scale = min(1.0, WORK_SHORT / short)
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    grey = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY).astype(np.float32)
    mean, squares = (cv2.blur(values, (WINDOW, WINDOW)) for values in (grey, grey * grey))
    rough = (squares - mean * mean > ROUGH**2).astype(np.uint8)
    closed = cv2.morphologyEx(rough, cv2.MORPH_CLOSE, np.ones((WINDOW, WINDOW), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((LETTERING, LETTERING), np.uint8))
    _count, _labels, stats, _centres = cv2.connectedComponentsWithStats(opened, connectivity=4)
    found: list[Place] = []
    for left, top, wide, high, _area in stats[1:].tolist():
        if min(wide, high) >= SMALLEST_SHARE * min(size):
            corners = (left, top, left + wide, top + high)
            x0, y0, x1, y1 = (round(edge / scale) for edge in corners)
            found += cut((x0, y0, min(x1, picture.shape[1]), min(y1, picture.shape[0])))
    return sorted(found, key=lambda one: (one[0] - one[2]) * (one[3] - one[1]))[:MOST_PIECES]


def cut(panel: Place) -> Iterator[Place]:
    """Yield overlapping pieces of about square shape along a panel that is long, or the panel itself."""
    left, top, right, bottom = panel
    wide, high = right - left, bottom - top
    long, short = max(wide, high), max(1, min(wide, high))
    count = 1 if long <= LONG * short else int(np.ceil((long / short - OVERLAP) / (SQUARE - OVERLAP)))
    length = long if count == 1 else round(SQUARE * short)
    for index in range(count):
        start = round(index * (long - length) / max(1, count - 1))
        if wide > high:
            yield left + start, top, left + start + length, bottom
        else:
            yield left, top + start, right, top + start + length
