"""Detector of the seam where a JPEG's colours jump and stay wrong.

Each block's mean is coded as a difference to the one before. After a wrong bit the decoder often finds its step again
without a warning, but from there on every block is too bright, too dark or of another colour, up to the end. So
the upper border of the blocks jumps by one amount along exactly one row of them in reading order, from the damaged
block to the one below it. Edges in pictures do not follow such a step; a whole row's width is an edge, not a seam.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.uint8]
Steps = npt.NDArray[np.float32]

UNITS = {"444": (8, 8), "Gray": (8, 8), "422": (8, 16), "420": (16, 16), "440": (16, 8), "411": (8, 32), "441": (32, 8)}
"""Subsampling: height and width (px) of the unit that holds blocks of all components (MCU)."""
AROUND = 4
"""Rows on either side of a border that its step is measured in."""
LEAST_ROWS, LEAST_COLUMNS = 4, 12
MARGIN = 4
"""Units on either side of the seam's start, to tell it from an edge of the whole width."""
LOUDEST = 30.0
"""Levels to which a step is cut, so that no single edge decides."""
SMALLEST = 2.5
"""Levels: a smaller jump is no harm and may be the coding's own."""
CONSISTENT, CERTAIN = 2.5, 15.0
"""Least ratio of mean and deviation along the seam, and the same times the root of its length."""
FLAT = 0.25
"""Squared levels added to the variance: rounding."""
LIKE, QUIET = 0.6, 0.3
"""Parts of the jump that both pieces of the seam have at least, and the places beside it at most."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def has_seam(levels: Levels, subsampling: str) -> bool:
    """Whether H×W×C levels have a seam. Costs 0.04 s at 12 megapixels."""
    unit = UNITS.get(subsampling)
    if unit is None or levels.shape[0] < unit[0] * (LEAST_ROWS + 1) or levels.shape[1] < unit[1] * LEAST_COLUMNS:
        return False
    return bool(_is_seam(_steps(levels, *unit)).any())


def _steps(levels: Levels, height: int, width: int) -> Steps:
    """Return the jump at each unit's upper border beyond the slope around it: rows, columns, brightness and colours."""
    rows = np.arange(height, levels.shape[0] - AROUND + 1, height)
    columns = levels.shape[1] // width
    around = levels[(rows[:, None] + np.arange(-AROUND, AROUND)).ravel(), : columns * width]
    means = cv2.resize(around, (columns, len(around) // 2), interpolation=cv2.INTER_AREA)
    pairs = means.reshape(len(rows), AROUND, columns, -1).astype(np.float32)
    slopes = np.diff(pairs, axis=1)
    jumps: Steps = np.asarray(slopes[:, 1] - (slopes[:, 0] + slopes[:, 2]) / 2, np.float32)
    if levels.shape[2] == 3:
        luma = jumps @ LUMA
        jumps = np.stack([luma, jumps[..., 2] - luma, jumps[..., 0] - luma], axis=-1)
    return jumps


def _is_seam(steps: Steps) -> npt.NDArray[np.bool_]:
    """Whether a seam begins at each row and column but the outermost, for each of brightness and colours."""
    columns = steps.shape[1]
    cut = np.clip(steps, -LOUDEST, LOUDEST)
    sums, squares = (_running(part) for part in (cut, cut * cut))
    at = slice(MARGIN, columns - MARGIN + 1)
    starts = np.arange(columns + 1)[at, None]
    first, second = sums[:, -1:] - sums[:, at], sums[:, at]  # right of the start, left of it
    along = (first[:-1] + second[1:]) / columns
    square = (squares[:, -1:] - squares[:, at])[:-1] + squares[1:, at]
    certainty = np.abs(along) / np.sqrt(np.maximum(square / columns - along**2, 0) + FLAT)
    beside = np.abs(second[:-1] + first[1:]) / columns
    rows = np.abs(np.pad(sums[:, -1:], ((1, 1), (0, 0), (0, 0)))) / columns
    beside = np.maximum(beside, np.maximum(rows[:-3], rows[3:]))
    size = np.abs(along)
    sign = np.sign(along)
    least = np.minimum(sign * first[:-1] / (columns - starts), sign * second[1:] / starts)
    return (  # type: ignore[no-any-return]
        (size > SMALLEST)
        & (least > LIKE * size)
        & (beside < QUIET * size)
        & (certainty > max(CONSISTENT, CERTAIN / columns**0.5))
    )


def _running(values: Steps) -> Steps:
    """Return sums from the left up to each column, starting with none."""
    return np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0), (0, 0)))
