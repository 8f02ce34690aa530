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

from imaging.engine.container.base import Container
from imaging.engine.damage import seam
from imaging.engine.damage.sectors import has_lost_sector

Pixels = npt.NDArray[np.uint8]

COLOURS = {"Gray": "GRAY", "CMYK": "CMYK", "YCCK": "CMYK"}
"""Colours of the file: what to decode to; all others become RGB."""
ADOBE = b"\xff\xee\x00\x0eAdobe"
BYTES_LEFT = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
"""The warning that bytes are left before the end of the picture: after all blocks, or at a missing restart marker."""
PADDING = b"\0\xff"
TRAILER_STARTS = re.compile(rb"ftyp|SEFH|MotionPhoto_Data|EmbeddedVideoFile|\xff\xd8\xff", re.DOTALL)
STUFFED = b"\xff\0"
END_BYTES = 2
READ_AHEAD = 8
"""Bytes that the decoder had read beyond the last block at most, and so does not count as left."""


def is_damaged(container: Container) -> bool:
    """Whether part of a JPEG is damaged, at less than half of the cost of decoding. Raises ValueError like `decode`."""
    return _hear(container, min_height=1, min_width=1, min_factor=8)[1]


def decode(container: Container) -> tuple[Pixels, bool]:
    """Return H×W×1 (grey), ×3 (RGB) or ×4 (CMYK, 0 is no ink) uint8, and whether part of the picture is damaged.

    container is what `container.jpeg` returns. Raises ValueError where nothing can be decoded.
    """
    pixels, damaged = _hear(container)
    return pixels, damaged or seam.has_seam(pixels, simplejpeg.decode_jpeg_header(container.payload, strict=False)[3])


def _hear(container: Container, **scale: int) -> tuple[Pixels, bool]:
    payload = container.payload
    colours = COLOURS.get(simplejpeg.decode_jpeg_header(payload, strict=False)[2], "RGB")
    damaged = False
    try:
        pixels = _decode(payload, colours, strict=True, **scale)
    except ValueError as warning:
        try:
            payload = _without_trailer(str(warning), payload, end_added=container.end_added)
            pixels = _decode(payload, colours, strict=True, **scale)
        except ValueError:
            pixels, damaged = _decode(payload, colours, strict=False, **scale), True
    damaged = damaged or has_lost_sector(payload)
    if colours == "CMYK" and ADOBE in payload:
        pixels = 255 - pixels  # Adobe's programs write ink inverted
    return pixels, damaged


def _decode(payload: bytes, colours: str, *, strict: bool, **scale: int) -> Pixels:
    decoded: Any = simplejpeg.decode_jpeg(payload, colours, strict=strict, **scale)
    return np.asarray(decoded, np.uint8)


def _without_trailer(warning: str, payload: bytes, *, end_added: bool) -> bytes:
    """Return the JPEG without bytes after its last block that are no part of the picture. Raises ValueError for others.

    Cameras pad with zeros, and some write a film where the end marker belongs. Other bytes are blocks that nobody
    counted: the picture is shifted, or its height in the header is wrong.
    """
    match = BYTES_LEFT.search(warning)
    if match is None:
        raise ValueError(warning)
    start = len(payload) - END_BYTES - int(match[1])
    left = payload[start:-END_BYTES]
    trailer = not left.strip(PADDING) or TRAILER_STARTS.search(payload, start - READ_AHEAD)
    if not trailer and (STUFFED in left or not end_added):
        raise ValueError(warning)
    return payload[:start] + payload[-END_BYTES:]
