"""Check of the coded items of HEIC and AVIF, of which decoders show what they can. Sources: ISO 14496-15, 23008-2."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imaging.engine.container.bmff import coded_items
from imaging.engine.damage.runs import find_runs

HEVC, AV1 = b"hvc1", b"av01"
FORBIDDEN = re.compile(rb"\0\0[\0-\2]")
"""Bytes that no NAL unit holds: a 3 stands before the third."""
PADDING = 8
"""Zeros that a writer may leave after a unit."""
RUN = 64
FLAT = 4096
"""Pixels for each byte of the longest run of zeros that flat parts of an AV1 picture are coded with."""
LENGTHS_AT = 25
"""Place of the size of lengths, less one, after the start of the name of HEVC's decoder configuration."""


def is_damaged(data: bytes, width: int, height: int) -> bool:
    """Whether an item of a file has lost sectors, or NAL units that do not fill it."""
    allowed = RUN + width * height // FLAT
    at = data.find(b"hvcC") + LENGTHS_AT
    lengths = (data[at] & 3) + 1 if at < len(data) else 4
    for kind, body in coded_items(data):
        if kind == HEVC and any(map(_is_broken, _units(body, lengths))):
            return True
        if kind in (HEVC, AV1) and any(end - start > allowed for start, end, _ in find_runs(body, RUN)):
            return True
    return False


def _units(body: bytes, lengths: int) -> Iterator[bytes | None]:
    """Yield the NAL units of an item, then None if their lengths do not end where the item does."""
    at = 0
    while at + lengths <= len(body):
        size = int.from_bytes(body[at : at + lengths], "big")
        at += lengths
        yield body[at : at + size]
        at += size
    if at != len(body):
        yield None


def _is_broken(unit: bytes | None) -> bool:
    return unit is None or bool(FORBIDDEN.search(unit, 0, max(0, len(unit) - PADDING)))
