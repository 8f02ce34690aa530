"""YuNet: small faces in large pictures (40 to 90 px in 12 megapixels), too small in RetinaFace's views.

Runs in onnxruntime, which needs half of OpenCV's CPU time, accepts any size, and reads no uninitialised
border where a side is no multiple of 32. Decoding of the outputs follows libfacedetection's published layout.
"""

from __future__ import annotations

import cv2
import numpy as np

from imaging.engine.decode import Pixels
from imaging.engine.detect import weights
from imaging.engine.detect.floats import without_subnormals
from imaging.engine.detect.graph import FLOAT, fields, message
from imaging.engine.detect.retinaface import STRIDES, Faces, Points, make_session, suppress_overlaps
from imaging.engine.detect.views import CELL, Sighting, View

SIDE = 2560
SCORE = 0.6
VIEW = View(side=SIDE)
STRIP, OVERLAP = 736, 128
STEP = STRIP - OVERLAP
OUTPUTS = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES]


def leave_sizes_open(model: bytes) -> bytes:
    """Return the same ONNX model without fixed input and output sizes."""
    parts: list[tuple[int, int | bytes | str]] = []
    for field, value in fields(model):
        if field == 7 and isinstance(value, bytes):
            graph = [(number, part) for number, part in fields(value) if number not in (11, 12, 13)]
            dims = message((1, message((1, 1))), (1, message((1, 3))), (1, message((2, "h"))), (1, message((2, "w"))))
            graph.append((11, message((1, "input"), (2, message((1, message((1, FLOAT), (2, dims))))))))
            untyped = message((2, message((1, message((1, FLOAT))))))
            graph += [(12, message((1, name)) + untyped) for name in OUTPUTS]
            parts.append((7, message(*graph)))
        else:
            parts.append((field, value))
    return message(*parts)


class YuNet:
    """The loaded net."""

    def __init__(self) -> None:
        """Load the net. Raises DetectorMissing."""
        self._session = make_session(leave_sizes_open(weights.load(weights.YUNET)))

    def detect(self, picture: Pixels) -> list[Sighting]:
        """Return faces in an H×W×3 RGB picture, in its px.

        Works in overlapping strips to save memory: the net's first layers are larger than the picture. A face
        across a seam is whole in one strip, or large enough for RetinaFace.
        """
        found = [self._strip(picture[top : top + STRIP], top) for top in range(0, max(1, len(picture) - OVERLAP), STEP)]
        boxes, points, scores = (np.concatenate(parts) for parts in zip(*found, strict=True))
        faces = suppress_overlaps(Faces(boxes, points, scores), 0.3)
        return [
            Sighting(marks, (float(box[0]), float(box[1]), float(box[2]), float(box[3])), float(score), VIEW, False)
            for box, marks, score in zip(faces.boxes, faces.points, faces.scores, strict=True)
        ]

    def _strip(self, picture: Pixels, top: int) -> tuple[Points, Points, Points]:
        height, width = picture.shape[:2]
        below, right = -height % CELL, -width % CELL
        padded = cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(0, 0, 0))
        blob = np.ascontiguousarray(padded.transpose(2, 0, 1)[::-1], np.float32)[None]
        with without_subnormals():
            heads = self._session.run(OUTPUTS, {"input": blob})
        levels = [
            _level([heads[kind * 3 + level][0] for kind in range(4)], stride, padded.shape[1])
            for level, stride in enumerate(STRIDES)
        ]
        boxes, points, scores = (np.concatenate(parts) for parts in zip(*levels, strict=True))
        return boxes + np.array([0, top, 0, top], np.float32), points + np.array([0, top], np.float32), scores


def _level(heads: list[Points], stride: int, width: int) -> tuple[Points, Points, Points]:
    """Decode boxes, points and scores of one stride, px of the view, from SCORE up."""
    scores = np.sqrt(np.clip(heads[0][:, 0], 0, 1) * np.clip(heads[1][:, 0], 0, 1))
    found = np.flatnonzero(scores >= SCORE)
    cells = np.stack([found % (width // stride), found // (width // stride)], axis=1).astype(np.float32)
    middle = (cells + heads[2][found, :2]) * stride
    half = np.exp(np.clip(heads[2][found, 2:], -8, 8)) * stride / 2
    points = (heads[3][found].reshape(-1, 5, 2) + cells[:, None]) * stride
    return np.concatenate([middle - half, middle + half], axis=1), points, scores[found]
