"""DICOM: the pixels of one frame; the data set, which is all about the patient, is dropped. Source: PS3.5."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.encaps import generate_frames
from pydicom.errors import InvalidDicomError

from imaging.engine.container import jpeg
from imaging.engine.container.base import Container, check_size
from imaging.engine.errors import Refused

ERRORS = (InvalidDicomError, AttributeError, LookupError, ValueError, TypeError, RuntimeError, EOFError)
JPEG_SYNTAXES = frozenset(("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"))
KINDS = {
    "patient": ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "OtherPatientIDs"),
    "time": ("StudyDate", "SeriesDate", "ContentDate", "AcquisitionDateTime", "StudyTime"),
    "owner": ("InstitutionName", "ReferringPhysicianName", "OperatorsName", "PerformingPhysicianName"),
    "camera": ("Manufacturer", "ManufacturerModelName"),
    "serial": ("DeviceSerialNumber", "StationName"),
    "unique_id": ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"),
    "description": ("StudyDescription", "SeriesDescription", "ImageComments"),
}


def read(data: bytes) -> Container:
    """One frame as a JPEG (where it is one) or as raw RGB. Raises Refused."""
    try:
        dataset = pydicom.dcmread(io.BytesIO(data))
        width, height = int(dataset.Columns), int(dataset.Rows)
        check_size(width, height)
        if int(dataset.get("NumberOfFrames", 1) or 1) > 1:
            raise Refused("multi_page")
        found = {"dicom_header"} | {
            kind for kind, keywords in KINDS.items() if any(dataset.get(keyword) for keyword in keywords)
        }
        profile = bytes(dataset.ICCProfile) if "ICCProfile" in dataset else None
        if str(dataset.file_meta.TransferSyntaxUID) in JPEG_SYNTAXES:
            inner = jpeg.read(next(generate_frames(dataset.PixelData, number_of_frames=1)))
            inner.found |= found
            inner.profile = inner.profile or profile
            return inner
        payload = _levels(dataset).tobytes()
    except ERRORS as error:
        raise Refused("dicom_unsupported") from error
    return Container("dicom", payload, True, width, height, profile=profile, found=found)


def _levels(dataset: Any) -> npt.NDArray[np.uint8]:
    """H×W×3 uint8 from a frame that is stored as it is."""
    meaning = str(dataset.PhotometricInterpretation)
    if meaning not in ("RGB", "MONOCHROME1", "MONOCHROME2", "YBR_FULL", "YBR_FULL_422"):
        raise Refused("dicom_unsupported")
    levels = dataset.pixel_array  # pydicom turns YBR into RGB by itself
    if levels.dtype != np.uint8:
        levels = _stretched(levels.astype(np.float32))
    if meaning == "MONOCHROME1":
        levels = 255 - levels
    if levels.ndim == 2:
        levels = np.repeat(levels[..., None], 3, axis=2)
    rgb: npt.NDArray[np.uint8] = np.ascontiguousarray(levels)
    return rgb


def _stretched(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Deep pixels over the range that they use: their absolute level means nothing in a photograph."""
    low, high = float(levels.min()), float(levels.max())
    return np.round((levels - low) * (255 / max(high - low, 1.0))).astype(np.uint8)
