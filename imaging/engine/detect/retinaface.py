"""RetinaFace (MobileNetV2): faces with five landmarks in one view of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime

from imaging.engine.decode import Pixels
from imaging.engine.detect import weights
from imaging.engine.detect.floats import without_subnormals
from imaging.engine.detect.graph import OUTPUTS, to_onnx

STRIDES = (8, 16, 32)
ANCHORS = ((16, 32), (64, 128), (256, 512))
FLOOR = 0.05
"""Candidates with a lower score are discarded."""

Points = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Faces:
    """N candidates of one view, px of the view: boxes N×4 (x0 y0 x1 y1), points N×5×2, scores N.

    Points: the eye at smaller x, the other eye, nose, the two corners of the mouth.
    """

    boxes: Points
    points: Points
    scores: Points


def make_session(model: bytes) -> onnxruntime.InferenceSession:
    """Create a session that survives a fork: one thread, no memory arena, no log."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class RetinaFace:
    """The loaded net."""

    def __init__(self) -> None:
        """Convert the graph and load it. Raises DetectorMissing."""
        self._session = make_session(to_onnx(weights.load(weights.RETINAFACE)))

    def detect(self, view: Pixels, floor: float = FLOOR) -> Faces:
        """Return candidates in an H×W×3 uint8 RGB view whose sides are multiples of 32."""
        blob = view.astype(np.float32)
        blob *= 1 / 127.5
        blob -= 1
        with without_subnormals():
            heads = self._session.run(OUTPUTS, {"input": blob.transpose(2, 0, 1)[None]})
        levels = [_level(heads[level], heads[3 + level], heads[6 + level], level, floor) for level in range(3)]
        boxes, points, scores = (np.concatenate(parts) for parts in zip(*levels, strict=True))
        return suppress_overlaps(Faces(boxes, points, scores))


def _level(boxes: Points, points: Points, classes: Points, level: int, floor: float) -> tuple[Points, Points, Points]:
    rows, columns = classes.shape[2:]
    logits = classes[0].reshape(2, 2, rows, columns)
    scores = 1 / (1 + np.exp(np.clip(logits[:, 0] - logits[:, 1], -50, 50)))
    anchor, y, x = np.nonzero(scores >= floor)
    side = np.array(ANCHORS[level], np.float32)[anchor]
    centre = np.stack([x + 0.5, y + 0.5], axis=1).astype(np.float32) * STRIDES[level]
    offset = boxes[0].reshape(2, 4, rows, columns)[anchor, :, y, x]
    middle = centre + offset[:, :2] * 0.1 * side[:, None]
    half = side[:, None] * np.exp(np.clip(offset[:, 2:] * 0.2, -8, 3)) / 2
    marks = points[0].reshape(2, 5, 2, rows, columns)[anchor, :, :, y, x]
    return (
        np.concatenate([middle - half, middle + half], axis=1),
        centre[:, None] + marks * 0.1 * side[:, None, None],
        scores[anchor, y, x],
    )


def suppress_overlaps(faces: Faces, overlap: float = 0.4) -> Faces:
    """Keep the best of overlapping boxes (intersection over union above `overlap`)."""
    order = list(np.argsort(-faces.scores))
    keep: list[int] = []
    while order:
        best = order.pop(0)
        keep.append(int(best))
        if order:
            rest = np.array(order)
            order = list(rest[_iou(faces.boxes[best], faces.boxes[rest]) < overlap])
    return Faces(faces.boxes[keep], faces.points[keep], faces.scores[keep])


def _iou(box: Points, others: Points) -> Points:
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    area = (box[2:] - box[:2]).prod()
    union: Points = area + (others[:, 2:] - others[:, :2]).prod(axis=1) - shared
    iou: Points = shared / np.maximum(union, 1e-6)
    return iou
