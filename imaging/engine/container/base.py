"""Result type of the container readers, and checks that they share."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

from imaging.engine.errors import Refused
from imaging.engine.limits import MAX_FRAMES, MAX_PIXELS, MAX_PROFILE_BYTES, MAX_SIDE

KINDS = frozenset(
    [
        "gps",
        "time",
        "camera",
        "lens",
        "serial",
        "patient",
        "owner",
        "unique_id",
        "software",
        "thumbnail",
        "preview",
        "auxiliary_picture",
        "gain_map",
        "mpf",
        "motion_video",
        "audio",
        "maker_notes",
        "description",
        "comment",
        "text",
        "exif",
        "xmp",
        "iptc",
        "photoshop",
        "faces",
        "c2pa",
        "colour_profile",
        "dicom_header",
        "preamble",
        "trailing_data",
    ]
)
"""All kinds of metadata that can be found in a file."""


@dataclass(frozen=True)
class Samples:
    """Samples deeper than 8 bits, to be read plane by plane as grey TIFFs.

    planes: one file per plane; together: samples interleaved in one plane; colours: how many of all samples are
    colour (1 grey, 3 RGB, 4 CMYK); unsigned: unsigned integers; inverted: 0 means white.
    """

    planes: tuple[bytes, ...]
    together: int
    colours: int
    unsigned: bool
    inverted: bool


@dataclass(frozen=True)
class Channels:
    """Meaning of the components of a JPEG 2000 codestream.

    depths: bits of each component; sources: for each channel its component and, where that is a number into the
    palette, the column; order: the channels of grey, red green blue, or CMYK; alpha: its channel; luma: YCbCr;
    inverted: 0 means white.
    """

    depths: tuple[int, ...]
    sources: tuple[tuple[int, int | None], ...]
    order: tuple[int, ...]
    alpha: int | None
    palette: tuple[tuple[int, ...], ...]
    palette_bits: int
    luma: bool
    inverted: bool


@dataclass(frozen=True)
class Aperture:
    """Clean aperture (ISO 14496-12, 12.1.4), px: size of the part to show, offset of its centre from the picture's."""

    width: Fraction
    height: Fraction
    right: Fraction
    down: Fraction

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom (px, end exclusive) in a picture of this size, rounded inwards.

        Raises Refused where nothing of the picture is left.
        """
        left, right = _inner(self.width, self.right, width)
        top, bottom = _inner(self.height, self.down, height)
        if left >= right or top >= bottom:
            raise Refused("broken")
        return left, top, right, bottom


def _inner(size: Fraction, offset: Fraction, whole: int) -> tuple[int, int]:
    start = offset + (whole - size) / 2
    return max(0, math.ceil(start)), min(whole, math.floor(start + size))


Transform = Aperture | int
"""One step from stored to shown pixels: a part to keep, or an orientation as EXIF numbers them (2..8)."""


@dataclass
class Container:
    """Structure of a file.

    payload goes to the decoder, or is pixels already, row by row, in Pillow's raw_mode; transforms, in this order, and
    then orientation (EXIF's 1..8) are still to be applied; profile is the ICC profile or None; coded_colours are
    primaries and transfer characteristics by ITU-T H.273, used where there is no profile; samples describe how to read
    deep TIFFs, channels JPEG 2000; found names the kinds of metadata in the file; damaged: parts of the picture are
    missing, which a decoder would not notice; end_added: a JPEG without an end marker, which payload has;
    coded_frame: the coded frame of a DICOM file whose payload is unpacked already.
    """

    kind: str
    payload: bytes
    lossless: bool
    width: int
    height: int
    raw_mode: str = ""
    orientation: int = 1
    transforms: tuple[Transform, ...] = ()
    profile: bytes | None = None
    coded_colours: tuple[int, int] | None = None
    samples: Samples | None = None
    channels: Channels | None = None
    found: set[str] = field(default_factory=set)
    damaged: bool = False
    end_added: bool = False
    coded_frame: bytes = b""

    def __post_init__(self) -> None:
        """Enforce the limits for every reader."""
        check_size(self.width, self.height)
        if self.profile is not None and len(self.profile) > MAX_PROFILE_BYTES:
            raise Refused("profile_too_large")


def choose_frame(frame: int | None, count: int) -> int:
    """Return the number of the frame to read, from 1. Raises Refused where there are many and none was chosen."""
    if count > MAX_FRAMES:
        raise Refused("too_many_frames")
    if frame is None and count > 1:
        raise Refused("multi_page")
    chosen = 1 if frame is None else frame
    if not 1 <= chosen <= count:
        raise Refused("no_such_frame")
    return chosen


def check_size(width: int, height: int) -> None:
    """Raise Refused for pictures without size or with too many pixels (80 million, 20,000 a side)."""
    if width < 1 or height < 1:
        raise Refused("broken")
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Refused("too_large")
