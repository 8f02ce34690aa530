"""TIFF and BigTIFF: one page. Source: TIFF 6.0, Adobe's technical notes."""

from __future__ import annotations

from imaging.engine.container import exif
from imaging.engine.container.base import Container
from imaging.engine.errors import Refused

WIDTH, HEIGHT, SUBFILE, PROFILE, COMPRESSION = 256, 257, 254, 34675, 259
REDUCED = 1
JPEG_COMPRESSIONS = frozenset((6, 7, 33003, 33005, 34712, 50001, 50002))


def read(data: bytes) -> Container:
    """Sizes, pages and metadata of a TIFF. Raises Refused when several pages are pictures.

    A second page that says of itself that it is a smaller copy is a thumbnail: dropped, and said so.
    """
    block = exif.walk(data)
    pages = [directory for directory in block.directories if directory.chained]
    if not pages:
        raise Refused("broken")
    found = set(block.kinds)
    for page in pages[1:]:
        if not _first(data, block, page, SUBFILE) & REDUCED:
            raise Refused("multi_page")
        found.add("thumbnail")
    main = pages[0]
    profile = None
    if PROFILE in main.entries:
        _, size, place = main.entries[PROFILE]
        profile = data[place : place + size]
        found.add("colour_profile")
    return Container(
        kind="tiff",
        payload=data,
        lossless=_first(data, block, main, COMPRESSION) not in JPEG_COMPRESSIONS,
        width=_first(data, block, main, WIDTH),
        height=_first(data, block, main, HEIGHT),
        # orientation stays 1: Pillow turns a TIFF by itself while loading
        profile=profile,
        found=found,
    )


def _first(data: bytes, block: exif.Block, directory: exif.Directory, tag: int) -> int:
    entry = directory.entries.get(tag)
    values = exif.numbers(data, block.order, entry, 1) if entry else ()
    return values[0] if values else 0
