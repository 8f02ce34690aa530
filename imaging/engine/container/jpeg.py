"""Reader of JPEG: keeps the segments that decoding needs, names the rest. Sources: ITU-T T.81, CIPA DC-007 (MPF)."""

from __future__ import annotations

import re
from itertools import islice

from imaging.engine.container.base import Container
from imaging.engine.container.exif import exif_kinds
from imaging.engine.container.jpeg_scans import Scans
from imaging.engine.container.packets import photoshop_kinds, xmp_kinds
from imaging.engine.errors import Refused
from imaging.engine.limits import MAX_PROFILE_BYTES, MAX_SCANS

BASELINE, EXTENDED, PROGRESSIVE = 0xC0, 0xC1, 0xC2
ARITHMETIC, ARITHMETIC_PROGRESSIVE = 0xC9, 0xCA
FRAMES = frozenset((BASELINE, EXTENDED, PROGRESSIVE, ARITHMETIC, ARITHMETIC_PROGRESSIVE))
OTHER_FRAMES = frozenset((0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF))
PIXEL_MARKERS = frozenset((0xDB, 0xC4, 0xCC, 0xDD)) | FRAMES
START_OF_SCAN, END, COMMENT, RESTARTS, LINES = 0xDA, 0xD9, 0xFE, 0xDD, 0xDC
PHOTOSHOP = b"Photoshop 3.0\0"
SEGMENTS = (
    (0xE0, b"JFXX\0", "thumbnail"),
    (0xE1, b"FLIR\0", "auxiliary_picture"),
    (0xE2, b"MPF\0", "mpf"),
    (0xE2, b"urn:iso:std:iso:ts:21496", "gain_map"),
    (0xE2, b"FPXR\0", "preview"),
    (0xE5, b"SamsungUniqueID", "unique_id"),
    (0xE6, b"GoPro\0", "gps"),
    (0xEA, b"UNICODE\0", "comment"),
    (0xEB, b"JP", "c2pa"),
    (0xEB, b"HDR_RI", "gain_map"),
    (0xEC, b"Ducky", "comment"),
    (0xED, b"", "photoshop"),
)
"""Marker, start of the body, kind of metadata. Source of the names: ExifTool's tag tables."""
TRAILERS = (
    ("motion_video", re.compile(rb"\0\0\0[\x10-\x80]ftyp|MotionPhoto_Data|EmbeddedVideoFile", re.DOTALL)),
    ("time", re.compile(rb"Image_UTC_Data")),
    ("gps", re.compile(rb"MCC_Data")),
    ("audio", re.compile(rb"SoundShot_|SoundClip")),
)
"""Names of parts in Samsung's and Google's trailers."""
ANOTHER = re.compile(rb"\xff\xd8\xff[\xc0-\xfe]", re.DOTALL)
MAX_TRAILING_PICTURES = 16
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""A marker other than a stuffed zero, a restart or a fill byte."""
ANY_MARKER = re.compile(rb"\xff[^\x00\xff]", re.DOTALL)
"""The same, with restarts."""


def read(data: bytes) -> Container:
    """Return the primary picture as the shortest JPEG with the same pixels. Raises Refused."""
    walk = _SegmentWalk(data)
    walk.run()
    if walk.width == 0:
        raise Refused("broken")
    profile = b"".join(walk.profile[number] for number in sorted(walk.profile)) or None
    return Container(
        kind="jpeg",
        payload=b"".join(walk.kept),
        lossless=False,
        width=walk.width,
        height=walk.height,
        orientation=walk.orientation,
        profile=profile,
        found=walk.found,
        damaged=not walk.scans.complete,
        end_added=walk.end_added,
    )


def segment_kinds(marker: int, body: bytes) -> set[str]:
    """Return the kinds of metadata in one comment (FE) or APPn segment (E0 to EF)."""
    if marker == COMMENT:
        return {"comment"}
    if marker == 0xE0 and body[:5] == b"JFIF\0":
        return {"thumbnail"} if len(body) > 14 else set()
    if marker == 0xE1 and body[:5] == b"Exif\0":
        return exif_kinds(body)[0]
    if marker == 0xE1 and body.startswith((b"http://ns.adobe.com/xap/", b"http://ns.adobe.com/xmp/")):
        return xmp_kinds(body)
    if marker == 0xE2 and body[:12] == b"ICC_PROFILE\0":
        return {"colour_profile"}
    if marker == 0xEE and body[:5] == b"Adobe":
        return set()
    for segment, start, kind in SEGMENTS:
        if marker == segment and body.startswith(start):
            return {kind}
    return {"maker_notes"} if 0xE0 <= marker <= 0xEF else {"trailing_data"}


def _kinds_before_pixels(data: bytes) -> set[str]:
    """Return the kinds in another JPEG's segments, up to its first scan or first broken segment."""
    kinds: set[str] = set()
    at = 2
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] != b"\xda":
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if size < 2 or at + 2 + size > len(data):
            break
        if 0xE0 <= data[at + 1] <= 0xEF or data[at + 1] == COMMENT:
            kinds |= segment_kinds(data[at + 1], data[at + 4 : at + 2 + size])
        at += 2 + size
    return kinds


class _SegmentWalk:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 2
        self.kept: list[bytes] = [b"\xff\xd8"]
        self.found: set[str] = set()
        self.profile: dict[int, bytes] = {}
        self.resources: list[bytes] = []
        self.width = self.height = 0
        self.scans = Scans()
        self.restarts = self.end_added = False
        self.orientation = 1
        self.oriented = False

    def run(self) -> None:
        while not self._is_over():
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
        trailer = self.data[self.at :]
        if self.end_added and any(pattern.search(self.kept[-1]) for _, pattern in TRAILERS):
            trailer = self.kept[-1] + trailer  # its start was read as a part of the scan
        if self.end_added:
            self.kept[-1] = self.kept[-1].rstrip(b"\xff")  # in a scan a zero follows
        self.kept.append(b"\xff\xd9")
        if self.resources:
            self.found |= photoshop_kinds(b"".join(self.resources))
        self._trailer(trailer)

    def _is_over(self) -> bool:
        """Whether the picture ends here without an end marker: cut off, or followed by something else at once.

        Some cameras leave the marker out, or write a film in its place.
        """
        if not self.scans.count:
            return False
        start = self.data[self.at : self.at + 5]
        if start[1:2] == b"\xff":
            return False  # fill bytes before a marker
        missing = len(start) < 2
        if self.scans.complete and not missing and start[1] != END:
            size = int.from_bytes(start[2:4], "big")
            named = start[1] in (COMMENT, LINES) or 0xE0 <= start[1] <= 0xEF
            named |= start[1] == START_OF_SCAN and size == 6 + 2 * start[-1]
            missing = start[0] != 0xFF or not named or size < 2 or self.at + 2 + size > len(self.data)
        self.end_added |= missing
        return missing

    def _marker(self) -> int:
        """Return the next marker; stray bytes between segments are skipped, as decoders do."""
        start = self.data.find(b"\xff", self.at)
        while 0 <= start < len(self.data) - 1 and self.data[start + 1] in (0x00, 0xFF):
            start = self.data.find(b"\xff", start + 1)
        if start < 0 or start + 2 > len(self.data):
            raise Refused("broken")
        self.at = start + 2
        return self.data[start + 1]

    def _frame(self, marker: int, body: bytes) -> None:
        self.restarts |= marker == RESTARTS and any(body)
        if marker not in FRAMES:
            return
        if self.width or len(body) < 6:
            raise Refused("broken")
        if body[0] != 8:
            raise Refused("bit_depth")
        self.height, self.width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
        self.scans.start(body[5:], progressive=marker in (PROGRESSIVE, ARITHMETIC_PROGRESSIVE))

    def _scan(self, whole: bytes) -> None:
        """Copy a scan and its entropy-coded bytes, up to the next marker outside them."""
        self.scans.add(whole[4:])
        if self.scans.count > MAX_SCANS:
            raise Refused("too_many_scans")
        following = (NEXT_MARKER if self.restarts else ANY_MARKER).search(self.data, self.at)
        end = following.start() if following else len(self.data)
        self.kept += [whole, self.data[self.at : end]]
        self.at = end

    def _extra(self, marker: int, whole: bytes, body: bytes) -> None:
        """Name a segment without pixels. Only JFIF and the Adobe colour flag go on to the decoder."""
        if marker == 0xE0 and body[:5] == b"JFIF\0":
            self.kept.append(b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        elif marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
            self.kept.append(b"\xff\xee\x00\x0e" + body[:12])
        elif marker == 0xE2 and body[:12] == b"ICC_PROFILE\0" and len(body) > 14:
            self.profile[body[12]] = body[14:]
            if sum(map(len, self.profile.values())) > MAX_PROFILE_BYTES:
                raise Refused("profile_too_large")
        if marker == 0xE1 and body[:5] == b"Exif\0" and not self.oriented:
            self.oriented, self.orientation = True, exif_kinds(body)[1]
        if marker == 0xED and body.startswith(PHOTOSHOP):
            self.resources.append(body[len(PHOTOSHOP) :])  # one block, split every 64 KB
        self.found |= segment_kinds(marker, body)

    def _trailer(self, rest: bytes) -> None:
        """Name what cameras and phones append after the end of the picture."""
        if not rest.strip(b"\0"):
            return
        self.found.add("trailing_data")
        self.found |= {kind for kind, pattern in TRAILERS if pattern.search(rest)}
        starts = [match.start() for match in islice(ANOTHER.finditer(rest), MAX_TRAILING_PICTURES)]
        for start in starts:
            self.found |= {"preview"} | _kinds_before_pixels(rest[start:])
