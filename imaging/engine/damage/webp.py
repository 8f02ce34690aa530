"""Check of WebP, which carries no checksum. Sources: RFC 9649; vp8_dec.c, vp8l_dec.c of libwebp."""

from __future__ import annotations

import io
from itertools import pairwise

from PIL import WebPImagePlugin

TAIL = 16
"""Bytes cut off at the end of the coded data: more than encoders pad with."""
CODED = (b"VP8 ", b"VP8L")
ALPHA, PACKED = b"ALPH", 1
LEAST = 4 * TAIL


def is_damaged(payload: bytes) -> bool:
    """Whether pixels or transparency do without their last bytes, which no sound picture can.

    After damage the decoder is out of step up to the end: it needs more bytes than there are, and says so, or fewer,
    and says nothing. payload is a WebP as `container.webp` passes it on. Costs one more decode.
    """
    return any(_decodes(shortened) for shortened in _shortened(payload))


def _shortened(payload: bytes) -> list[bytes]:
    """Return the file without the last bytes of each chunk whose coding has an end."""
    starts = [12]
    while starts[-1] < len(payload):
        size = int.from_bytes(payload[starts[-1] + 4 : starts[-1] + 8], "little")
        starts.append(starts[-1] + 8 + size + (size & 1))
    result = []
    for start, end in pairwise(starts):
        body = payload[start + 8 : start + 8 + int.from_bytes(payload[start + 4 : start + 8], "little") - TAIL]
        kind = payload[start : start + 4]
        if len(body) < LEAST or not (kind in CODED or (kind == ALPHA and body[0] & 3 == PACKED)):
            continue
        chunk = kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) & 1)
        inner = payload[8:start] + chunk + payload[end:]
        result.append(payload[:4] + len(inner).to_bytes(4, "little") + inner)
    return result


def _decodes(payload: bytes) -> bool:
    try:
        WebPImagePlugin.WebPImageFile(io.BytesIO(payload)).load()
    except (OSError, SyntaxError, ValueError, EOFError):
        return False
    return True
