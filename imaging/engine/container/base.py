"""Result type of the container readers, and checks that they share."""

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


@dataclass
class Container:
    """Structure of a file.

    payload goes to the decoder; orientation is EXIF's 1..8, still to be applied; profile is the ICC profile or
    None; coded_colours are primaries and transfer characteristics by ITU-T H.273, used where there is no profile;
    samples describe how to read deep TIFFs; found names the kinds of metadata in the file; damaged: parts of the
    picture are missing, which a decoder would not notice; end_added: a JPEG without an end marker, which payload has;
    frame: the coded frame of a DICOM file whose payload is unpacked already.
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
    damaged: bool = False
    end_added: bool = False
    frame: bytes = b""

    def __post_init__(self) -> None:
        """Enforce the limits for every reader."""
        check_size(self.width, self.height)
        if self.profile is not None and len(self.profile) > MAX_PROFILE_BYTES:
            raise Refused("profile_too_large")


def check_size(width: int, height: int) -> None:
    """Raise Refused for pictures without size or with too many pixels (80 million, 20,000 a side)."""
    if width < 1 or height < 1:
        raise Refused("broken")
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Refused("too_large")
