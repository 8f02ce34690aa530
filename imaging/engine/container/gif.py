"""Reader of GIF, one frame only. Source: GIF89a specification."""

from __future__ import annotations

from imaging.engine.container.base import Container
from imaging.engine.container.packets import xmp_kinds
from imaging.engine.errors import Refused

COMMENT, TEXT, APPLICATION = 0xFE, 0x01, 0xFF


def read(data: bytes) -> Container:
    """Count frames and name extensions. Raises Refused for animations and truncated files."""
    if len(data) < 13:
        raise Refused("broken")
    screen = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    at = 13 + _palette(data[10])
    found: set[str] = set()
    frames = 0
    while True:
        kind = data[at : at + 1]
        if kind == b";":
            break
        if kind == b"!":
            body, after = _blocks(data, at + 2)
            found |= _extension(data[at + 1], body)
        elif kind == b",":
            frames += 1
            if frames > 1:
                raise Refused("animated")
            if at + 10 > len(data):
                raise Refused("broken")
            _, after = _blocks(data, at + 11 + _palette(data[at + 9]))
        else:
            raise Refused("broken")
        at = after
    if not frames:
        raise Refused("broken")
    if data[at + 1 :].strip(b"\0"):
        found.add("trailing_data")
    return Container(kind="gif", payload=data, lossless=True, width=screen[0], height=screen[1], found=found)


def _palette(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the joined sub-blocks and the offset after their terminator."""
    pieces: list[bytes] = []
    while True:
        if at >= len(data):
            raise Refused("broken")
        size = data[at]
        if size == 0:
            return b"".join(pieces), at + 1
        pieces.append(data[at + 1 : at + 1 + size])
        at += 1 + size


def _extension(label: int, body: bytes) -> set[str]:
    if label == COMMENT:
        return {"comment"}
    if label == TEXT:
        return {"text"}
    if label == APPLICATION and body.startswith(b"XMP DataXMP"):
        return xmp_kinds(body)
    if label == APPLICATION and not body.startswith((b"NETSCAPE2.0", b"ANIMEXTS1.0")):
        return {"text"}
    return set()
