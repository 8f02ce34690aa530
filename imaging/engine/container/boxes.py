"""Boxes of ISO 14496-12, as JPEG 2000 and JPEG XL use them too."""

from __future__ import annotations

from collections.abc import Iterator

from imaging.engine.errors import Refused

MAX_BOXES = 20_000


def children(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (type, body) of each box; bytes after the last one as a box without type. Raises Refused."""
    at, end = 0, len(data)
    for _ in range(MAX_BOXES):
        if at + 8 > end:
            break
        size, header = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < header or at + size > end:
            raise Refused("broken")
        yield data[at + 4 : at + 8], data[at + header : at + size]
        at += size
    else:
        raise Refused("broken")
    if at < end:
        yield b"", data[at:]
