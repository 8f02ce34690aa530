"""Detection of text: name labels, dates, wristbands, slide labels. Finding none proves nothing.

PP-OCRv6 from the `rapidocr` wheel, run directly: the wheel's own code reads configuration files and writes. Detection
finds lines (differentiable binarisation), recognition classifies them; the words never leave this module.
"""

from __future__ import annotations

import math
import re

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.decode import Pixels
from imaging.engine.detect import weights
from imaging.engine.detect.faces import clip
from imaging.engine.detect.floats import without_subnormals
from imaging.engine.detect.retinaface import make_session
from imaging.engine.output.encode import shrink
from imaging.engine.types import Region

SIDE = 960
CELL = 32
PIXEL_SCORE, BOX_SCORE = 0.3, 0.5
GROWTH = 1.6
SMALLEST = 4
"""Least height of a line, px of the 960 px view."""
LARGEST_SHARE = 0.5
"""Larger boxes are dermoscopy's vignette or a ruler, not text."""
READ_HEIGHT, READ_WIDTH, MOST_READ = 48, 640, 12
READABLE = 0.6

DATE = re.compile(r"\d{1,4}[./\-: ]\d{1,2}[./\-: ]\d{1,4}")
LONG_NUMBER = re.compile(r"\d{5,}")
NAME = re.compile(r"\b[^\W\d_]{2,}[, ]+[^\W\d_]{2,}", re.UNICODE)
Box = npt.NDArray[np.float32]


class TextDetector:
    """The loaded nets for detection and recognition."""

    def __init__(self) -> None:
        """Load both nets. Raises DetectorMissing."""
        self._finder = make_session(weights.load(weights.TEXT_DETECTION))
        self._reader = make_session(weights.load(weights.TEXT_RECOGNITION))
        letters = self._reader.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._letters = ["", *letters, " "]

    def find(self, picture: Pixels) -> list[Region]:
        """Return lines of text in an H×W×3 picture, in its px; note is the class of a line."""
        small = shrink(picture, SIDE)
        scale = picture.shape[1] / small.shape[1]
        lines = self._lines(small)
        regions: list[Region] = []
        for index, (corners, score) in enumerate(sorted(lines, key=lambda line: -line[1])):
            note = ""
            if index < MOST_READ:
                note = classify_text(*self._recognise(picture, corners * scale))
            region = _region(corners * scale, score, note, picture.shape[1], picture.shape[0])
            if not any(_is_inside(region, other) for other in regions):
                regions.append(region)
        return regions

    def _lines(self, small: Pixels) -> list[tuple[Box, float]]:
        height, width = small.shape[:2]
        size = (max(CELL, round(width / CELL) * CELL), max(CELL, round(height / CELL) * CELL))
        blob = cv2.resize(small, size)[..., ::-1].astype(np.float32) / 127.5 - 1
        with without_subnormals():
            (heat,) = self._finder.run(None, {"x": blob.transpose(2, 0, 1)[None]})
        bits = cv2.dilate((heat[0, 0] > PIXEL_SCORE).astype(np.uint8), np.ones((2, 2), np.uint8))
        contours, _ = cv2.findContours(bits, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        found = []
        for contour in contours[:1000]:
            score = _mean_inside(heat[0, 0], np.asarray(contour, np.int32))
            centre, (wide, high), angle = cv2.minAreaRect(contour)
            if score < BOX_SCORE or min(wide, high) < SMALLEST:
                continue
            growth = wide * high * GROWTH / max(2 * (wide + high), 1e-6) * 2
            turned = cv2.boxPoints((centre, (wide + growth, high + growth), angle))
            corners = np.asarray(turned, np.float32) * np.array([width / size[0], height / size[1]], np.float32)
            if _hull_area(corners) <= LARGEST_SHARE * width * height:
                found.append((corners, score))
        return found

    def _recognise(self, picture: Pixels, corners: Box) -> tuple[str, float]:
        """Return the text of one line and the confidence in it."""
        corners = _order_corners(corners)
        wide = float(np.linalg.norm(corners[1] - corners[0]))
        high = float(np.linalg.norm(corners[3] - corners[0]))
        width = int(np.clip(round(READ_HEIGHT * wide / max(high, 1.0) / 8) * 8, 48, READ_WIDTH))
        target = np.array([[0, 0], [width, 0], [width, READ_HEIGHT]], np.float32)
        matrix = cv2.getAffineTransform(corners[:3].astype(np.float32), target)
        strip = cv2.warpAffine(picture, matrix, (width, READ_HEIGHT), flags=cv2.INTER_AREA)
        blob = strip[..., ::-1].astype(np.float32) / 127.5 - 1
        with without_subnormals():
            (steps,) = self._reader.run(None, {"x": blob.transpose(2, 0, 1)[None]})
        best, sure = steps[0].argmax(axis=1), steps[0].max(axis=1)
        kept = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
        if not kept.any():
            return "", 0.0
        text = "".join(self._letters[index] for index in best[kept] if index < len(self._letters))
        return text, float(sure[kept].mean())


def classify_text(text: str, certainty: float) -> str:
    """Return the class of a line: "date", "number", "name", "text", or "" when it is illegible."""
    if certainty < READABLE or not text.strip():
        return ""
    for code, pattern in (("date", DATE), ("number", LONG_NUMBER), ("name", NAME)):
        if pattern.search(text):
            return code
    return "text"


def _is_inside(one: Region, other: Region) -> bool:
    """Whether most of a box lies in a better one: part of the same line, found twice."""
    wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return wide > 0 and high > 0 and wide * high > 0.7 * one.width * one.height


def _mean_inside(heat: npt.NDArray[np.float32], contour: npt.NDArray[np.int32]) -> float:
    x, y, wide, high = cv2.boundingRect(contour)
    inside = np.zeros((high, wide), np.uint8)
    cv2.fillPoly(inside, [contour - np.array([x, y])], 1)
    return float(cv2.mean(heat[y : y + high, x : x + wide], inside)[0])


def _hull_area(corners: Box) -> float:
    return float(np.ptp(corners[:, 0]) * np.ptp(corners[:, 1]))


def _order_corners(corners: Box) -> Box:
    """Order corners clockwise from the top left, the long side first, in reading direction."""
    ordered = corners[np.argsort(corners.sum(axis=1), kind="stable")[:1]]
    start = int(np.flatnonzero((corners == ordered[0]).all(axis=1))[0])
    corners = np.roll(corners, -start, axis=0)
    (along_x, along_y), (down_x, down_y) = corners[1] - corners[0], corners[2] - corners[1]
    if along_x * down_y - along_y * down_x < 0:
        corners = corners[[0, 3, 2, 1]]
    if np.linalg.norm(corners[1] - corners[0]) < np.linalg.norm(corners[2] - corners[1]):
        corners = np.roll(corners, 1, axis=0)  # a vertical line is read from bottom to top
    return corners.astype(np.float32)


def _region(corners: Box, score: float, note: str, width: int, height: int) -> Region:
    low, high = corners.min(axis=0), corners.max(axis=0)
    centre, (wide, tall), angle = cv2.minAreaRect(corners)
    while abs(angle) > 45:
        angle, wide, tall = angle - math.copysign(90, angle), tall, wide
    turned = (centre[0] - wide / 2, centre[1] - tall / 2, wide, tall)
    hull = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Region("text", *clip(hull, width, height), score, "ppocr", float(angle), turned, note)
