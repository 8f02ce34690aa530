"""BMP files that Pillow cannot write. Source: Microsoft's "Bitmap Storage"."""

from __future__ import annotations

import struct

import numpy as np


def bmp(
    body, *, width=64, height=48, bits=24, compression=0, palette=b"", entries=0, size=40, more=b"", gap=b"", tail=b""
):
    """A header of this size, masks or further fields, palette, body; height < 0: top row first."""
    if size == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        head = struct.pack("<IiiHHIIIIII", size, width, height, 1, bits, compression, len(body), 0, 0, entries, 0)[
            :size
        ]
        head += more.ljust(size - len(head), b"\0")
        more = more[max(0, size - 40) :]
    start = 14 + len(head) + (len(more) if size == 40 else 0) + len(palette) + len(gap)
    front = head + (more if size == 40 else b"") + palette + gap
    return b"BM" + struct.pack("<IHHI", start + len(body) + len(tail), 0, 0, start) + front + body + tail


def rows(levels):
    """H×bytes, bottom row first, each filled up to four bytes."""
    return b"".join(row.tobytes().ljust(-(-row.nbytes // 4) * 4, b"\0") for row in levels[::-1])


def packed(numbers, bits):
    """H×W palette numbers of 1, 2 or 4 bits, H×bytes."""
    each = 8 // bits
    filled = np.pad(numbers, ((0, 0), (0, -numbers.shape[1] % each))).reshape(len(numbers), -1, each)
    shifts = np.arange(each - 1, -1, -1) * bits
    return (filled << shifts).sum(axis=-1).astype(np.uint8)


def quads(table):
    """A palette of N×3 as Windows has it."""
    return np.pad(np.asarray(table, np.uint8)[:, ::-1], ((0, 0), (0, 1))).tobytes()
