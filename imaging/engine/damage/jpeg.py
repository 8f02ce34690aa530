"""Decoder of JPEG that hears libjpeg's warnings. Sources: ITU-T T.81; jdhuff.c, jdmarker.c of libjpeg-turbo.

Pillow's own decoder drops the warnings: where data are missing or corrupt, libjpeg fills the rest with grey or with
what it makes of the bits, and calls that a success.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import simplejpeg

Pixels = npt.NDArray[np.uint8]

COLOURS = {"Gray": "GRAY", "CMYK": "CMYK", "YCCK": "CMYK"}
"""Colours of the file: what to decode to; all others become RGB."""
ADOBE = b"\xff\xee\x00\x0eAdobe"
BYTES_LEFT = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
"""The warning after all blocks were decoded: bytes are left before the end of the picture."""
PADDING = b"\0\xff"
TRAILER_STARTS = re.compile(rb"ftyp|SEFH|MotionPhoto_Data|EmbeddedVideoFile|\xff\xd8\xff", re.DOTALL)
STUFFED = b"\xff\0"
END_BYTES = 2
READ_AHEAD = 8
"""Bytes that the decoder had read beyond the last block at most, and so does not count as left."""


def decode(payload: bytes, *, end_added: bool) -> tuple[Pixels, bool]:
    """Return H×W×1 (grey), ×3 (RGB) or ×4 (CMYK, 0 is no ink) uint8, and whether part of the picture is damaged.

    payload is a JPEG as `container.jpeg` passes it on; end_added: the file itself had no end marker. Raises ValueError
    where nothing can be decoded.
    """
    colours = COLOURS.get(simplejpeg.decode_jpeg_header(payload, strict=False)[2], "RGB")
    try:
        pixels, damaged = _decode(payload, colours, strict=True), False
    except ValueError as warning:
        pixels = _decode(payload, colours, strict=False)
        damaged = not _is_harmless(str(warning), payload, end_added=end_added)
    if colours == "CMYK" and ADOBE in payload:
        pixels = 255 - pixels  # Adobe's programs write ink inverted
    return pixels, damaged


def _decode(payload: bytes, colours: str, *, strict: bool) -> Pixels:
    decoded: Any = simplejpeg.decode_jpeg(payload, colours, strict=strict)
    return np.asarray(decoded, np.uint8)


def _is_harmless(warning: str, payload: bytes, *, end_added: bool) -> bool:
    """Whether the decoder warned only of bytes after the last block that are no part of the picture.

    Cameras pad with zeros, and some write a film where the end marker belongs. Other bytes are blocks that nobody
    counted: the picture is shifted, or its height in the header is wrong.
    """
    match = BYTES_LEFT.search(warning)
    if match is None:
        return False
    start = len(payload) - END_BYTES - int(match[1])
    left = payload[start:-END_BYTES]
    if not left.strip(PADDING) or TRAILER_STARTS.search(payload, start - READ_AHEAD):
        return True
    return end_added and STUFFED not in left
