"""Colours in linear RGB: skin tones, chromophores and stains, and how light passes through them."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Field: TypeAlias = NDArray[np.float32]
# Sums of fields may be float64 or float32; functions take either and return float32 fields.
Amount: TypeAlias = NDArray[np.floating[Any]]
Rgb: TypeAlias = NDArray[np.uint8]

# Skin under soft daylight for Monk 1-10. The Monk swatches themselves are matte and greenish on a
# screen; these keep their order and spacing but add the warmth that blood gives to living skin.
_MONK_SRGB: Final = (
    (234, 205, 190),
    (227, 193, 174),
    (219, 182, 155),
    (206, 166, 136),
    (194, 150, 118),
    (163, 118, 88),
    (131, 91, 68),
    (101, 69, 54),
    (74, 50, 41),
    (55, 38, 33),
)


def _vector(*values: float) -> Field:
    return np.array(values, np.float32)


# Absorption per unit of chromophore in R, G, B. Only the ratios matter: melanin falls off steeply
# towards red, haemoglobin spares red, pigment deep in the dermis looks blue because the light that
# returns from above it has lost its red (Tyndall effect).
MELANIN: Final = _vector(0.62, 1.0, 1.45)
DERMAL_PIGMENT: Final = _vector(1.25, 0.92, 0.62)
BLOOD: Final = _vector(0.17, 1.0, 0.90)
PURPLE_BLOOD: Final = _vector(0.62, 1.05, 0.72)

# Optical density per unit of stain (Beer-Lambert), R, G, B.
HAEMATOXYLIN: Final = _vector(0.78, 0.86, 0.34)
EOSIN: Final = _vector(0.07, 0.66, 0.22)
PAS_MAGENTA: Final = _vector(0.18, 0.95, 0.30)
DAB: Final = _vector(0.42, 0.82, 1.25)
MELANIN_GRAIN: Final = _vector(0.75, 1.1, 1.6)


def to_linear(srgb: Rgb | Amount | tuple[float, ...]) -> Field:
    """Convert sRGB 0-255 to linear light 0-1, any shape."""
    x = np.asarray(srgb, np.float32) / np.float32(255)
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4).astype(np.float32)


_CODE: Final = np.arange(4097, dtype=np.float32) / 4096
_SRGB_OF_LINEAR: Final = np.rint(
    255 * np.where(_CODE <= 0.0031308, 12.92 * _CODE, 1.055 * _CODE ** (1 / 2.4) - 0.055)
).astype(np.uint8)


def to_srgb(linear: Amount) -> Rgb:
    """Convert linear light to uint8 sRGB, same H×W×3 shape; highlights roll off instead of clipping."""
    knee = np.float32(0.72)
    out = np.empty(linear.shape, np.uint8)
    for channel in range(linear.shape[2]):
        plane = np.ascontiguousarray(linear[..., channel])
        excess = np.maximum(plane - knee, 0)
        if excess.any():
            plane = np.minimum(plane, knee) + (1 - knee) * excess / (excess + (1 - knee))
        np.maximum(plane, 0, out=plane)
        plane *= 4096
        plane += 0.5
        out[..., channel] = _SRGB_OF_LINEAR[np.minimum(plane, 4096).astype(np.uint16)]
    return out


def skin_tone(monk: int) -> Field:
    """Return linear RGB (3,) of skin without lesions for Monk 1-10. Raises ValueError outside that scale."""
    if not 1 <= monk <= len(_MONK_SRGB):
        message = f"Monk tone must be 1 to 10, not {monk}"
        raise ValueError(message)
    return to_linear(_MONK_SRGB[monk - 1])


def erythema(monk: int) -> Field:
    """Return the absorption (3,) of inflamed skin: red on fair skin, violaceous to grey-brown on dark skin."""
    share = np.float32(np.clip((monk - 4) / 5, 0, 1))
    return BLOOD * (1 - share) + PURPLE_BLOOD * share


def absorb(base: Field, *layers: tuple[Amount, Field]) -> Field:
    """Return the light H×W×3 left after each (amount H×W, absorption (3,)) layer over `base` ((3,) or H×W×3)."""
    present = [(amount, vector) for amount, vector in layers if amount.any()]
    height, width = layers[0][0].shape
    out = np.empty((height, width, 3), np.float32)
    # One plane at a time: several times quicker than broadcasting over a last axis of three.
    for channel in range(3):
        density = np.zeros((height, width), np.float32)
        for amount, vector in present:
            density -= amount * vector[channel]
        np.exp(density, out=density)
        density *= base[..., channel]
        out[..., channel] = density
    return out


def over(below: Amount, above: Amount, cover: Amount) -> Field:
    """Composite `above` (H×W×3 or (3,)) over `below` H×W×3 where `cover` H×W is 1; return a new field."""
    share = np.clip(cover, 0, 1)
    above = np.broadcast_to(above, below.shape)
    out = below.astype(np.float32)
    rows, columns = np.flatnonzero(share.any(1)), np.flatnonzero(share.any(0))
    if not rows.size:
        return out
    at = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    part = share[at]
    for channel in range(3):
        out[at][..., channel] += (above[at][..., channel] - below[at][..., channel]) * part
    return out


def shade(light: Field, factor: Amount) -> None:
    """Multiply H×W×3 light by a factor H×W, in place."""
    for channel in range(3):
        light[..., channel] *= factor
