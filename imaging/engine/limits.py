"""Limits of the engine, in one place. docs/imaging.md says how they were measured."""

from __future__ import annotations

ENGINE_VERSION = "5"  # changes whenever output bytes or detection change

MAX_FILE_BYTES = 40 * 1024 * 1024  # the site's limit too: settings.UPLOAD_MAX_BYTES is this number
MAX_PIXELS = 80_000_000
MAX_SIDE = 20_000
SMALL_SIDES = (800, 600)  # long, short: fewer pixels are too few to judge a lesion
MAX_PROFILE_BYTES = 1024 * 1024
MAX_TEXT_BYTES = 8 * 1024 * 1024  # unpacked zTXt, iTXt of one PNG
MAX_SCANS = 100  # progressive JPEG: cameras and web services write about ten

MAX_FRAMES = 500  # of one file, to choose from

DISPLAY_SIDE = 2048
THUMBNAIL_SIDE = 480
JPEG_QUALITY = 95
PREVIEW_QUALITY = 88

PRESELECT_SCORE = 0.4
ASKED_SHARE, CERTAIN_SCORE = 0.25, 0.98
"""A mask over more than this share of the picture is suggested from this score only: it could hide the lesion."""

MAX_MASKS = 500
MAX_POINTS = 400
"""Points of one brush stroke: a line drawn by hand, simplified to visible differences, has a tenth of them."""

QUEUE_SECONDS = 600.0
"""Longest wait for a free sandbox child before the caller is told to try again."""


def is_small(width: int, height: int) -> bool:
    """Whether a picture has less than 800 × 600 px, in landscape or portrait."""
    long_side, short_side = SMALL_SIDES
    return max(width, height) < long_side or min(width, height) < short_side
