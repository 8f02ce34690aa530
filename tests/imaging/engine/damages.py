"""Ways in which the bytes of a picture get damaged on cards, disks and lines; and places where to do so."""

from __future__ import annotations

import io
import re
import struct

import numpy as np
from PIL import Image

from tests.imaging.engine import pictures


def photograph(kind: str = "JPEG", size: tuple[int, int] = (480, 360), mode: str = "RGB", **more: object) -> bytes:
    """A portrait full of detail, as a file of this kind."""
    out = io.BytesIO()
    image = Image.open(io.BytesIO(pictures.astronaut())).convert(mode).resize(size)
    image.info.clear()
    image.save(out, kind, **more)
    return out.getvalue()


def zeroed(data: bytes, start: float, size: int, fill: int = 0) -> bytes:
    """The bytes with `size` of them overwritten, from this part (0 to 1) of the file on."""
    at = int(len(data) * start)
    return data[:at] + bytes([fill]) * size + data[at + size :]


def noisy(data: bytes, start: float, size: int) -> bytes:
    at = int(len(data) * start)
    return data[:at] + np.random.default_rng(5).bytes(size) + data[at + size :]


def lost(data: bytes, start: float, size: int) -> bytes:
    at = int(len(data) * start)
    return data[:at] + data[at + size :]


def cut(data: bytes, start: float, end: bytes = b"") -> bytes:
    return data[: int(len(data) * start)] + end


def with_height(jpeg: bytes, factor: float) -> bytes:
    """A JPEG whose header tells another height."""
    at = re.search(rb"\xff[\xc0-\xc2]\x00\x11\x08", jpeg).end()
    height = int(int.from_bytes(jpeg[at : at + 2], "big") * factor)
    return jpeg[:at] + height.to_bytes(2, "big") + jpeg[at + 2 :]


def without_restarts(jpeg: bytes, first: int, count: int) -> bytes:
    """A JPEG without the pieces between these restart markers."""
    places = [match.start() for match in re.finditer(rb"\xff[\xd0-\xd7]", jpeg)]
    return jpeg[: places[first]] + jpeg[places[first + count] :]


FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\x40\0mdat" + np.random.default_rng(6).bytes(16_000)


def tiff_around(piece: bytes, *, outside: bytes | None = None, size: int = 0, side: int = 256) -> bytes:
    """A TIFF of one JPEG tile; with `outside`, of one strip in the old style, whose header may stand elsewhere.

    size: bytes of what stands outside, or 0 where the file does not tell.
    """
    first = 8 + 2 + 12 * 11 + 4
    where = {324: first, 325: len(piece), 322: side, 323: side} if outside is None else {273: first, 279: len(piece)}
    tags = {256: side, 257: side, 258: 8, 259: 7 if outside is None else 6, 262: 1, 277: 1, **where}
    if outside:
        tags |= {513: first + len(piece)} | ({514: size} if size else {})
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    return head.ljust(first, b"\0") + piece + (outside or b"")
