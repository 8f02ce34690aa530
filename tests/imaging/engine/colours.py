"""Colour science for tests and benchmarks, apart from the engine's: ICC profiles written by hand, what their
numbers mean in floating point, and how far apart two colours look.

Sources: ICC.1:2001-04 and ICC.1:2010 (profiles), IEC 61966-2-1 (sRGB), SMPTE EG 432-1 (P3 primaries), Adobe RGB
(1998) Color Image Encoding, CIE 142-2001 and Sharma, Wu, Dalal 2005 (CIEDE2000).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

D50 = np.array([0.9642, 1.0, 0.8249])
CONE = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290))
P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290))
ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), (0.3127, 0.3290))
MONITOR = ((0.652, 0.331), (0.305, 0.618), (0.149, 0.053), (0.3059, 0.3209))
"""x, y of red, green, blue, white; the last as a calibration of a tired office screen finds them."""

Curve = Callable[[np.ndarray], np.ndarray]


def matrix(primaries: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Linear RGB to XYZ as seen under D50 (3×3, Bradford)."""
    white_x, white_y = primaries[3]
    white = np.array([white_x / white_y, 1, (1 - white_x - white_y) / white_y])
    columns = np.array([[x, y, 1 - x - y] for x, y in primaries[:3]]).T
    columns = columns * (np.linalg.inv(columns) @ white)
    gain = np.diag((CONE @ D50) / (CONE @ white))
    return np.linalg.inv(CONE) @ gain @ CONE @ columns


def srgb_light(levels: np.ndarray) -> np.ndarray:
    """sRGB's curve, 0..1 to linear light."""
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def srgb_levels(light: np.ndarray) -> np.ndarray:
    """Linear light to sRGB's levels, cut to 0..1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def power(gamma: float) -> Curve:
    return lambda levels: levels**gamma


def tired(gamma: float, knee: float) -> Curve:
    """A curve as measured: a power with a bend in it, black and white in place."""
    return lambda levels: np.clip(levels**gamma + knee * levels * (1 - levels) ** 3, 0, 1)


@dataclass(frozen=True)
class Space:
    """What an RGB picture's numbers mean: primaries and one curve a channel; and how its profile says so."""

    name: str
    primaries: tuple[tuple[float, float], ...]
    curves: tuple[Curve, Curve, Curve]
    bodies: tuple[bytes, bytes, bytes]
    version: int = 2
    table: bool = False  # a lookup table to Lab instead of a matrix

    def light(self, pixels: np.ndarray) -> np.ndarray:
        """…×3 uint8 to linear light."""
        levels = pixels / 255.0
        return np.stack([curve(levels[..., n]) for n, curve in enumerate(self.curves)], axis=-1)

    def srgb(self, pixels: np.ndarray) -> np.ndarray:
        """…×3 uint8 to the levels (0..255, not rounded) that show the same colour in sRGB."""
        to_srgb = np.linalg.inv(matrix(SRGB)) @ matrix(self.primaries)
        return 255 * srgb_levels(self.light(pixels) @ to_srgb.T)

    def profile(self) -> bytes:
        """Its ICC profile."""
        tags = {b"desc": _name(self.name, self.version), b"cprt": _words(b"none", self.version), b"wtpt": _xyz(D50)}
        if self.table:
            tags[b"A2B0"] = self._grid()
        else:
            columns = matrix(self.primaries).T
            tags |= {name + b"XYZ": _xyz(column) for name, column in zip((b"r", b"g", b"b"), columns, strict=True)}
            tags |= {name + b"TRC": body for name, body in zip((b"r", b"g", b"b"), self.bodies, strict=True)}
        return _file(tags, self.version, b"Lab " if self.table else b"XYZ ")

    def _grid(self, side: int = 33) -> bytes:
        """lut16Type: device levels through a grid to Lab, without further curves."""
        steps = np.linspace(0, 1, side)
        levels = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
        light = np.stack([curve(levels[..., n]) for n, curve in enumerate(self.curves)], axis=-1)
        values = lab(light @ matrix(self.primaries).T)
        coded = np.stack([values[..., 0] * 652.8, (values[..., 1] + 128) * 256, (values[..., 2] + 128) * 256], axis=-1)
        straight = np.array([0, 65535], ">u2").tobytes() * 3
        head = b"mft2\0\0\0\0" + bytes([3, 3, side, 0]) + b"".join(_fixed(v) for v in np.eye(3).ravel())
        return head + struct.pack(">HH", 2, 2) + straight + np.round(coded).astype(">u2").tobytes() + straight


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: np.ndarray) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in values)


def gamma_curve(gamma: float) -> bytes:
    """curveType with one number."""
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def table_curve(curve: Curve, count: int = 1024) -> bytes:
    """curveType with a table."""
    values = np.round(curve(np.linspace(0, 1, count)) * 65535).astype(">u2")
    return b"curv\0\0\0\0" + struct.pack(">I", count) + values.tobytes()


def parametric_curve(kind: int, *values: float) -> bytes:
    """parametricCurveType."""
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + b"".join(_fixed(value) for value in values)


def _words(text: bytes, version: int) -> bytes:
    if version == 2:
        return b"text\0\0\0\0" + text + b"\0"
    return (
        b"mluc\0\0\0\0"
        + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2 * len(text), 28)
        + text.decode().encode("utf-16-be")
    )


def _name(text: str, version: int) -> bytes:
    if version == 4:
        return _words(text.encode(), 4)
    return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text.encode() + b"\0" + bytes(8 + 2 + 1 + 67)


def gamma_grey(gamma: float) -> bytes:
    """An ICC profile for grey numbers under a power."""
    tags = {b"desc": _name("grey", 2), b"wtpt": _xyz(D50), b"kTRC": gamma_curve(gamma)}
    return _file(tags, 2, b"XYZ ", b"GRAY")


def _file(tags: dict[bytes, bytes], version: int, connection: bytes, space: bytes = b"RGB ") -> bytes:
    at, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data.ljust(-(-len(data) // 4) * 4, b"\0")
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"test", version << 24, b"mntr", space, connection)
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + b"".join(_fixed(value) for value in D50)
    return head.ljust(128, b"\0") + table + body


S_CURVE = parametric_curve(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
SPACES = (
    Space("Display P3", P3, (srgb_light,) * 3, (S_CURVE,) * 3, version=4),
    Space("Adobe RGB (1998)", ADOBE, (power(563 / 256),) * 3, (gamma_curve(563 / 256),) * 3),
    Space(
        "monitor, tables",
        MONITOR,
        (tired(2.31, 0.02), tired(2.18, 0.03), tired(2.05, 0.0)),
        tuple(table_curve(curve) for curve in (tired(2.31, 0.02), tired(2.18, 0.03), tired(2.05, 0.0))),
    ),
    Space(
        "monitor, parameters",
        MONITOR,
        (power(2.2), power(2.1), power(2.3)),
        tuple(parametric_curve(0, gamma) for gamma in (2.2, 2.1, 2.3)),
        version=4,
    ),
    Space("monitor, lookup table", MONITOR, (power(1.8),) * 3, (b"",) * 3, table=True),
)


def lab(xyz: np.ndarray) -> np.ndarray:
    """…×3 XYZ under D50 to CIE L*a*b*."""
    ratio = xyz / D50
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(np.maximum(ratio, 0)), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * root[..., 1] - 16, 500 * (root[..., 0] - root[..., 1]), 200 * (root[..., 1] - root[..., 2])], -1
    )


def srgb_lab(levels: np.ndarray) -> np.ndarray:
    """…×3 sRGB levels (0..255) to CIE L*a*b*."""
    return lab(srgb_light(levels / 255.0) @ matrix(SRGB).T)


def difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """CIEDE2000 of …×3 L*a*b*, with kL = kC = kH = 1."""
    mean_chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7)))
    (l1, c1, h1), (l2, c2, h2) = (_cylinder(value, stretch) for value in (one, other))
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    # exactly opposite hues: the sign does not matter, the mean below does
    hue_step = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    far = np.abs(h1 - h2) > 180
    hue = np.where(grey, h1 + h2, np.where(far, np.where(h1 + h2 < 360, h1 + h2 + 360, h1 + h2 - 360), h1 + h2) / 2)
    weight = 1 - 0.17 * _cos(hue - 30) + 0.24 * _cos(2 * hue) + 0.32 * _cos(3 * hue + 6) - 0.20 * _cos(4 * hue - 63)
    s_l = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * weight
    rotation = (
        -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    )
    x, y, z = (l2 - l1) / s_l, (c2 - c1) / s_c, hue_step / s_h
    return np.sqrt(np.maximum(x**2 + y**2 + z**2 + rotation * y * z, 0))


def _cos(degrees: np.ndarray) -> np.ndarray:
    return np.cos(np.radians(degrees))


def _cylinder(value: np.ndarray, stretch: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    a, b = value[..., 1] * stretch, value[..., 2]
    return value[..., 0], np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360
