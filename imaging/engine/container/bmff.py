"""Reader of HEIC, HEIF and AVIF. Sources: ISO 14496-12 and 23008-12."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction

from imaging.engine.container.base import Aperture, Container, Transform
from imaging.engine.container.exif import exif_kinds
from imaging.engine.container.packets import xmp_kinds
from imaging.engine.errors import Refused
from imaging.engine.limits import MAX_PROFILE_BYTES

HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"jpeg"))
AVIF_BRANDS = frozenset((b"avif", b"av01"))
MOVING_BRANDS = frozenset((b"avis", b"hevc", b"hevx", b"msf1"))
VIDEO_BRANDS = frozenset((b"isom", b"mp41", b"mp42", b"qt  ", b"3gp4", b"3gp5", b"M4V ", b"iso2"))
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
MAX_BOXES = 20_000
ROTATIONS = (None, 8, 3, 6)
"""EXIF's orientation for quarter turns against the clock."""
MIRRORS = (4, 2)
"""EXIF's orientation for top and bottom exchanged, and left and right."""


def read(data: bytes) -> Container:
    """Read brand, items and properties. The decoder gets the file but for a gain map's brand. Raises Refused."""
    size = int.from_bytes(data[:4], "big")
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, min(size, len(data)), 4))]
    avif = bool(AVIF_BRANDS & set(brands))
    if brands[0] == b"crx ":
        raise Refused("raw")
    if brands[0] in MOVING_BRANDS:
        raise Refused("animated")
    if not avif and not HEIC_BRANDS & set(brands):
        raise Refused("video" if VIDEO_BRANDS & set(brands) else "unknown_format")
    walk = _BoxWalk(data)
    try:
        walk.run()
    except (IndexError, struct.error) as error:
        raise Refused("broken") from error
    if walk.film and MOVING_BRANDS & set(brands):
        raise Refused("animated")  # its still is one of many frames
    if not walk.sizes:
        raise Refused("broken")
    width, height = max(walk.sizes, key=lambda pair: pair[0] * pair[1])
    return Container(
        kind="avif" if avif else "heic",
        payload=_without_tone_map(data, size),
        lossless=False,
        width=width,
        height=height,
        # the container's own rotation, even one by nothing, takes precedence over EXIF's
        orientation=1 if walk.is_turned() else walk.orientation,
        transforms=walk.transforms() if avif else (),  # libheif applies them while decoding
        coded_colours=walk.coded_colours(),
        found=walk.found,
    )


def _without_tone_map(data: bytes, size: int) -> bytes:
    """Replace the gain map's brand, so that the decoder reads the main picture even where it knows no such gain map.

    size: bytes of the first box (ftyp).
    """
    return data[:size].replace(b"tmap", b"mif1") + data[size:] if b"tmap" in data[:size] else data


def _aperture(body: bytes) -> Aperture:
    """Read a clean aperture. Raises Refused for one without size: what is to be cut away must not be shown."""
    values = struct.unpack(">IIIIiIiI", body[:32])
    if not all(values[1::2]):
        raise Refused("broken")
    width, height, right, down = (Fraction(*values[at : at + 2]) for at in range(0, 8, 2))
    return Aperture(width, height, right, down)


class _BoxWalk:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.found: set[str] = set()
        self.sizes: list[tuple[int, int]] = []
        self.orientation = 1
        self.primary = 0
        self.kinds: dict[int, bytes] = {}
        self.places: dict[int, list[tuple[int, int]]] = {}
        self.colours: dict[int, tuple[int, int]] = {}  # number of the property -> primaries, transfer
        self.steps: dict[int, Transform | None] = {}  # number of the property -> transformation, None: by nothing
        self.properties: dict[int, list[int]] = {}  # item -> numbers of its properties, in order
        self.boxes = 0
        self.film = False

    def run(self) -> None:
        for kind, start, end in self._children(0, len(self.data)):
            if kind == b"meta":
                self._meta(start + 4, end)
            elif kind in (b"moov", b"mpvd"):
                self.found.add("motion_video")
                self.film |= kind == b"moov"
            elif kind == b"jumb":
                self.found.add("c2pa")
            elif kind == b"uuid":
                self._uuid(self.data[start:end])
            elif kind in (b"free", b"skip") and not self.data[start:end].strip(b"\0"):
                continue
            elif kind not in (b"ftyp", b"mdat"):
                self.found.add("trailing_data")
        for number, kind in self.kinds.items():
            self._item(number, kind)

    def coded_colours(self) -> tuple[int, int] | None:
        """Return the main picture's primaries and transfer characteristics (ITU-T H.273), or None."""
        mine = [self.colours[number] for number in self.properties.get(self.primary, ()) if number in self.colours]
        return mine[0] if mine else None

    def transforms(self) -> tuple[Transform, ...]:
        """Return the main picture's transformations in the order of association (ISO 23008-12, 6.5.1)."""
        mine = (self.steps.get(number) for number in self.properties.get(self.primary, ()))
        return tuple(step for step in mine if step is not None)

    def is_turned(self) -> bool:
        """Whether the main picture has a rotation or mirroring of its own, be it one by nothing."""
        return any(
            number in self.steps and not isinstance(self.steps[number], Aperture)
            for number in self.properties.get(self.primary, ())
        )

    def _uuid(self, body: bytes) -> None:
        if body.startswith(XMP_UUID):
            self.found |= xmp_kinds(body)
        else:
            self.found.add("c2pa" if body.startswith(C2PA_UUID) else "trailing_data")

    def _children(self, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
        while at + 8 <= end:
            self.boxes += 1
            size, header = int.from_bytes(self.data[at : at + 4], "big"), 8
            if size == 1:
                size, header = int.from_bytes(self.data[at + 8 : at + 16], "big"), 16
            elif size == 0:
                size = end - at
            if size < header or at + size > end or self.boxes > MAX_BOXES:
                raise Refused("broken")
            yield self.data[at + 4 : at + 8], at + header, at + size
            at += size

    def _meta(self, start: int, end: int) -> None:
        for kind, at, stop in self._children(start, end):
            if kind == b"pitm":
                self.primary = int.from_bytes(self.data[at + 4 : at + (8 if self.data[at] else 6)], "big")
            elif kind == b"iinf":
                self._names(at, stop)
            elif kind == b"iloc":
                self._locations(self.data[at:stop])
            elif kind == b"iref":
                self._references(at + 4, stop)
            elif kind == b"iprp":
                self._properties(at, stop)
            elif kind == b"grpl" and any(group == b"pymd" for group, _, _ in self._children(at, stop)):
                raise Refused("multi_page")

    def _properties(self, start: int, end: int) -> None:
        for kind, at, stop in self._children(start, end):
            if kind == b"ipco":
                for number, box in enumerate(self._children(at, stop), start=1):
                    self._property(number, *box)
            elif kind == b"ipma":
                self._associations(self.data[at:stop])

    def _property(self, number: int, kind: bytes, at: int, stop: int) -> None:
        body = self.data[at:stop]
        if kind == b"ispe" and len(body) >= 12:
            self.sizes.append(struct.unpack(">II", body[4:12]))
        elif kind == b"irot":
            self.steps[number] = ROTATIONS[body[0] & 3]
        elif kind == b"imir":
            self.steps[number] = MIRRORS[body[0] & 1]
        elif kind == b"clap":
            self.steps[number] = _aperture(body)
        elif kind == b"auxC" and (b"hdrgainmap" in body or b"21496" in body):
            self.found.add("gain_map")
        elif kind == b"colr" and body[:4] == b"nclx" and len(body) >= 8:
            self.colours[number] = struct.unpack(">HH", body[4:8])
        elif kind == b"colr" and body[:4] in (b"prof", b"rICC"):
            self.found.add("colour_profile")
            if len(body) > MAX_PROFILE_BYTES + 4:
                raise Refused("profile_too_large")

    def _associations(self, box: bytes) -> None:
        """Read which properties (by index) belong to which item."""
        item_size, wide = (4 if box[0] else 2), 1 + (box[3] & 1)
        at = 8
        for _ in range(min(int.from_bytes(box[4:8], "big"), MAX_BOXES)):
            number, count = int.from_bytes(box[at : at + item_size], "big"), box[at + item_size]
            at += item_size + 1
            mask = 0x7F if wide == 1 else 0x7FFF
            numbers = (int.from_bytes(box[at + wide * i : at + wide * (i + 1)], "big") & mask for i in range(count))
            self.properties.setdefault(number, []).extend(numbers)
            at += wide * count

    def _names(self, start: int, end: int) -> None:
        wide = self.data[start] != 0
        for kind, at, stop in self._children(start + (8 if wide else 6), end):
            if kind == b"infe" and stop - at >= 12 and self.data[at] >= 2:
                width = 2 if self.data[at] == 2 else 4
                number = int.from_bytes(self.data[at + 4 : at + 4 + width], "big")
                self.kinds[number] = self.data[at + 6 + width : stop]

    def _references(self, start: int, end: int) -> None:
        for kind, _, _ in self._children(start, end):
            if kind == b"thmb":
                self.found.add("thumbnail")
            elif kind == b"auxl":
                self.found.add("auxiliary_picture")

    def _locations(self, box: bytes) -> None:
        """Read the byte ranges of each item. Unusual boxes are ignored: the decoder judges them."""
        version = box[0]
        offset_size, length_size, base_size = box[4] >> 4, box[4] & 15, box[5] >> 4
        index_size = box[5] & 15 if version else 0
        width, at = (2 if version < 2 else 4), 6

        def take(size: int) -> int:
            nonlocal at
            at += size
            return int.from_bytes(box[at - size : at], "big")

        for _ in range(min(take(width), MAX_BOXES)):
            number = take(width)
            method = take(2) & 15 if version else 0
            take(2)
            base = take(base_size)
            for _ in range(min(take(2), MAX_BOXES)):
                take(index_size)
                start, length = base + take(offset_size), take(length_size)
                if method == 0 and at <= len(box):
                    self.places.setdefault(number, []).append((start, start + length))

    def _item(self, number: int, kind: bytes) -> None:
        body = b"".join(self.data[start:end] for start, end in self.places.get(number, []))
        if kind.startswith(b"Exif"):
            skip = 4 + int.from_bytes(body[:4], "big")
            kinds, self.orientation = exif_kinds(body[skip:] if skip < len(body) else b"")
            self.found |= kinds
        elif kind.startswith(b"mime"):
            self.found |= xmp_kinds(body)
        elif kind.startswith(b"tmap"):
            self.found.add("gain_map")


def coded_items(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind (`hvc1`, `av01`, ...) and bytes of each item that is stored in the file itself. Raises Refused."""
    walk = _BoxWalk(data)
    walk.run()
    for number, kind in walk.kinds.items():
        yield kind[:4], b"".join(data[start:end] for start, end in walk.places.get(number, []))
