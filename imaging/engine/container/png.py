"""Reader of PNG: keeps the chunks that decoding needs, names the rest. Source: W3C PNG (third edition)."""

from __future__ import annotations

import struct
import zlib

from imaging.engine.colour import coded
from imaging.engine.container.base import Container
from imaging.engine.container.exif import exif_kinds
from imaging.engine.container.packets import photoshop_kinds, xmp_kinds
from imaging.engine.errors import Refused
from imaging.engine.limits import MAX_PROFILE_BYTES, MAX_TEXT_BYTES

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXEL_CHUNKS = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"))
HARMLESS = frozenset((b"pHYs", b"bKGD", b"sBIT", b"hIST", b"mDCV", b"cLLI", b"iDOT", b"oFFs", b"sTER"))
GREY = (0, 4)
"""Colour types of grey pictures."""
UNIT = 100_000
"""Value of 1.0 in gAMA and cHRM."""
TEXT = frozenset((b"tEXt", b"zTXt", b"iTXt"))
KEYWORDS = (
    (b"author", "owner"),
    (b"copyright", "owner"),
    (b"comment", "comment"),
    (b"time", "time"),
    (b"date:", "time"),
    (b"software", "software"),
    (b"source", "camera"),
    (b"description", "description"),
    (b"title", "description"),
    (b"thumb::", "preview"),
    (b"exif", "exif"),
    (b"iptc", "iptc"),
    (b"gps", "gps"),
)
"""Part of a text chunk's keyword: kind of the text."""


def read(data: bytes) -> Container:
    """Return the picture without its metadata. Raises Refused."""
    walk = _ChunkWalk()
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
        # precedence: coded colours, profile, sRGB, measures (third edition, 4.3)
        profile=None if walk.coded_colours else walk.profile or walk.measured_profile(),
        coded_colours=walk.coded_colours,
        found=walk.found,
    )


class _ChunkWalk:
    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.found: set[str] = set()
        self.profile: bytes | None = None
        self.coded_colours: tuple[int, int] | None = None
        self.width = self.height = self.text_bytes = 0
        self.orientation = 1
        self.oriented = False  # by eXIf, which takes precedence over text
        self.ended = False
        self.gamma: float | None = None
        self.primaries: tuple[tuple[float, float], ...] | None = None
        self.srgb = self.grey = False

    def take(self, kind: bytes, body: bytes, whole: bytes) -> None:
        if kind in PIXEL_CHUNKS:
            self.kept.append(whole)
            self.ended = kind == b"IEND"
            if kind == b"IHDR" and len(body) == 13:
                self.width, self.height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
                self.grey = body[9] in GREY
            self.srgb |= kind == b"sRGB"
            if kind == b"gAMA" and len(body) == 4:
                self.gamma = int.from_bytes(body, "big") / UNIT
            elif kind == b"cHRM" and len(body) == 32:
                white_x, white_y, *colours = (value / UNIT for value in struct.unpack(">8I", body))
                self.primaries = (*zip(colours[::2], colours[1::2], strict=True), (white_x, white_y))
        elif kind == b"acTL":
            if int.from_bytes(body[:4], "big") > 1:
                raise Refused("animated")
        elif kind == b"iCCP":
            self.profile = _inflate(body.partition(b"\0")[2][1:], MAX_PROFILE_BYTES, "profile_too_large")
            self.found.add("colour_profile")
        elif kind == b"cICP" and len(body) == 4:
            self.coded_colours = body[0], body[1]
        elif kind == b"eXIf":
            kinds, self.orientation = exif_kinds(body)
            self.found |= kinds
            self.oriented = True
        elif kind == b"tIME":
            self.found.add("time")
        elif kind in TEXT:
            self._text(kind, body)
        elif kind == b"caBX":
            self.found.add("c2pa")
        elif kind not in HARMLESS:
            self.found.add("trailing_data" if kind in (b"fdAT", b"fcTL") else "text")

    def measured_profile(self) -> bytes | None:
        """Return a profile built from gAMA and cHRM, or None."""
        if self.srgb or self.grey:
            return None
        return coded.profile_from_measures(self.gamma, self.primaries)

    def _text(self, kind: bytes, body: bytes) -> None:
        self.found.add("text")
        keyword, _, rest = body.partition(b"\0")
        packed = b""
        if kind == b"zTXt":
            packed = rest[1:]
        elif kind == b"iTXt":
            flag, rest = rest[:1], rest[2:].partition(b"\0")[2].partition(b"\0")[2]
            packed = rest if flag == b"\1" else b""
        if packed:
            unpacked = _inflate(packed, MAX_TEXT_BYTES - self.text_bytes, "text_too_large")
            self.text_bytes += len(unpacked)
            rest = unpacked
        name = keyword.lower()
        if name.startswith(b"raw profile type "):
            kinds, orientation = _raw_profile(name[17:], rest)
            self.found |= kinds
            if orientation and not self.oriented:
                self.orientation = orientation
        elif b"xmp" in name:
            self.found |= xmp_kinds(rest)
        self.found |= {kind for word, kind in KEYWORDS if word in name}


def _raw_profile(kind: bytes, text: bytes) -> tuple[set[str], int]:
    """Return the kinds in a packet that ImageMagick wrote as text, and EXIF's orientation; 0 for other packets.

    The text is a name, a length, then hexadecimal digits.
    """
    try:
        packet = bytes.fromhex(b"".join(text.split()[2:]).decode("ascii"))
    except ValueError:
        packet = b""
    if kind in (b"exif", b"app1") and not packet.startswith(b"http:"):
        return exif_kinds(packet)
    if kind in (b"xmp", b"app1"):
        return xmp_kinds(packet), 0
    return (photoshop_kinds(packet) if kind in (b"iptc", b"8bim") else set()), 0


def _inflate(packed: bytes, most: int, code: str) -> bytes:
    """Inflate at most `most` bytes; a broken stream gives none. Raises Refused(code) for more."""
    stream = zlib.decompressobj()
    try:
        result = stream.decompress(packed, most + 1)
    except zlib.error:
        return b""
    if len(result) > most:
        raise Refused(code)
    return result
