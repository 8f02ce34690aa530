"""Check of the strips and tiles of a TIFF, each compressed by itself. Sources: TIFF 6.0, Adobe's technical notes.

libtiff judges LZW well; of the others it takes what it gets, and JPEG warnings it passes to nobody.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from imaging.engine.container import exif
from imaging.engine.container import jpeg as jpeg_container
from imaging.engine.damage import jpeg
from imaging.engine.damage.runs import find_runs
from imaging.engine.errors import Refused

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
STRIPS, SAMPLES, ROWS_PER_STRIP, STRIP_SIZES, PLANAR = 273, 277, 278, 279, 284
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_SIZES = 322, 323, 324, 325
JPEG_TABLES, OLD_JPEG, OLD_JPEG_SIZE = 347, 513, 514
LZW, OLD_STYLE, JPEG, PACKBITS, ZSTD = 5, 6, 7, 32773, 50000
DEFLATES = frozenset((8, 32946))
SUBSAMPLED = 6
MOST = 1 << 22
RUN = 64
"""Equal bytes in a row that LZW and Zstandard never write: they shorten them."""
STEP = 1 << 20


class Strips:
    """Strips or tiles of one page: their bytes and the bytes that they hold when unpacked."""

    def __init__(self, data: bytes, page: int) -> None:
        """Read the page's directory. Raises IndexError, struct.error."""
        block = exif.walk(data)
        self.data, self.order = data, block.order
        self.entries = [directory for directory in block.directories if directory.chained][page].entries
        self.compression = self.first(COMPRESSION, 1)

    def values(self, tag: int) -> tuple[int, ...]:
        """Return all integers of one tag, or none."""
        entry = self.entries.get(tag)
        return exif.numbers(self.data, self.order, entry, MOST) if entry else ()

    def first(self, tag: int, otherwise: int = 0) -> int:
        """Return the first integer of one tag."""
        return (self.values(tag) or (otherwise,))[0]

    def raw(self, tag: int) -> bytes:
        """Return the bytes of one tag, or none."""
        _, size, place = self.entries.get(tag, (0, 0, 0))
        return self.data[place : place + size]

    def pieces(self) -> Iterator[tuple[bytes, int, int]]:
        """Yield the bytes of each strip or tile, its rows, and the bytes of a row when unpacked."""
        width, height = self.first(WIDTH), self.first(HEIGHT)
        bits = self.values(BITS) or (1,)
        row_bits = bits[0] if self.first(PLANAR, 1) == 2 else sum(bits)
        tiled = TILES in self.entries
        rows = self.first(TILE_HEIGHT) if tiled else min(self.first(ROWS_PER_STRIP, height), height)
        across = self.first(TILE_WIDTH) if tiled else width
        down = -(-height // max(rows, 1))
        places, sizes = (TILES, TILE_SIZES) if tiled else (STRIPS, STRIP_SIZES)
        for number, (place, size) in enumerate(zip(self.values(places), self.values(sizes), strict=False)):
            mine = rows if tiled else min(rows, height - number % max(down, 1) * rows)
            yield self.data[place : place + size], mine, -(-across * row_bits // 8)


def is_damaged(data: bytes, page: int = 0) -> bool:
    """Whether a strip or tile of this page (its number in the chain) is short or corrupt."""
    strips = Strips(data, page)
    if strips.compression == OLD_STYLE:
        return _is_old_jpeg_damaged(strips)
    if strips.compression == JPEG:
        tables = strips.raw(JPEG_TABLES)
        return any(
            _is_jpeg_damaged(tables[:-2] + piece[2 * bool(tables) :], rows) for piece, rows, _ in strips.pieces()
        )
    check = CHECKS.get(strips.compression)
    if check is None or strips.first(FILL_ORDER, 1) != 1 or strips.first(PHOTOMETRIC) == SUBSAMPLED:
        return False
    return any(check(piece, rows * row_bytes) for piece, rows, row_bytes in strips.pieces())


def _is_jpeg_damaged(stream: bytes, rows: int) -> bool:
    try:
        container = jpeg_container.read(stream)
    except Refused as refusal:
        return refusal.code == "broken"
    return container.damaged or container.height < rows or jpeg.is_damaged(container)


def _is_old_jpeg_damaged(strips: Strips) -> bool:
    """Check the old style, where one JPEG's header, or all of it, stands outside the strips."""
    place, size = strips.first(OLD_JPEG), strips.first(OLD_JPEG_SIZE)
    if not place:
        return False  # tables without a header: libtiff builds one
    stream = strips.data[place : place + size] if size else strips.data[place:]
    if b"\xff\xda" in stream and not stream.rstrip(b"\0").endswith(b"\xff\xd9"):
        stream += b"".join(piece for piece, _, _ in strips.pieces())
    return _is_jpeg_damaged(stream, strips.first(HEIGHT))


def _is_deflate_damaged(piece: bytes, expected: int) -> bool:
    unpacked, stream = 0, zlib.decompressobj()
    try:
        while not stream.eof and (piece or unpacked < expected):
            part = stream.decompress(piece, STEP)
            unpacked, piece = unpacked + len(part), stream.unconsumed_tail
            if not part and not piece:
                break
    except zlib.error:
        return True
    return unpacked < expected or (unpacked > expected and not stream.eof)


def _is_packbits_damaged(piece: bytes, expected: int) -> bool:
    """Count what the runs yield: neither may bytes be missing, nor be left over beyond a padding byte."""
    at = unpacked = 0
    size = len(piece)
    while at < size and unpacked < expected:
        count = piece[at]
        if count < 128:
            at, unpacked = at + 2 + count, unpacked + 1 + count
        elif count > 128:
            at, unpacked = at + 2, unpacked + 257 - count
        else:
            at += 1
    return unpacked != expected or not size - 1 <= at <= size


def _has_runs(piece: bytes, _expected: int) -> bool:
    return any(True for _ in find_runs(piece, RUN))


CHECKS: dict[int, Callable[[bytes, int], bool]] = {
    **dict.fromkeys(DEFLATES, _is_deflate_damaged),
    PACKBITS: _is_packbits_damaged,
    LZW: _has_runs,
    ZSTD: _has_runs,
}
"""Number of a compression: whether a piece is damaged that should unpack to so many bytes."""
