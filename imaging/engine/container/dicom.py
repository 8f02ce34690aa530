"""Reader of DICOM: one frame of pixels; the data set, which describes the patient, is dropped.

Sources: PS3.5 (encoding), PS3.10 (file), PS3.3, C.7.6.3 (pixels).
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.encaps import get_frame
from pydicom.errors import InvalidDicomError
from pydicom.pixels.utils import pixel_array

from imaging.engine.container import exif, jpeg, palette
from imaging.engine.container.base import Container, check_size, choose_frame
from imaging.engine.errors import Refused

ERRORS = (InvalidDicomError, AttributeError, LookupError, ValueError, TypeError, RuntimeError, EOFError)
JPEG_SYNTAXES = frozenset(("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"))
LOSSY_JPEG_2000 = "1.2.840.10008.1.2.4.91"
WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
PREAMBLE = 128
"""Bytes before "DICM", free for another format's header (PS3.10, 7.1)."""
COLOURS = frozenset(("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT", "PALETTE COLOR"))
ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0\0"
"""Marker that declares a JPEG's three components as RGB, where only the data set says so."""
KINDS = {
    "patient": ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "OtherPatientIDs"),
    "time": ("StudyDate", "SeriesDate", "ContentDate", "AcquisitionDateTime", "StudyTime"),
    "owner": ("InstitutionName", "ReferringPhysicianName", "OperatorsName", "PerformingPhysicianName"),
    "camera": ("Manufacturer", "ManufacturerModelName"),
    "serial": ("DeviceSerialNumber", "StationName"),
    "unique_id": ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"),
    "description": ("StudyDescription", "SeriesDescription", "ImageComments"),
}


def count(data: bytes) -> int:
    """Return the number of frames. Raises Refused."""
    try:
        return _count(pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True))
    except ERRORS as error:
        raise Refused("dicom_unsupported") from error


def _count(dataset: Any) -> int:
    return int(dataset.get("NumberOfFrames", 1) or 1)


def read(data: bytes, frame: int | None = None) -> Container:
    """Return one frame, as a JPEG where it is one, else as raw RGB. Raises Refused."""
    try:
        dataset = pydicom.dcmread(io.BytesIO(data))
        width, height = int(dataset.Columns), int(dataset.Rows)
        check_size(width, height)
        if dataset.get("SOPClassUID") == WHOLE_SLIDE:
            raise Refused("slide")
        frames = _count(dataset)
        index = choose_frame(frame, frames) - 1
        found = (
            _preamble_kinds(data)
            | {"dicom_header"}
            | {kind for kind, keywords in KINDS.items() if any(dataset.get(keyword) for keyword in keywords)}
        )
        profile = bytes(dataset.ICCProfile) if "ICCProfile" in dataset else None
        syntax = str(dataset.file_meta.TransferSyntaxUID)
        coded = b""
        if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
            coded = get_frame(dataset.PixelData, index, number_of_frames=frames)
        if syntax in JPEG_SYNTAXES:
            inner = jpeg.read(coded)
            if dataset.PhotometricInterpretation == "RGB" and not {b"JFIF", b"Adob"} & {inner.payload[6:10]}:
                inner.payload = inner.payload[:2] + ADOBE_RGB + inner.payload[2:]
            if dataset.PhotometricInterpretation != "MONOCHROME1":  # which JPEG alone cannot express
                inner.found |= found
                inner.profile = inner.profile or profile
                return inner
        payload, lossless = _levels(dataset, index).tobytes(), syntax not in (LOSSY_JPEG_2000, *JPEG_SYNTAXES)
    except ERRORS as error:
        raise Refused("dicom_unsupported") from error
    return Container(
        "dicom", payload, lossless, width, height, raw_mode="RGB", profile=profile, found=found, coded_frame=coded
    )


def _preamble_kinds(data: bytes) -> set[str]:
    """Name a second format's header before the data set, and what its directories hold if it is a TIFF."""
    start = data[:PREAMBLE]
    if not start.strip(b"\0"):
        return set()
    block = exif.walk(data)
    pictures = any({exif.STRIP_OFFSETS, exif.TILE_OFFSETS} & set(part.entries) for part in block.directories)
    return {"preamble"} | block.kinds | ({"preview"} if pictures else set())


def _levels(dataset: Any, index: int) -> npt.NDArray[np.uint8]:
    """Return H×W×3 uint8 from a frame that is not a JPEG."""
    meaning = str(dataset.PhotometricInterpretation)
    if meaning not in COLOURS and not meaning.startswith("MONOCHROME"):
        raise Refused("dicom_unsupported")
    levels = pixel_array(dataset, index=index)  # pydicom converts YBR to RGB
    if meaning == "PALETTE COLOR":
        return palette.apply(levels, dataset)
    if levels.dtype != np.uint8 and meaning.startswith("MONOCHROME"):
        levels = _stretch(levels.astype(np.float32))
    elif levels.dtype != np.uint8 or dataset.BitsStored < 8:
        top = 2 ** int(dataset.BitsStored) - 1
        levels = np.clip(np.round(levels * np.float32(255 / top)), 0, 255).astype(np.uint8)
    if meaning == "MONOCHROME1":
        levels = 255 - levels
    if levels.ndim == 2:
        levels = np.repeat(levels[..., None], 3, axis=2)
    rgb: npt.NDArray[np.uint8] = np.ascontiguousarray(levels[..., :3])
    return rgb


def _stretch(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Scale deep grey from the range in use: absolute levels depend on the device's window."""
    low, high = float(levels.min()), float(levels.max())
    return np.round((levels - low) * (255 / max(high - low, 1.0))).astype(np.uint8)
