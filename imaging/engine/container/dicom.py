"""DICOM: not read yet, and refused with a sentence that helps."""

from __future__ import annotations

from imaging.engine.container.base import Container
from imaging.engine.errors import Refused


def read(data: bytes) -> Container:
    """Refuse."""
    raise Refused("dicom_unsupported")
