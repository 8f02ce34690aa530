"""Warnings about a picture that colleagues could not judge well, by code; `messages.ADVICE` has the sentences."""

from __future__ import annotations

import cv2
import numpy as np

from imaging.engine.decode import Picture, Pixels
from imaging.engine.limits import is_small
from imaging.engine.messages import advice_for
from imaging.engine.output.encode import shrink
from imaging.engine.quality.screen import shows_screen
from imaging.engine.types import INSTRUMENTS, PictureType

WORK_SIDE, CAST_SIDE = 1024, 256
SHARP_VARIANCE = 25.0
"""Least variance of the Laplacian (8-bit grey at 1024 px) in the sharpest tenth of tiles."""
DARK, BRIGHT, BURNT_SHARE, CAST = 45, 250, 0.08, 45
BLOCKINESS = 1.6


def find_warnings(picture: Picture, large: Pixels, picture_type: PictureType | None = None) -> list[str]:
    """Return codes of `messages.ADVICE`, most important first; large is a reduced copy of the pixels.

    Through an instrument neither daylight nor distance is anybody's choice: `messages.advice_for` knows.
    """
    pixels = shrink(large, WORK_SIDE)
    height, width = picture.pixels.shape[:2]
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    checks = (
        ("small", is_small(width, height)),
        ("blurred", _sharpness(grey) < SHARP_VARIANCE),
        ("dark", float(np.percentile(grey, 75)) < DARK),
        ("bright", float((cv2.inRange(pixels, (BRIGHT,) * 3, (255,) * 3) > 0).mean()) > BURNT_SHARE),
        ("colour_cast", _cast(shrink(pixels, CAST_SIDE)) > CAST),
        ("screen", shows_screen(picture.pixels)),
        ("compressed", picture.kind == "jpeg" and _blockiness(picture.pixels) > BLOCKINESS),
    )
    return advice_for([code for code, wrong in checks if wrong], instrument=picture_type in INSTRUMENTS)


def _sharpness(grey: Pixels) -> float:
    """Return the Laplacian's variance in the sharpest tenth of an 8 by 8 grid: a lesion in focus is enough."""
    edges = cv2.Laplacian(grey, cv2.CV_32F)
    rows = np.array_split(edges, 8)
    tiles = [float(tile.var()) for row in rows for tile in np.array_split(row, 8, axis=1) if tile.size]
    return float(np.percentile(tiles, 90))


def _cast(pixels: Pixels) -> float:
    """Return how far the brightest areas lean to green, blue or magenta; skin itself leans to red and yellow."""
    levels = pixels.reshape(-1, 3).astype(np.float32)
    light = levels[levels.sum(axis=1) >= np.percentile(levels.sum(axis=1), 90)].mean(axis=0)
    red, green, blue = (float(level) for level in light)
    return max(green - red, blue - red, blue - green, (red + blue) / 2 - green)


def _blockiness(pixels: Pixels) -> float:
    """Return the ratio of steps across the borders of 8×8 blocks to steps inside them (1 = no blocks visible)."""
    luma = pixels[::4, :, 1].astype(np.int16)
    steps = np.abs(np.diff(luma, axis=1)).mean(axis=0)
    if steps.size < 64:
        return 1.0
    at_border = np.arange(steps.size) % 8 == 7
    return float(steps[at_border].mean() / (steps[~at_border].mean() + 0.5))
