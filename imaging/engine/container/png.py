"""PNG: keep the chunks that pixels need, name the rest. Source: W3C PNG (third edition)."""

from __future__ import annotations

import zlib

from imaging.engine.container.base import Container
from imaging.engine.container.exif import exif_kinds, xmp_kinds
from imaging.engine.errors import Refused
from imaging.engine.limits import MAX_PROFILE_BYTES, MAX_TEXT_BYTES

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXEL_CHUNKS = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"))
HARMLESS = frozenset((b"pHYs", b"bKGD", b"sBIT", b"hIST", b"cICP", b"mDCV", b"cLLI"))
TEXT = frozenset((b"tEXt", b"zTXt", b"iTXt"))


def read(data: bytes) -> Container:
    """The picture without what rides along. Raises Refused."""
    walk = _Walk()
    at = len(SIGNATURE)
    while not walk.ended:
        size = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + size
        if end > len(data):
            raise Refused("broken")
        walk.take(data[at + 4 : at + 8], data[at + 8 : end - 4], data[at:end])
        at = end
    if data[at:].strip(b"\0"):
        walk.found.add("trailing_data")
    if not walk.width:
        raise Refused("broken")
    return Container(
        kind="png",
        payload=SIGNATURE + b"".join(walk.kept),
        lossless=True,
        width=walk.width,
        height=walk.height,
        orientation=walk.orientation,
        profile=walk.profile,
        found=walk.found,
    )


class _Walk:
    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.found: set[str] = set()
        self.profile: bytes | None = None
        self.width = self.height = self.text_bytes = 0
        self.orientation = 1
        self.ended = False

    def take(self, kind: bytes, body: bytes, whole: bytes) -> None:
        if kind in PIXEL_CHUNKS:
            self.kept.append(whole)
            self.ended = kind == b"IEND"
            if kind == b"IHDR" and len(body) == 13:
                self.width, self.height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
        elif kind == b"acTL":
            if int.from_bytes(body[:4], "big") > 1:
                raise Refused("animated")
        elif kind == b"iCCP":
            self.profile = _unpacked(body.partition(b"\0")[2][1:], MAX_PROFILE_BYTES, "profile_too_large")
            self.found.add("colour_profile")
        elif kind == b"eXIf":
            kinds, self.orientation = exif_kinds(body)
            self.found |= kinds
        elif kind == b"tIME":
            self.found.add("time")
        elif kind in TEXT:
            self._text(kind, body)
        elif kind == b"caBX":
            self.found.add("c2pa")
        elif kind not in HARMLESS:
            self.found.add("trailing_data" if kind in (b"fdAT", b"fcTL") else "text")

    def _text(self, kind: bytes, body: bytes) -> None:
        self.found.add("text")
        keyword, _, rest = body.partition(b"\0")
        packed = b""
        if kind == b"zTXt":
            packed = rest[1:]
        elif kind == b"iTXt" and rest[:1] == b"\1":
            packed = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
        if packed:
            unpacked = _unpacked(packed, MAX_TEXT_BYTES - self.text_bytes, "text_too_large")
            self.text_bytes += len(unpacked)
            rest = unpacked
        if b"xmp" in keyword.lower():
            self.found |= xmp_kinds(rest)
        for word, found in ((b"exif", "exif"), (b"iptc", "iptc"), (b"author", "owner"), (b"comment", "comment")):
            if word in keyword.lower():
                self.found.add(found)
        for word, found in ((b"time", "time"), (b"software", "software"), (b"description", "description")):
            if word in keyword.lower():
                self.found.add(found)


def _unpacked(packed: bytes, most: int, code: str) -> bytes:
    """Inflate at most `most` bytes; a broken stream counts as nothing. Raises Refused beyond."""
    stream = zlib.decompressobj()
    try:
        result = stream.decompress(packed, most + 1)
    except zlib.error:
        return b""
    if len(result) > most:
        raise Refused(code)
    return result
