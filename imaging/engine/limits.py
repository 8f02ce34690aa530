"""Every number that bounds the work, in one place. Measured in IMAGING unless said otherwise."""

from __future__ import annotations

ENGINE_VERSION = "4"  # changes whenever output bytes or detection change

MAX_FILE_BYTES = 40 * 1024 * 1024
MAX_PIXELS = 80_000_000
MAX_SIDE = 20_000
SMALL_SIDES = (800, 600)  # long, short: fewer pixels are too few to judge a lesion by
MAX_PROFILE_BYTES = 1024 * 1024
MAX_TEXT_BYTES = 8 * 1024 * 1024  # unpacked zTXt, iTXt of one PNG
MAX_SCANS = 100  # progressive JPEG: cameras and web services write about ten

DISPLAY_SIDE = 2048
THUMBNAIL_SIDE = 480
JPEG_QUALITY = 95
PREVIEW_QUALITY = 88

PRESELECT_SCORE = 0.4

MAX_MASKS = 500
MAX_POINTS = 400
"""Of one brush stroke: a hand drawn line, simplified to what the eye can tell apart, has a tenth of it."""

QUEUE_SECONDS = 600.0
"""How long a picture may wait for a free sandbox child before the caller is told to try again."""


def is_small(width: int, height: int) -> bool:
    """Less than 800 × 600 px, lying or standing."""
    long_side, short_side = SMALL_SIDES
    return max(width, height) < long_side or min(width, height) < short_side
