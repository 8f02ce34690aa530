"""Detection of photographs of a screen, by the moiré between its grid of coloured dots and the camera's sensor.

The moiré leaves sharp peaks in the spectrum at full size: in brightness and, because the dots are coloured, in the
differences between colours. Cloth and brick have the first, hardly ever both. Half-size copies lose them.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.decode import Pixels
from imaging.engine.limits import is_small

Spectrum = npt.NDArray[np.float32]

SIDE, ROWS, COLUMNS = 256, 3, 4
LOW, HIGH = 0.06, 0.48
"""Searched frequencies, cycles per pixel: below are the objects in the picture, above only noise."""
PROMINENCE = 4.0
"""Height (natural logarithm of power) of a peak above the median around it: 4.2 to 10 on most simulated screens,
below 3.5 on 185 photographs; measured in docs/imaging.md."""
NEIGHBOURHOOD = 31
SINE = 0.2
"""Sine of the smallest angle at which two directions count as different."""
DARK = 4
_DOWN, _ACROSS = np.meshgrid(np.arange(SIDE) - SIDE // 2, np.arange(SIDE) - SIDE // 2, indexing="ij")

_WINDOW = np.outer(np.hanning(SIDE), np.hanning(SIDE)).astype(np.float32)


def _searched_frequencies() -> npt.NDArray[np.bool_]:
    """Return SIDE×SIDE bool, zero frequency in the middle: half of the plane, without JPEG's own block frequencies."""
    radius = np.hypot(_DOWN, _ACROSS) / SIDE
    block = SIDE // 8  # blocks of 8 px repeat at multiples of this
    off_block = np.abs((_ACROSS[0] + block // 2) % block - block // 2) > 1
    looked_at: npt.NDArray[np.bool_] = (
        (radius > LOW)
        & (radius < HIGH)
        & (_ACROSS > 1)  # the other half is its mirror image; vertical and horizontal edges lie on the axes
        & (np.abs(_DOWN) > 1)
        & (off_block[:, None] | off_block[None])
    )
    return looked_at


_SEARCHED = _searched_frequencies()


def shows_screen(pixels: Pixels) -> bool:
    """Whether H×W×3 uint8 at full size shows a screen's grid. False for pictures under 800 × 600 px."""
    height, width = pixels.shape[:2]
    if is_small(width, height):
        return False
    down = np.linspace(0, height - SIDE, ROWS).astype(int)
    across = np.linspace(0, width - SIDE, COLUMNS).astype(int)
    tiles = [pixels[y : y + SIDE, x : x + SIDE].astype(np.float32) for y in down for x in across]
    if _second_peak([tile[..., 1] for tile in tiles]) < PROMINENCE:
        return False
    # Shading scales all colours by one factor. Differences of logarithms cancel it (a pale weave); plain differences
    # keep it small where it is dark (a blue suit). Coloured dots stand out in both.
    scales = (tiles, [np.log(tile + DARK) for tile in tiles])
    return any(all(_colour_difference_peak(scale, other) >= PROMINENCE for scale in scales) for other in (0, 2))


def _colour_difference_peak(tiles: list[Spectrum], other: int) -> float:
    """Return the prominence of the second peak in the difference between one colour and green."""
    return _second_peak([tile[..., other] - tile[..., 1] for tile in tiles])


def _second_peak(tiles: list[Spectrum]) -> float:
    """Return the prominence of the mean spectrum's second peak, in another direction than the first.

    A grid has two directions; stripes have one, and its multiples.
    """
    prominence = _prominence(np.mean([_power(tile) for tile in tiles], axis=0))
    y, x = np.unravel_index(int(prominence.argmax()), prominence.shape)
    away = np.abs(_DOWN * (x - SIDE // 2) - _ACROSS * (y - SIDE // 2)) / np.hypot(_DOWN, _ACROSS).clip(1)
    length = float(np.hypot(y - SIDE // 2, x - SIDE // 2))
    return float(prominence[away > length * SINE].max())


def _power(tile: Spectrum) -> Spectrum:
    """Return the power spectrum of one tile, zero frequency in the middle, scaled so that all tiles weigh the same."""
    power = np.abs(np.fft.fftshift(np.fft.fft2((tile - tile.mean()) * _WINDOW))) ** 2
    scaled: Spectrum = (power / (power[_SEARCHED].sum() + 1)).astype(np.float32)
    return scaled


def _prominence(power: Spectrum) -> Spectrum:
    """Return the logarithm of power above its local median; zero outside the searched frequencies."""
    levels = np.log(power + 1e-12)
    low, high = float(levels.min()), float(levels.max())
    # OpenCV computes a median this wide for bytes only; steps of a tenth are fine enough
    coarse = ((levels - low) * (255 / max(high - low, 1e-6))).astype(np.uint8)
    median = cv2.medianBlur(coarse, NEIGHBOURHOOD) * np.float32(max(high - low, 1e-6) / 255) + low
    prominence: Spectrum = np.where(_SEARCHED, levels - median, 0).astype(np.float32)
    return prominence
