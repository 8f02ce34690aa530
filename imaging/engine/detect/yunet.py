"""YuNet: small faces in large pictures (40 to 90 px in 12 megapixels), which RetinaFace's views shrink away."""

from __future__ import annotations

import cv2
import numpy as np

from imaging.engine.decode import Pixels
from imaging.engine.detect import weights
from imaging.engine.detect.views import Recipe, Sighting

SIDE = 2560
SCORE = 0.6
NAME = Recipe(side=SIDE)


class YuNet:
    """The net, loaded once; OpenCV sets it up anew for every picture size."""

    def __init__(self) -> None:
        """Raises DetectorMissing."""
        model = np.frombuffer(weights.load(weights.YUNET), np.uint8)
        self._net = cv2.FaceDetectorYN.create("onnx", model, np.empty(0, np.uint8), (320, 320), SCORE, 0.3, 500)

    def look(self, picture: Pixels) -> list[Sighting]:
        """Faces in an H×W×3 RGB picture, in its px."""
        height, width = picture.shape[:2]
        self._net.setInputSize((width, height))
        _, rows = self._net.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        result = []
        for row in rows if rows is not None else ():
            x, y, wide, high = (float(number) for number in row[:4])
            points = row[4:14].reshape(5, 2).astype(np.float32)
            result.append(Sighting(points, (x, y, x + wide, y + high), float(row[14]), NAME, False))
        return result
