"""Reader of JPEG 2000: JP2 and JPX files and bare codestreams. Sources: ISO 15444-1 (annexes A and I), 15444-2."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from imaging.engine.container.base import Channels, Container, check_size
from imaging.engine.container.bmff import C2PA_UUID, XMP_UUID
from imaging.engine.container.boxes import children
from imaging.engine.container.exif import exif_kinds
from imaging.engine.container.packets import iptc_kinds, xmp_kinds
from imaging.engine.errors import Refused

CODESTREAM, BOXES = b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n"
SIGNATURES = (CODESTREAM, BOXES)
EXIF_UUID, IPTC_UUID = b"JpgTiffExif->JP2", bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38")
GEO_UUID = bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03")
STRUCTURE = frozenset((b"jP  ", b"ftyp", b"jp2h", b"jp2c", b"rreq", b"free", b"mdat", b"ftbl", b"flst"))
KINDS = {b"xml ": "xmp", b"jumb": "c2pa", b"jp2i": "owner", b"uinf": "text", b"asoc": "text", b"lbl ": "text"}
COMMENT, TILE, DATA, END = 0xFF64, 0xFF90, 0xFF93, 0xFFD9
WHITE_IS_ZERO, CMYK, BLACK_IS_ZERO, SRGB, GREY, SYCC = 0, 12, 15, 16, 17, 18
COLOURS = {WHITE_IS_ZERO: 1, CMYK: 4, BLACK_IS_ZERO: 1, SRGB: 3, GREY: 1, SYCC: 3}
"""Enumerated colour space: number of colour channels. Others, as CIELab, are refused."""
ICC_METHODS = (2, 3)
MOST_COMPONENTS = 4


@dataclass
class _Header:
    """Boxes of the header: colour space or profile, palette (entries × columns, depth in bits) and channels."""

    space: int | None = None
    profile: bytes | None = None
    palette: tuple[tuple[int, ...], ...] = ()
    palette_bits: int = 8
    sources: tuple[tuple[int, int | None], ...] = ()
    uses: dict[int, tuple[int, int]] = field(default_factory=dict)  # channel -> type, association


def read(data: bytes) -> Container:
    """Return the codestream without comments, and how its components become colours. Raises Refused."""
    found: set[str] = set()
    try:
        header, stream = (_Header(), data) if data.startswith(CODESTREAM) else _unbox(data, found)
        payload, width, height, depths = _walk(stream, found)
        channels = _channels(header, depths)
    except (struct.error, IndexError) as error:
        raise Refused("broken") from error
    if header.profile:
        found.add("colour_profile")
    return Container(
        kind="jp2",
        payload=payload,
        lossless=_is_reversible(payload),
        width=width,
        height=height,
        profile=header.profile,
        channels=channels,
        found=found,
    )


def _unbox(data: bytes, found: set[str]) -> tuple[_Header, bytes]:
    header, streams = _Header(), []
    for kind, body in children(data):
        if kind == b"ftyp" and body[:4] == b"mjp2":
            raise Refused("video")
        if kind == b"jp2h":
            _read_header(body, header)
        elif kind == b"jp2c":
            streams.append(body)
        elif kind == b"uuid":
            found |= _uuid_kinds(body)
        elif kind == b"xml ":
            found |= xmp_kinds(body)
        elif kind in KINDS:
            found.add(KINDS[kind])
        elif kind not in STRUCTURE and body.strip(b"\0"):
            found.add("trailing_data")
    if len(streams) > 1:
        raise Refused("multi_page")
    return header, streams[0] if streams else b""


def _uuid_kinds(body: bytes) -> set[str]:
    name, value = body[:16], body[16:]
    if name == XMP_UUID:
        return xmp_kinds(value)
    if name == EXIF_UUID:
        return exif_kinds(value)[0]
    if name == IPTC_UUID:
        return iptc_kinds(value)
    return {"gps"} if name == GEO_UUID else {"c2pa"} if name == C2PA_UUID else {"trailing_data"}


def _read_header(box: bytes, header: _Header) -> None:
    for kind, body in children(box):
        if kind == b"colr" and header.space is None and header.profile is None:
            if body[0] == 1:
                (header.space,) = struct.unpack(">I", body[3:7])
            elif body[0] in ICC_METHODS:
                header.profile = body[3:]
        elif kind == b"pclr":
            entries, columns = struct.unpack(">HB", body[:3])
            depths = [(depth & 0x7F) + 1 for depth in body[3 : 3 + columns]]
            header.palette_bits = max(depths, default=8)
            row = struct.Struct(">" + "".join("H" if depth > 8 else "B" for depth in depths))
            header.palette = tuple(row.iter_unpack(body[3 + columns : 3 + columns + entries * row.size]))
        elif kind == b"cmap":
            rows = struct.iter_unpack(">HBB", body)
            header.sources = tuple((component, column if kind else None) for component, kind, column in rows)
        elif kind == b"cdef":
            header.uses = {number: (use, colour) for number, use, colour in struct.iter_unpack(">HHH", body[2:])}


def _channels(header: _Header, depths: tuple[int, ...]) -> Channels:
    """Say which channel is which colour and which is alpha, by definition (cdef) or else by position."""
    sources = header.sources if header.palette else tuple((number, None) for number in range(len(depths)))
    numbers = [depths[component] for component, column in sources if column is not None]
    if len(depths) > MOST_COMPONENTS or max(numbers, default=1) > 8:
        raise Refused("bit_depth")
    count = len(sources)
    if header.space is None:
        named = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}.get(header.profile[16:20]) if header.profile else None
        colours = named or (3 if count >= 3 else 1)
    else:
        colours = COLOURS.get(header.space, 0)
    if not 0 < colours <= count:
        raise Refused("bit_depth")
    order = list(range(colours))
    alpha = None
    for number, (use, colour) in sorted(header.uses.items()):
        if use == 0 and 1 <= colour <= colours and number < count:
            order[colour - 1] = number
        elif use in (1, 2) and number < count:
            alpha = number
    return Channels(
        depths=depths,
        sources=sources,
        order=tuple(order),
        alpha=alpha,
        palette=header.palette,
        palette_bits=header.palette_bits,
        luma=header.space == SYCC,
        inverted=header.space == WHITE_IS_ZERO,
    )


def _walk(stream: bytes, found: set[str]) -> tuple[bytes, int, int, tuple[int, ...]]:
    """Return the codestream without comments, its width and height, and the depth of each component.

    Raises Refused for one whose parts of tiles do not all lie in the file: decoders leave their place grey.
    """
    if not stream.startswith(CODESTREAM):
        raise Refused("broken")
    sizes = struct.unpack(">8I", stream[8:40])
    width, height = sizes[0] - sizes[2], sizes[1] - sizes[3]
    check_size(width, height)
    count = int.from_bytes(stream[40:42], "big")
    depths = tuple((depth & 0x7F) + 1 for depth in stream[42 : 42 + 3 * count : 3])
    across, down = (-(-(sizes[n] - sizes[6 + n]) // max(1, sizes[4 + n])) for n in (0, 1))
    kept, at, tiles = [stream[:2]], 2, set[int]()
    while at + 4 <= len(stream):
        marker, size = struct.unpack(">HH", stream[at : at + 4])
        if marker == TILE:
            number, length = struct.unpack(">HI", stream[at + 4 : at + 10])
            end = at + length if length else len(stream)
            if (length and length < 14) or end > len(stream):
                raise Refused("broken")
            tiles.add(number)
            kept.append(stream[at:end])
            at = end
            continue
        if marker == END or size < 2:
            break
        if marker == COMMENT:
            if not stream[at + 6 : at + 2 + size].startswith((b"Created by OpenJPEG", b"Kakadu-")):
                found.add("comment")
        else:
            kept.append(stream[at : at + 2 + size])
        at += 2 + size
    if len(tiles) < across * down:
        raise Refused("broken")
    if stream[at + 2 :].strip(b"\0"):
        found.add("trailing_data")
    return b"".join(kept) + END.to_bytes(2, "big"), width, height, depths


def _is_reversible(stream: bytes) -> bool:
    """Whether the default coding style is the reversible wavelet (which a lossy file may use too)."""
    at = stream.find(b"\xff\x52")
    return at > 0 and stream[at + 13 : at + 14] == b"\1"
