"""What every container reader returns, and the checks they share."""

from __future__ import annotations

from dataclasses import dataclass, field

from imaging.engine.errors import Refused
from imaging.engine.limits import MAX_PIXELS, MAX_PROFILE_BYTES, MAX_SIDE

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
        "trailing_data",
    ]
)
"""Every kind of information that can be found in a file."""


@dataclass(frozen=True)
class Samples:
    """Deep samples, to be read one plane after the other as grey TIFFs.

    planes: files; together: how many samples stand side by side in one; colours: how many of all samples
    are colour (1 grey, 3 RGB, 4 CMYK); unsigned: whole numbers without sign; inverted: 0 means white.
    """

    planes: tuple[bytes, ...]
    together: int
    colours: int
    unsigned: bool
    inverted: bool


@dataclass
class Container:
    """A file seen from outside.

    payload is what the decoder gets; orientation is EXIF's 1..8, still to be applied; profile is the
    ICC profile or None; coded_colours are primaries and transfer characteristics by ITU-T H.273, which
    count where there is no profile; samples say how to read deep TIFFs; found names by kind what the file
    carried besides pixels.
    """

    kind: str
    payload: bytes
    lossless: bool
    width: int
    height: int
    orientation: int = 1
    profile: bytes | None = None
    coded_colours: tuple[int, int] | None = None
    samples: Samples | None = None
    found: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """No reader can forget the limits."""
        check_size(self.width, self.height)
        if self.profile is not None and len(self.profile) > MAX_PROFILE_BYTES:
            raise Refused("profile_too_large")


def check_size(width: int, height: int) -> None:
    """Raise Refused for pictures of no size or of too many pixels (80 million, 20,000 a side)."""
    if width < 1 or height < 1:
        raise Refused("broken")
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Refused("too_large")
