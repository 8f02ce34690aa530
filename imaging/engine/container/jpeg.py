"""JPEG: walk the markers, keep what pixels need, name the rest. Sources: ITU-T T.81, CIPA DC-007 (MPF)."""

from __future__ import annotations

import re

from imaging.engine.container.base import Container
from imaging.engine.container.exif import exif_kinds, xmp_kinds
from imaging.engine.errors import Refused
from imaging.engine.limits import MAX_PROFILE_BYTES, MAX_SCANS

BASELINE, EXTENDED, PROGRESSIVE = 0xC0, 0xC1, 0xC2
ARITHMETIC, ARITHMETIC_PROGRESSIVE = 0xC9, 0xCA
FRAMES = frozenset((BASELINE, EXTENDED, PROGRESSIVE, ARITHMETIC, ARITHMETIC_PROGRESSIVE))
OTHER_FRAMES = frozenset((0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF))
PIXEL_MARKERS = frozenset((0xDB, 0xC4, 0xCC, 0xDD)) | FRAMES
START_OF_SCAN, END, COMMENT = 0xDA, 0xD9, 0xFE
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""A marker that is neither a stuffed zero, nor a restart, nor fill."""


def read(data: bytes) -> Container:
    """The primary picture as the shortest JPEG with the same pixels. Raises Refused."""
    walk = _Walk(data)
    walk.run()
    if walk.width == 0:
        raise Refused("broken")
    profile = b"".join(walk.profile[number] for number in sorted(walk.profile)) or None
    if profile:
        walk.found.add("colour_profile")
    return Container(
        kind="jpeg",
        payload=b"".join(walk.kept),
        lossless=False,
        width=walk.width,
        height=walk.height,
        orientation=walk.orientation,
        profile=profile,
        found=walk.found,
    )


class _Walk:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 2
        self.kept: list[bytes] = [b"\xff\xd8"]
        self.found: set[str] = set()
        self.profile: dict[int, bytes] = {}
        self.width = self.height = self.scans = 0
        self.orientation = 1
        self.oriented = False

    def run(self) -> None:
        while True:
            marker = self._marker()
            if marker == END:
                break
            size = int.from_bytes(self.data[self.at : self.at + 2], "big")
            whole = self.data[self.at - 2 : self.at + size]
            body = whole[4:]
            if size < 2 or len(whole) != size + 2:
                raise Refused("broken")
            self.at += size
            if marker == START_OF_SCAN:
                self._scan(whole)
            elif marker in PIXEL_MARKERS:
                self._frame(marker, body)
                self.kept.append(whole)
            elif marker in OTHER_FRAMES:
                raise Refused("bit_depth")
            else:
                self._extra(marker, whole, body)
        self.kept.append(b"\xff\xd9")
        self._trailer(self.data[self.at :])

    def _marker(self) -> int:
        """The next marker; stray bytes between segments are skipped, as decoders do."""
        start = self.data.find(b"\xff", self.at)
        while 0 <= start < len(self.data) - 1 and self.data[start + 1] in (0x00, 0xFF):
            start = self.data.find(b"\xff", start + 1)
        if start < 0 or start + 2 > len(self.data):
            raise Refused("broken")
        self.at = start + 2
        return self.data[start + 1]

    def _frame(self, marker: int, body: bytes) -> None:
        if marker not in FRAMES:
            return
        if self.width or len(body) < 6:
            raise Refused("broken")
        if body[0] != 8:
            raise Refused("bit_depth")
        self.height, self.width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")

    def _scan(self, whole: bytes) -> None:
        """Copy a scan with its entropy-coded bytes, up to the next marker that is none of its own."""
        self.scans += 1
        if self.scans > MAX_SCANS:
            raise Refused("too_many_scans")
        following = NEXT_MARKER.search(self.data, self.at)
        if following is None:
            raise Refused("broken")
        end = following.start()
        self.kept += [whole, self.data[self.at : end]]
        self.at = end

    def _extra(self, marker: int, whole: bytes, body: bytes) -> None:
        """Everything that is not pixels. Only the Adobe colour flag and JFIF go on to the decoder."""
        if marker == COMMENT:
            self.found.add("comment")
        elif marker == 0xE0 and body[:5] == b"JFIF\0":
            self.kept.append(b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
            if len(body) > 14:
                self.found.add("thumbnail")
        elif marker == 0xE0 and body[:5] == b"JFXX\0":
            self.found.add("thumbnail")
        elif marker == 0xE1 and body[:5] == b"Exif\0":
            kinds, orientation = exif_kinds(body)
            self.found |= kinds
            if not self.oriented:
                self.oriented, self.orientation = True, orientation
        elif marker == 0xE1 and body.startswith((b"http://ns.adobe.com/xap/", b"http://ns.adobe.com/xmp/")):
            self.found |= xmp_kinds(body)
        elif marker == 0xE2 and body[:12] == b"ICC_PROFILE\0" and len(body) > 14:
            self.profile[body[12]] = body[14:]
            if sum(map(len, self.profile.values())) > MAX_PROFILE_BYTES:
                raise Refused("profile_too_large")
        elif marker == 0xE2 and body[:4] == b"MPF\0":
            self.found.add("mpf")
        elif marker == 0xEB and body[:2] == b"JP":
            self.found.add("c2pa")
        elif marker == 0xED:
            self.found |= {"iptc", "photoshop"} if b"8BIM\x04\x04" in body else {"photoshop"}
        elif marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
            self.kept.append(b"\xff\xee\x00\x0e" + body[:12])
        else:
            self.found.add("maker_notes" if 0xE0 <= marker <= 0xEF else "trailing_data")

    def _trailer(self, rest: bytes) -> None:
        """What cameras and phones hang behind the end of the picture."""
        if not rest.strip(b"\0"):
            return
        self.found.add("trailing_data")
        if b"ftyp" in rest[:200_000] or b"MotionPhoto_Data" in rest:
            self.found.add("motion_video")
        if b"\xff\xd8\xff" in rest:
            self.found.add("preview")
