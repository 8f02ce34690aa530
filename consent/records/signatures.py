"""Drawn signatures: a small PNG from the browser's canvas, with enough ink to be a person's signature.

Threat: a form recorded as signed though nobody signed. The page already asks for a drawing; a blank or nearly
blank picture, a dot, or a canvas filled in one colour is refused here, whatever the page accepted.
"""

import base64
import binascii
import io
import struct

import numpy as np
from PIL import Image, UnidentifiedImageError

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


def check(png: bytes) -> None:
    """Check that `png` shows a plausible signature. Raises Unreadable, TooLittleInk."""
    ink = _ink(png)
    height, width = ink.shape
    share = float(ink.mean())
    if not LEAST_INK <= share <= MOST_INK:
        raise TooLittleInk
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    span = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    if span < LEAST_SPAN * min(height, width):
        raise TooLittleInk


def _ink(png: bytes) -> np.ndarray:
    """Return H×W bool: where the drawing on a white ground is dark. Raises Unreadable."""
    # The size is read before decompression: 4 bytes each of width and height in the first chunk.
    if not png.startswith(_PNG) or len(png) > MAX_BYTES or len(png) < 33 or png[12:16] != b"IHDR":
        raise Unreadable
    width, height = struct.unpack(">II", png[16:24])
    if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX and width * height <= MAX_PIXELS):
        raise Unreadable
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
            drawn = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise Unreadable from error
    white = Image.new("RGBA", drawn.size, "white")
    return np.asarray(Image.alpha_composite(white, drawn).convert("L")) < DARK
