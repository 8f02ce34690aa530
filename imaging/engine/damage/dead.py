"""Detector of a dead end: the flat area that decoders leave below the last block they could read.

It tells of damage that another program has already saved into a sound file. The area begins within a row of blocks:
of that row the right part is dead, and everything below. Margins and letterboxes begin with a whole row.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

BLOCKS = (8, 16, 32, 64)
"""Heights (px) of the blocks of the usual codings; their left edges lie at multiples of 8."""
GRID = 8
TOLERANCE = 2
"""Levels of brightness."""
LEAST_ROWS, LEAST_COLUMNS = 16, 16
ALIVE = 0.1
"""Greatest part of the pixels above and beside the area that may have its colour: a picture, not a drawing."""


def has_dead_end(image: Image.Image) -> bool:
    """Whether a picture, as it is stored, ends in a dead area of at least 16 rows."""
    if image.mode not in ("L", "RGB") or image.height <= LEAST_ROWS:
        return False
    last = np.asarray(image.crop((0, image.height - 1, image.width, image.height)).convert("L"))
    low, high = int(last.min()), int(last.max())
    if high - low > TOLERANCE:
        return False
    grey = np.asarray(image.convert("L"))  # colours of neighbouring blocks are blended
    flat: npt.NDArray[np.bool_] = (grey >= high - TOLERANCE) & (grey <= low + TOLERANCE)
    alive = np.flatnonzero(~flat.all(axis=1))
    first = int(alive[-1]) + 1 if alive.size else 0  # of the rows that are dead from side to side
    if not first or image.height - first < LEAST_ROWS:
        return False
    column = int(np.flatnonzero(~flat[first - 1])[-1]) + 1
    if column % GRID or image.width - column < LEAST_COLUMNS:
        return False
    height = int(np.argmin(np.asarray(flat[:first, column:].all(axis=1))[::-1]))
    if height not in BLOCKS or height == first:
        return False
    above, beside = flat[first - height - 1, column:], flat[first - height : first, :column]
    return bool(max(above.mean(), beside.mean()) < ALIVE)
