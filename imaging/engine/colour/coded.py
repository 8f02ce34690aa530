"""ICC profiles for colour spaces that a file names by number (PNG's cICP, gAMA and cHRM; "nclx" in HEIC and AVIF).

The numbers are codes of ITU-T H.273, or measures of the colours themselves. They become an ICC profile (matrix and
curve), so that one transform serves all. sRGB, and values that every viewer treats as sRGB, need no profile.
"""

from __future__ import annotations

import functools
import struct

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

PRIMARIES = {
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), (0.3127, 0.3290)),  # BT.2020
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),  # DCI-P3
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290)),  # Display P3
}
"""x and y of red, green, blue and white. Codes that are not listed are treated as sRGB."""
SRGB_PRIMARIES = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), (0.3127, 0.3290))
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
SRGB_GAMMA = 1 / 2.2
SAME_GAMMA, SAME_PRIMARY = 0.05, 0.01
"""Tolerances (a share; x or y) within which values count as sRGB: writers round, and sRGB's curve is no power."""
HIGH_DYNAMIC_RANGE = frozenset((16, 18))
"""PQ and HLG: mapping them to a screen's range needs tone mapping, which depends on the scene."""
D50 = np.array([0.9642, 1.0, 0.8249])
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


class NoProfile(Exception):
    """A transfer function that an ICC profile cannot convert to sRGB without tone mapping."""


@functools.cache
def profile_from_codes(primaries: int, transfer: int) -> bytes | None:
    """Return an ICC profile for these H.273 codes, or None for sRGB. Raises NoProfile for PQ and HLG."""
    if transfer in HIGH_DYNAMIC_RANGE:
        raise NoProfile
    if primaries not in PRIMARIES and transfer not in GAMMAS:
        return None
    curve = _parametric_curve(0, GAMMAS[transfer]) if transfer in GAMMAS else _parametric_curve(3, *SRGB_CURVE)
    return _matrix_profile(PRIMARIES.get(primaries, SRGB_PRIMARIES), curve)


@functools.lru_cache(maxsize=16)
def profile_from_measures(gamma: float | None, primaries: tuple[tuple[float, float], ...] | None) -> bytes | None:
    """Return an ICC profile for an encoding exponent (linear light to file) and x, y of red, green, blue and white.

    Either may be missing in the file. None for sRGB, and for values that describe no visible colours.
    """
    curve = _parametric_curve(3, *SRGB_CURVE)
    points = primaries or SRGB_PRIMARIES
    same = bool(np.allclose(points, SRGB_PRIMARIES, rtol=0, atol=SAME_PRIMARY))
    if gamma is not None and abs(gamma / SRGB_GAMMA - 1) > SAME_GAMMA:
        if not 0.1 <= gamma <= 10:
            return None
        curve, same = _parametric_curve(0, 1 / gamma), False
    if same or not all(0 <= x <= 1 and 0 < y <= 1 for x, y in points):
        return None
    try:
        return _matrix_profile(points, curve)
    except (np.linalg.LinAlgError, struct.error):
        return None


def _matrix_profile(primaries: tuple[tuple[float, float], ...], curve: bytes) -> bytes:
    columns = _to_d50(primaries).T
    tags = [(b"wtpt", _xyz(D50))]
    tags += [(name + b"XYZ", _xyz(column)) for name, column in zip((b"r", b"g", b"b"), columns, strict=True)]
    tags += [(name + b"TRC", curve) for name in (b"r", b"g", b"b")]
    return _icc_file(tags)


def _to_d50(primaries: tuple[tuple[float, float], ...]) -> Matrix:
    """Return the matrix (3×3) from linear RGB to XYZ under D50, adapted by Bradford's method."""
    *colours, white = (np.array([x / y, 1.0, (1 - x - y) / y]) for x, y in primaries)
    columns = np.stack(colours, axis=1)
    adapted = BRADFORD @ D50 / (BRADFORD @ white)
    scaled = columns * np.linalg.solve(columns, white)
    result: Matrix = np.linalg.inv(BRADFORD) @ np.diag(adapted) @ BRADFORD @ scaled
    return result


def _fixed_point(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: Matrix) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed_point(value) for value in values)


def _parametric_curve(kind: int, *values: float) -> bytes:
    """Build a "para" tag: kind 0 is a power, kind 3 a power with a linear segment near black."""
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + b"".join(_fixed_point(value) for value in values)


def _icc_file(tags: list[tuple[bytes, bytes]]) -> bytes:
    """Join header, tag table and tags (ICC.1:2010, 7). Every tag body here is a multiple of four bytes long."""
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"", 0x04200000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + _xyz(D50)[8:]
    return head.ljust(128, b"\0") + table + body
