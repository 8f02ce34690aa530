"""Reader of JPEG XL, as a bare codestream and in boxes. Sources: ISO 18181-1 and 18181-2."""

from __future__ import annotations

from imaging.engine import jpegxl
from imaging.engine.container.base import Container, check_size
from imaging.engine.container.boxes import children
from imaging.engine.container.exif import exif_kinds
from imaging.engine.container.packets import xmp_kinds
from imaging.engine.errors import Refused

CODESTREAM, BOXES = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
SIGNATURES = (CODESTREAM, BOXES)
FROM_JPEG = b"jbrd"
STRUCTURE = frozenset((b"JXL ", b"ftyp", b"jxll", b"jxli", FROM_JPEG))
"""Boxes without metadata: brand, level, index of frames, and how to write the JPEG anew that it was made from."""
PACKED_KINDS = {b"Exif": "exif", b"xml ": "xmp", b"jumb": "c2pa"}
"""Of a box that is packed with Brotli: the kind it holds."""


def read(data: bytes) -> Container:
    """Decode the codestream alone, after a look at its header, to raw pixels. Raises Refused."""
    found: set[str] = set()
    boxes = [] if data.startswith(CODESTREAM) else list(children(data))
    codestream = _unbox(boxes, found) if boxes else data
    try:
        header = jpegxl.read_header(codestream)
        check_size(header.width, header.height)
        if header.animated:
            raise Refused("animated")
        if header.black:
            raise Refused("bit_depth")
        decoded = jpegxl.decode(codestream)
    except jpegxl.Broken as error:
        raise Refused("broken") from error
    except jpegxl.Missing as error:
        raise Refused("unknown_format") from error
    if header.further_channels:
        found.add("auxiliary_picture")
    if header.preview:
        found.add("preview")
    if codestream[len(codestream) - decoded.rest :].strip(b"\0"):
        found.add("trailing_data")
    return Container(
        kind="jxl",
        payload=decoded.payload,
        raw_mode=decoded.mode,
        lossless=header.lossless and not any(kind == FROM_JPEG for kind, _ in boxes),
        width=header.width,
        height=header.height,
        profile=decoded.profile,
        found=found,
    )


def _unbox(boxes: list[tuple[bytes, bytes]], found: set[str]) -> bytes:
    """Return the codestream out of its boxes and name the others."""
    parts = []
    for kind, body in boxes:
        if kind == b"jxlc":
            parts.append(body)
        elif kind == b"jxlp":
            parts.append(body[4:])
        elif kind == b"Exif":
            found |= exif_kinds(body[4 + int.from_bytes(body[:4], "big") :])[0]
        elif kind == b"xml ":
            found |= xmp_kinds(body)
        elif kind == b"brob":
            found.add(PACKED_KINDS.get(body[:4], "text"))
        elif kind in (b"jumb", b"jhgm"):
            found.add("c2pa" if kind == b"jumb" else "gain_map")
        elif kind not in STRUCTURE and body.strip(b"\0"):
            found.add("trailing_data")
    return b"".join(parts)
