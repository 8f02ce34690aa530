"""Container formats: the kind of a file, the metadata it carries, and the bytes to decode.

One reader per format. Each walks the structure itself, strictly bounded, before any decoder sees the file, and
passes on the smallest file with the same pixels where the format allows that.
"""

from __future__ import annotations

from collections.abc import Callable

from imaging.engine.container import bmff, bmp, dicom, gif, jp2, jpeg, jxl, png, tiff, webp
from imaging.engine.container.base import Container, choose_frame
from imaging.engine.errors import Refused

READERS: dict[str, Callable[[bytes], Container]] = {
    "jpeg": jpeg.read,
    "png": png.read,
    "gif": gif.read,
    "webp": webp.read,
    "bmff": bmff.read,
    "bmp": bmp.read,
    "jp2": jp2.read,
    "jxl": jxl.read,
}
FRAME_READERS: dict[str, Callable[[bytes, int | None], Container]] = {"tiff": tiff.read, "dicom": dicom.read}
"""Readers of kinds that may hold several pictures, of which one can be chosen."""
COUNTERS: dict[str, Callable[[bytes], int]] = {"tiff": tiff.count, "dicom": dicom.count}
RAW_SIGNATURES = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM")
"""Raw files of Fujifilm, Olympus, Panasonic, Sigma and Minolta; the others look like TIFF."""


def sniff(data: bytes) -> str:
    """Return the key of READERS or FRAME_READERS by the bytes alone; file names and declared types are ignored.

    Raises Refused, with a specific sentence for kinds that are often sent by mistake.
    """
    for kind, matches in (
        ("dicom", data[128:132] == b"DICM"),  # its preamble may be another format's header
        ("jpeg", data[:3] == b"\xff\xd8\xff"),
        ("png", data[:8] == b"\x89PNG\r\n\x1a\n"),
        ("gif", data[:6] in (b"GIF87a", b"GIF89a")),
        ("webp", data[:4] == b"RIFF" and data[8:12] == b"WEBP"),
        ("tiff", data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
        ("jp2", data.startswith(jp2.SIGNATURES)),
        ("jxl", data.startswith(jxl.SIGNATURES)),
        ("bmff", data[4:8] == b"ftyp"),
        ("bmp", bmp.matches(data)),
    ):
        if matches:
            return kind
    raise Refused(_refusal_code(data))


def _refusal_code(data: bytes) -> str:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"%pdf"):
        return "pdf"
    if start.startswith((b"%!ps", b"\xc5\xd0\xd3\xc6")):
        return "postscript"
    if b"<svg" in start:
        return "svg"
    if start.startswith((b"\x1aE\xdf\xa3".lower(), b"oggs")) or start[8:12] == b"avi ":
        return "video"
    if data.startswith(RAW_SIGNATURES):
        return "raw"
    return "unknown_format"


def read(data: bytes, frame: int | None = None) -> Container:
    """Read the structure of a file. frame: which of several pictures, from 1.

    Raises Refused for broken, animated, too large or unsupported files, and for several pictures without a choice.
    """
    if not data:
        raise Refused("empty")
    kind = sniff(data)
    if kind in FRAME_READERS:
        return FRAME_READERS[kind](data, frame)
    choose_frame(frame, 1)
    return READERS[kind](data)


def count_frames(data: bytes) -> int:
    """Return how many pictures one can choose from, read from headers alone. Raises Refused."""
    kind = sniff(data)
    return COUNTERS[kind](data) if kind in COUNTERS else 1
