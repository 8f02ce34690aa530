"""Reader of TIFF and BigTIFF, one page of one or several. Sources: TIFF 6.0, Adobe's technical notes."""

from __future__ import annotations

import struct

from imaging.engine.container import exif
from imaging.engine.container.base import Container, Samples, choose_frame
from imaging.engine.errors import Refused

SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
STRIPS, SAMPLES, STRIP_SIZES, PLANAR, PREDICTOR = 273, 277, 279, 284, 317
TILE_WIDTH, TILES, TILE_SIZES, FORMAT, PROFILE = 322, 324, 325, 339, 34675
LAYOUT = (WIDTH, HEIGHT, COMPRESSION, 266, STRIPS, 278, STRIP_SIZES, PREDICTOR, TILE_WIDTH, 323, TILES, TILE_SIZES)
"""Tags for the layout of samples, with bit order (266), rows per strip (278) and tile height (323)."""
SHORTS = frozenset((BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, PREDICTOR, FORMAT))
REDUCED = 1
WHITE_IS_ZERO, RGB, SEPARATED = 0, 2, 5
LAB = 8
READ_DIRECTLY = frozenset((0, 1, RGB, 3, SEPARATED, 6))
"""Grey of two kinds, RGB, palette, CMYK, YCbCr; CIELab with 8 bits besides. Others are refused, not misread."""
COMPRESSIONS = frozenset(
    (1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32809, 32946, 34925, 50000, 50001)
)  # that libtiff reads here
SENSOR_DATA = frozenset((32803, 34892))  # CFA, LinearRaw: what DNG holds
JPEG_COMPRESSIONS = frozenset((6, 7, 33003, 33005, 34712, 50001, 50002))
UNSIGNED, SIGNED, FLOATING = 1, 2, 3
COLOURS = {0: 1, 1: 1, RGB: 3, SEPARATED: 4}
"""Number of colour samples by photometric interpretation; further samples are alpha."""
MOST = 1 << 22
MOST_DIRECTORIES = 2048
DESCRIPTION, HAMAMATSU = 270, 65420


def count(data: bytes) -> int:
    """Return the number of pages that are pictures. Raises Refused."""
    return len(_pictures(_pages(data, exif.walk(data, MOST_DIRECTORIES))))


def read(data: bytes, frame: int | None = None) -> Container:
    """Read sizes, pages and metadata of a TIFF. Raises Refused when several pages are pictures and none was chosen.

    A further page that declares itself a reduced copy is dropped and reported as a thumbnail.
    """
    block = exif.walk(data, MOST_DIRECTORIES)
    pages = _pages(data, block)
    pictures = _pictures(pages)
    if len(pictures) > 1 and _is_slide(pictures):
        raise Refused("slide")
    main = pictures[choose_frame(frame, len(pictures)) - 1]
    small_copy = main.first(SUBFILE) & REDUCED and exif.SUB_IFDS in main.entries
    if small_copy or main.first(PHOTOMETRIC) in SENSOR_DATA or data[8:10] == b"CR":
        raise Refused("raw")  # Pillow would decode a reduced copy, or a sensor's mosaic
    main.require_readable()
    found = block.kinds | ({"thumbnail"} if len(pages) > len(pictures) else set())
    profile = None
    if PROFILE in main.entries:
        _, size, place = main.entries[PROFILE]
        profile = data[place : place + size]
        found.add("colour_profile")
    samples = main.deep_samples()
    return Container(
        kind="tiff",
        payload=data if main is pages[0] else main.as_first(),
        lossless=main.first(COMPRESSION) not in JPEG_COMPRESSIONS,
        width=main.first(WIDTH),
        height=main.first(HEIGHT),
        orientation=exif.orientation(data, block.order, main.directory),
        profile=profile,
        samples=samples,
        found=found,
    )


def _pages(data: bytes, block: exif.Block) -> list[_Page]:
    pages = [_Page(data, block, directory) for directory in block.directories if directory.chained]
    if not pages:
        raise Refused("broken")
    return pages


def _pictures(pages: list[_Page]) -> list[_Page]:
    """Return the first page, and others that are no reduced copies."""
    return [page for number, page in enumerate(pages) if not number or not page.first(SUBFILE) & REDUCED]


def _is_slide(pictures: list[_Page]) -> bool:
    """Whether pages are one scanned slide in several sizes: its maker says so, or tiled pages differ only in size."""
    if any(page.names_scanner() for page in pictures):
        return True
    tiled = [(page.first(WIDTH), page.first(HEIGHT)) for page in pictures if TILE_WIDTH in page.entries]
    widest = max(tiled, default=(0, 0))
    return any(
        width < widest[0] and abs(width * widest[1] - height * widest[0]) <= 2 * (widest[0] + widest[1])
        for width, height in tiled
    )


class _Page:
    def __init__(self, data: bytes, block: exif.Block, directory: exif.Directory) -> None:
        self.data, self.order = data, block.order
        self.big, self.directory = block.big, directory
        self.foreign = block.big and block.order == ">"  # a BigTIFF that Pillow mistakes for a classic TIFF
        self.entries = directory.entries

    def as_first(self) -> bytes:
        """Return the file with its header pointing to this page."""
        if self.big:
            return self.data[:8] + struct.pack(self.order + "Q", self.directory.at) + self.data[16:]
        return self.data[:4] + struct.pack(self.order + "I", self.directory.at) + self.data[8:]

    def names_scanner(self) -> bool:
        """Whether it is a slide scanner's (Aperio and those that write like it; Hamamatsu)."""
        _, size, place = self.entries.get(DESCRIPTION, (0, 0, 0))
        return self.data[place : place + min(size, 6)] == b"Aperio" or HAMAMATSU in self.entries

    def values(self, tag: int) -> tuple[int, ...]:
        entry = self.entries.get(tag)
        return exif.numbers(self.data, self.order, entry, MOST) if entry else ()

    def first(self, tag: int, otherwise: int = 0) -> int:
        return (self.values(tag) or (otherwise,))[0]

    def require_readable(self) -> None:
        """Raise Refused for colours and compressions that no decoder here reads."""
        photometric = self.first(PHOTOMETRIC)
        lab = photometric == LAB and set(self.values(BITS)) <= {8} and self.first(SAMPLES, 1) == 3
        if (not lab and photometric not in READ_DIRECTLY) or self.first(COMPRESSION, 1) not in COMPRESSIONS:
            raise Refused("tiff_unsupported")

    def deep_samples(self) -> Samples | None:
        """Return how to read samples that Pillow misreads or refuses; None where it reads them correctly.

        Pillow reads interleaved 16-bit colour, and floats and 32 bits in grey only. Of deep colour in separate
        planes it repeats the first plane three times; big-endian BigTIFF it does not support. Raises Refused for
        samples that cannot be read either way.
        """
        bits, count, photometric = set(self.values(BITS)), self.first(SAMPLES, 1), self.first(PHOTOMETRIC)
        kind, planar = self.first(FORMAT, UNSIGNED), self.first(PLANAR, 1) == 2
        if max(bits, default=1) <= 8 and not self.foreign:
            return None
        separate = planar and count > 1
        native = bits == {16} and kind == UNSIGNED and not separate and photometric != WHITE_IS_ZERO
        if native and not self.foreign:
            return None
        readable = (8, UNSIGNED), (16, UNSIGNED), (16, SIGNED), (32, UNSIGNED), (32, SIGNED), (32, FLOATING)
        if len(bits) != 1 or (max(bits), kind) not in readable or not COLOURS.get(photometric, 99) <= count <= 8:
            raise Refused("bit_depth")
        if count > 1 and not planar and self.first(PREDICTOR, 1) != 1:
            raise Refused("bit_depth")  # predicts from the previous pixel, not the neighbouring sample
        if self.order == ">" and max(bits) == 32 and kind != FLOATING:
            raise Refused("bit_depth")
        together = 1 if planar else count
        planes = tuple(self._grey(plane, count, together) for plane in range(count if planar else 1))
        return Samples(planes, together, COLOURS[photometric], kind == UNSIGNED, photometric == WHITE_IS_ZERO)

    def _grey(self, plane: int, count: int, together: int) -> bytes:
        """Return the file as a grey picture of one plane, or of all interleaved samples in wider rows."""
        values = {tag: self.values(tag) for tag in LAYOUT if tag in self.entries}
        for tag in (STRIPS, STRIP_SIZES, TILES, TILE_SIZES):
            if together == 1 and tag in values:
                each = len(values[tag]) // count
                values[tag] = values[tag][plane * each : (plane + 1) * each]
        for tag in (WIDTH, TILE_WIDTH):
            if tag in values:
                values[tag] = tuple(value * together for value in values[tag])
        kind = self.first(FORMAT, UNSIGNED)
        values |= {BITS: (self.first(BITS),), SAMPLES: (1,), PHOTOMETRIC: (1,), FORMAT: (kind,)}
        return self._with_directory(values)

    def _with_directory(self, values: dict[int, tuple[int, ...]]) -> bytes:
        """Append a directory of these tags to the bytes, and point the header of a classic TIFF to it.

        Four-byte offsets suffice: accepted files are smaller than 4 GB.
        """
        start = len(self.data) + len(self.data) % 2
        after = start + 2 + 12 * len(values) + 4
        table, bodies = struct.pack(self.order + "H", len(values)), b""
        for tag in sorted(values):
            kind, letter = (3, "H") if tag in SHORTS else (4, "I")
            body = struct.pack(f"{self.order}{len(values[tag])}{letter}", *values[tag])
            if len(body) > 4:
                bodies, body = bodies + body, struct.pack(self.order + "I", after + len(bodies))
            table += struct.pack(self.order + "HHI", tag, kind, len(values[tag])) + body.ljust(4, b"\0")
        head = self.data[:2] + struct.pack(self.order + "HI", 42, start)
        return head + self.data[8:].ljust(start - 8, b"\0") + table + bytes(4) + bodies
