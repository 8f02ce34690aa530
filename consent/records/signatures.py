"""Drawn signatures: a small PNG from the browser's canvas, with enough ink to be a person's signature.

Threat: a form recorded as signed though nobody signed. The page already asks for a drawing. Whatever the page
accepted, a job lets the sandbox read the picture, and a blank or nearly blank one, a dot, or a canvas filled in one
colour keeps the case from being released. No web request decodes it: only its header is read there.
"""

import base64
import binascii
import io
import struct

import numpy as np
from PIL import Image

MAX_BYTES = 512 * 1024
LONGEST_DATA_URL = 4 * MAX_BYTES // 3 + 100  # characters: base64 makes four of three bytes
MAX_SIDE_PX = 4096
MAX_PIXELS = 4_000_000
DARK = 128  # of 255: darker pixels count as ink on white
LEAST_INK = 0.0006  # share of the canvas: a short stroke of a thin pen; a full stop has less
MOST_INK = 0.5  # more is a filled canvas
LEAST_SPAN = 0.2  # of the canvas's shorter side: extent of the strokes in their longer direction

_PNG = b"\x89PNG\r\n\x1a\n"


class Unreadable(Exception):
    """The bytes are not a small PNG."""


class TooLittleInk(Exception):
    """The drawing holds nothing that could be a signature."""


def decode(data_url: str) -> bytes:
    """Return the PNG in a `data:image/png;base64,…` URL; its content is not checked. Raises Unreadable."""
    if len(data_url) > LONGEST_DATA_URL:
        raise Unreadable
    head, _sep, body = data_url.partition(",")
    try:
        png = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable from error
    if head != "data:image/png;base64" or not png.startswith(_PNG) or len(png) > MAX_BYTES:
        raise Unreadable
    return png


def check_header(png: bytes) -> None:
    """Check that `png` begins like a small PNG; nothing is decoded. Raises Unreadable."""
    # The size is read before decompression: 4 bytes each of width and height in the first chunk.
    if not png.startswith(_PNG) or len(png) > MAX_BYTES or len(png) < 33 or png[12:16] != b"IHDR":
        raise Unreadable
    width, height = struct.unpack(">II", png[16:24])
    if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX and width * height <= MAX_PIXELS):
        raise Unreadable


def check_ink(clean: bytes) -> None:
    """Check that a picture shows a plausible signature. Raises TooLittleInk.

    `clean` is a JPEG on white that the sandbox made of the drawing, never the drawing itself.
    """
    with Image.open(io.BytesIO(clean), formats=("JPEG",)) as picture:
        ink = np.asarray(picture.convert("L")) < DARK
    height, width = ink.shape
    if not LEAST_INK <= float(ink.mean()) <= MOST_INK:
        raise TooLittleInk
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    span = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    if span < LEAST_SPAN * min(height, width):
        raise TooLittleInk
