"""Whether a masked picture shows no more than another of the same pixels: masks only added, crop only tighter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imaging.engine.decode import Pixels
from imaging.engine.masking.paint import STRIP, Bits, hidden_by
from imaging.engine.types import Crop, Mask


@dataclass(frozen=True)
class View:
    """A masked picture: its pixels after the crop, and what was painted and cut off, px of the whole picture."""

    pixels: Pixels
    masks: Sequence[Mask] = ()
    windows: Sequence[Mask] = ()
    crop: Crop | None = None


def visible(view: View, *, height: int, width: int) -> Bits:
    """Return H×W bool of the whole picture: True where the view shows a pixel as it is."""
    bars = [mask for mask in view.masks if mask.style == "bar"]
    veils = [mask for mask in view.masks if mask.style == "veil"]
    hidden = hidden_by(bars, height, width)
    hidden |= hidden_by(veils, height, width) & ~hidden_by(view.windows, height, width)
    x, y, wide, high = view.crop or (0, 0, width, height)
    shown = np.zeros((height, width), np.bool_)
    shown[y : y + high, x : x + wide] = ~hidden[y : y + high, x : x + wide]
    return shown


def shows_no_more(*, before: View, after: View, height: int, width: int) -> bool:
    """Whether every pixel that `after` shows was shown by `before` too, the same in both.

    Both are views of one picture of H×W pixels. Masks and crops say what is shown; the pixels prove it: a view of
    another picture, or one that was painted otherwise than its masks say, is no subset.
    """
    shown = visible(after, height=height, width=width)
    if (shown & ~visible(before, height=height, width=width)).any():
        return False
    if not shown.any():  # all masked: the crops need not even meet
        return True
    (x0, y0), (x1, y1) = ((view.crop or (0, 0))[:2] for view in (before, after))
    left, top = max(x0, x1), max(y0, y1)
    right = min(x0 + before.pixels.shape[1], x1 + after.pixels.shape[1])
    bottom = min(y0 + before.pixels.shape[0], y1 + after.pixels.shape[0])
    if shown.sum() != shown[top:bottom, left:right].sum():  # one of them is smaller than its crop says
        return False
    for row in range(top, bottom, STRIP):
        stop = min(row + STRIP, bottom)
        one = before.pixels[row - y0 : stop - y0, left - x0 : right - x0]
        other = after.pixels[row - y1 : stop - y1, left - x1 : right - x1]
        if (shown[row:stop, left:right] & (one != other).any(axis=2)).any():
            return False
    return True
