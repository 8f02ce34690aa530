"""Reader of EXIF that names kinds of metadata. Values are examined, never kept.

Our own, because libraries reject a whole block for one bad entry, and the owner would be told that nothing was
found. Sources: CIPA DC-008 (Exif 2.32), TIFF 6.0.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from imaging.engine.container.packets import iptc_kinds, photoshop_kinds, xmp_kinds

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
MAX_DIRECTORIES = 32
MAX_ENTRIES = 2000

EXIF_IFD, GPS_IFD, INTEROP_IFD, SUB_IFDS, ORIENTATION = 0x8769, 0x8825, 0xA005, 0x014A, 0x0112
STRIP_OFFSETS, TILE_OFFSETS = 0x0111, 0x0144
USER_COMMENT, ASCII = 0x9286, b"ASCII\0\0\0"
KINDS = {
    0x010D: "description",
    0x010E: "description",
    0x010F: "camera",
    0x0110: "camera",
    0x0131: "software",
    0x0132: "time",
    0x013B: "owner",
    0x013C: "owner",
    0x0201: "thumbnail",
    0x02BC: "xmp",
    0x1000: "exif",
    0x8298: "owner",
    0x83BB: "iptc",
    0x8649: "photoshop",
    0x9003: "time",
    0x9004: "time",
    0x9010: "time",
    0x9011: "time",
    0x9012: "time",
    0x927C: "maker_notes",
    0x9286: "comment",
    0x9C9B: "description",
    0x9C9C: "comment",
    0x9C9D: "owner",
    0x9C9E: "description",
    0x9C9F: "description",
    0xA420: "unique_id",
    0xA430: "owner",
    0xA431: "serial",
    0xA432: "lens",
    0xA433: "lens",
    0xA434: "lens",
    0xA435: "serial",
    0xC614: "camera",
    0xC62F: "serial",
    0xC65D: "unique_id",
    0xC68B: "description",
}
PIXEL_TAGS = frozenset(
    [*range(254, 260), *range(262, 267), 273, 274, *range(277, 285), *range(290, 294), 296, 297, 301, *range(317, 326)]
) | frozenset([330, 332, 334, *range(336, 343), 347, *range(512, 516), *range(517, 522), *range(529, 533), 34675])
"""Tags that describe pixels; any other tag without a kind of its own counts as "exif"."""


def _no_kinds(_value: bytes) -> set[str]:
    return set()


def _maker_kinds(value: bytes) -> set[str]:
    """Find a preview in maker notes by its JPEG signature: its offset is known to the maker only."""
    return {"preview"} if b"\xff\xd8\xff" in value else set()


PACKETS = {0x02BC: xmp_kinds, 0x83BB: iptc_kinds, 0x8649: photoshop_kinds, 0x927C: _maker_kinds}
"""Tags whose value is a packet with further kinds."""


@dataclass
class Directory:
    """One IFD; entries map a tag to (type, count, offset of the value in the block)."""

    entries: dict[int, tuple[int, int, int]]
    chained: bool  # reached through "next", not through a pointer
    index: int
    at: int = 0  # where it begins in the block


@dataclass
class Block:
    """A whole EXIF or TIFF structure."""

    order: str = "<"
    big: bool = False
    directories: list[Directory] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    orientation: int = 1
    pages: int = 0


def walk(block: bytes, most: int = MAX_DIRECTORIES) -> Block:
    """Read every reachable directory, at most `most`; broken parts are skipped, loops are cut."""
    found = Block()
    if block[:4] not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+") or len(block) < 16:
        return found
    found.order = "<" if block[:2] == b"II" else ">"
    found.big = block[2:4] in (b"+\0", b"\0+")
    wide = "Q" if found.big else "I"
    start = struct.unpack_from(found.order + wide, block, 8 if found.big else 4)[0]
    todo, seen = [(start, True, "main")], set[int]()
    while todo and len(seen) < most:
        at, chained, role = todo.pop(0)
        if at in seen or not 8 <= at < len(block):
            continue
        seen.add(at)
        directory, following = _directory(block, at, found, chained)
        found.directories.append(directory)
        found.pages += chained
        _collect_kinds(block, directory, found, role)
        todo += _pointers(block, directory, found)
        todo.append((following, chained, role))
    return found


def _directory(block: bytes, at: int, found: Block, chained: bool) -> tuple[Directory, int]:
    order, big = found.order, found.big
    count_format, step, wide = ("Q", 20, "Q") if big else ("H", 12, "I")
    entries: dict[int, tuple[int, int, int]] = {}
    directory = Directory(entries, chained, found.pages, at)
    try:
        (count,) = struct.unpack_from(order + count_format, block, at)
        at += struct.calcsize(count_format)
        for _ in range(min(count, MAX_ENTRIES)):
            tag, kind, number = struct.unpack_from(order + "HH" + wide, block, at)
            size = SIZES.get(kind, 1) * number
            inline = 8 if big else 4
            place = at + 4 + inline
            if size > inline:
                (place,) = struct.unpack_from(order + wide, block, place)
            if place + size <= len(block):
                entries[tag] = (kind, number, place)
            at += step
        (following,) = struct.unpack_from(order + wide, block, at)
    except struct.error:
        return directory, 0
    return directory, following


UNSIGNED = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
SIGNED = {6: "b", 8: "h", 9: "i", 17: "q"}


def numbers(
    block: bytes,
    order: str,
    entry: tuple[int, int, int],
    most: int = 1000,
    letters: Mapping[int, str] = UNSIGNED,
) -> tuple[int, ...]:
    """Return the integers of one entry; empty for other types."""
    kind, count, place = entry
    letter = letters.get(kind)
    if letter is None:
        return ()
    return struct.unpack_from(f"{order}{min(count, most)}{letter}", block, place)


def _pointers(block: bytes, directory: Directory, found: Block) -> list[tuple[int, bool, str]]:
    result = []
    for tag, role in ((EXIF_IFD, "exif"), (GPS_IFD, "gps"), (INTEROP_IFD, "interop"), (SUB_IFDS, "sub")):
        if tag in directory.entries:
            result += [(at, False, role) for at in numbers(block, found.order, directory.entries[tag])]
    return result


def _collect_kinds(block: bytes, directory: Directory, found: Block, role: str) -> None:
    if role == "gps":
        if set(directory.entries) - {0}:  # tag 0 is the version, written by phones without a position
            found.kinds.add("gps")
        return
    if role == "interop":
        return
    if role == "sub" and {STRIP_OFFSETS, TILE_OFFSETS} & set(directory.entries):
        found.kinds.add("preview")
    for tag, entry in directory.entries.items():
        if tag == ORIENTATION and role == "main" and found.pages == 1:
            found.orientation = orientation(block, found.order, directory)
        elif tag in KINDS:
            kind, number, place = entry
            value = block[place : place + SIZES.get(kind, 1) * number]
            if value.removeprefix(ASCII if tag == USER_COMMENT else b"").strip(b"\0 "):
                found.kinds |= {KINDS[tag]} | PACKETS.get(tag, _no_kinds)(value)
        elif tag not in PIXEL_TAGS and tag not in (EXIF_IFD, GPS_IFD, INTEROP_IFD):
            found.kinds.add("exif")


def orientation(block: bytes, order: str, directory: Directory) -> int:
    """Return the orientation (1..8) in a directory, of any integer type; 1 for nonsense and where there is none."""
    entry = directory.entries.get(ORIENTATION)
    turns = numbers(block, order, entry, letters=UNSIGNED | SIGNED) if entry else ()
    return turns[0] if turns and 1 <= turns[0] <= 8 else 1


def exif_kinds(block: bytes) -> tuple[set[str], int]:
    """Return the kinds in an EXIF block, with or without its "Exif" header, and the orientation (1..8)."""
    start = 6 if block[:6] in (b"Exif\0\0", b"Exif\0\xff") else 0
    seen = walk(block[start:])
    small = {"thumbnail" for part in seen.directories if part.chained and part.index and STRIP_OFFSETS in part.entries}
    return seen.kinds | small | {"exif"}, seen.orientation
