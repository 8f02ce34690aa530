"""TIFF files that Pillow cannot write: deep samples, separate planes, both byte orders, tiles, BigTIFF."""

from __future__ import annotations

import struct

import numpy as np

ASCII, SHORT, LONG, LONG8 = 2, 3, 4, 16
LETTERS = {SHORT: "H", LONG: "I", LONG8: "Q"}


def tiff(
    pixels: np.ndarray,
    *,
    photometric: int = 2,
    planar: bool = False,
    order: str = "<",
    big: bool = False,
    tile: int = 0,
    more: dict[int, tuple[int, ...] | bytes] | None = None,
) -> bytes:
    """H×W or H×W×S numbers of any type as an uncompressed TIFF; tile: side of square tiles in px (0: strips)."""
    samples = pixels.reshape(*pixels.shape[:2], -1)
    height, width, count = samples.shape
    planes = [samples[..., [n]] for n in range(count)] if planar else [samples]
    parts = [part for plane in planes for part in _cut(plane, tile)]
    blobs = [np.ascontiguousarray(part).astype(part.dtype.newbyteorder(order)).tobytes() for part in parts]
    kind = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    tags: dict[int, tuple[int, ...]] = {
        256: (width,),
        257: (height,),
        258: (8 * pixels.dtype.itemsize,) * count,
        259: (1,),
        262: (photometric,),
        277: (count,),
        284: (2 if planar else 1,),
        339: (kind,) * count,
        **(more or {}),
    }
    where, sizes = (324, 325) if tile else (273, 279)
    tags |= {322: (tile,), 323: (tile,)} if tile else {278: (-(-height // 2),)}
    tags |= {where: (0,) * len(blobs), sizes: tuple(map(len, blobs))}
    start = 16 if big else 8
    empty = _directory(tags, order, big, start)
    at = start + len(empty)
    offsets = []
    for blob in blobs:
        offsets.append(at)
        at += len(blob)
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    head += struct.pack(order + ("HHQ" if big else "I"), *((8, 0, start) if big else (start,)))
    return head + _directory(tags | {where: tuple(offsets)}, order, big, start) + b"".join(blobs)


def _cut(plane: np.ndarray, tile: int) -> list[np.ndarray]:
    """Two strips, or tiles filled up with zeros."""
    height, width = plane.shape[:2]
    if not tile:
        half = -(-height // 2)
        return [plane[:half], plane[half:]]
    filled = np.zeros((-(-height // tile) * tile, -(-width // tile) * tile, plane.shape[2]), plane.dtype)
    filled[:height, :width] = plane
    return [
        filled[y : y + tile, x : x + tile] for y in range(0, len(filled), tile) for x in range(0, filled.shape[1], tile)
    ]


def _directory(tags: dict[int, tuple[int, ...]], order: str, big: bool, start: int) -> bytes:
    word, inline, count = ("Q", 8, "Q") if big else ("I", 4, "H")
    long = LONG8 if big else LONG
    after = start + struct.calcsize("=" + count) + len(tags) * (4 + 2 * inline) + inline
    table, bodies = struct.pack(order + count, len(tags)), b""
    for tag, values in sorted(tags.items()):
        kind = long if tag in (273, 279, 324, 325) else ASCII if isinstance(values, bytes) else SHORT
        body = values if isinstance(values, bytes) else struct.pack(f"{order}{len(values)}{LETTERS[kind]}", *values)
        if len(body) > inline:
            bodies, body = (
                bodies + body.ljust(len(body) + len(body) % 2, b"\0"),
                struct.pack(order + word, after + len(bodies)),
            )
        table += struct.pack(order + "HH" + word, tag, kind, len(values)) + body.ljust(inline, b"\0")
    return table + bytes(inline) + bodies
