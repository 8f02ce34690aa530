"""Check of a file for damage, by its kind, before it is decoded."""

from __future__ import annotations

from collections.abc import Callable

from imaging.engine.container import jpeg as jpeg_container
from imaging.engine.container.base import Container
from imaging.engine.damage import bmff, jpeg, jpeg2000, tiff, webp


def is_damaged(container: Container) -> bool:
    """Whether a part of the picture is missing or wrong, as far as the coded bytes tell.

    Decoders of JPEG, PNG and GIF say so themselves. Raises what readers of broken files raise.
    """
    check = CHECKS.get(container.kind)
    return check is not None and check(container)


def _is_frame_damaged(container: Container) -> bool:
    """Check the frame that DICOM's own decoders have unpacked, or none."""
    if container.coded_frame.startswith(b"\xff\xd8"):
        return jpeg.is_damaged(jpeg_container.read(container.coded_frame))
    return jpeg2000.is_damaged(container.coded_frame)


CHECKS: dict[str, Callable[[Container], bool]] = {
    "dicom": _is_frame_damaged,
    "jp2": lambda container: jpeg2000.is_damaged(container.payload),
    "tiff": lambda container: tiff.is_damaged(container.payload),
    "webp": lambda container: webp.is_damaged(container.payload),
    "heic": lambda container: bmff.is_damaged(container.payload, container.width, container.height),
    "avif": lambda container: bmff.is_damaged(container.payload, container.width, container.height),
}
