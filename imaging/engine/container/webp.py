"""Reader of WebP. Source: RFC 9649."""

from __future__ import annotations

from imaging.engine.container.base import Container
from imaging.engine.container.exif import exif_kinds
from imaging.engine.container.packets import xmp_kinds
from imaging.engine.errors import Refused

PIXEL_CHUNKS = frozenset((b"VP8 ", b"VP8L", b"ALPH"))


def read(data: bytes) -> Container:
    """Return the picture's chunks alone, in a new RIFF. Raises Refused."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data) + 1:
        raise Refused("broken")
    chunks = _chunks(data, min(end, len(data)))
    bodies = dict(reversed(chunks))  # the first chunk of a kind counts
    if b"ANIM" in bodies or b"ANMF" in bodies:
        raise Refused("animated")
    found: set[str] = set()
    orientation = 1
    for kind, body in chunks:
        if kind == b"EXIF":
            kinds, orientation = exif_kinds(body)
            found |= kinds
        elif kind == b"XMP ":
            found |= xmp_kinds(body)
        elif kind == b"ICCP":
            found.add("colour_profile")
        elif kind == b"C2PA":
            found.add("c2pa")
        elif kind not in PIXEL_CHUNKS and kind != b"VP8X":
            found.add("text")
    if data[end:].strip(b"\0"):
        found.add("trailing_data")
    width, height = _size(bodies)
    return Container(
        kind="webp",
        payload=_rebuild(bodies),
        lossless=b"VP8L" in bodies,
        width=width,
        height=height,
        orientation=orientation,
        profile=bodies.get(b"ICCP"),
        found=found,
    )


def _chunks(data: bytes, end: int) -> list[tuple[bytes, bytes]]:
    chunks, at = [], 12
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            raise Refused("broken")
        chunks.append((data[at : at + 4], data[at + 8 : at + 8 + size]))
        at += 8 + size + (size & 1)
    return chunks


def _size(bodies: dict[bytes, bytes]) -> tuple[int, int]:
    if b"VP8L" in bodies and len(bodies[b"VP8L"]) >= 5:
        bits = int.from_bytes(bodies[b"VP8L"][1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if b"VP8 " in bodies and len(bodies[b"VP8 "]) >= 10:
        body = bodies[b"VP8 "]
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    raise Refused("broken")


def _rebuild(bodies: dict[bytes, bytes]) -> bytes:
    kept = [(kind, bodies[kind]) for kind in (b"VP8X", b"ALPH", b"VP8 ", b"VP8L") if kind in bodies]
    if b"VP8X" in bodies and len(bodies[b"VP8X"]) >= 10:
        only_alpha = bytes([bodies[b"VP8X"][0] & 0x10])
        kept[0] = (b"VP8X", only_alpha + bodies[b"VP8X"][1:10])
    body = b"".join(kind + len(raw).to_bytes(4, "little") + raw + b"\0" * (len(raw) & 1) for kind, raw in kept)
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body
