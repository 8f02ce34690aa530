"""Registration of two pictures by points that both show: distance, turn, angle, overlap, light.

What is compared is the way of taking them and never the skin: a lesion that grows or pales is what a reader looks for.
Points are AKAZE features, so that neither scale nor turn of the camera matters, and the fit is an affine one: over a
place of skin it holds what a camera's distance and angle do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.decode import Pixels
from imaging.engine.output.encode import shrink
from imaging.engine.types import Comparison, Incomparable

Points = npt.NDArray[np.float32]
Affine = npt.NDArray[np.float64]

SIDE: Final = 900  # px: the longest side at which points are looked for
RATIO: Final = 0.8  # how much better than the second best a match must be (Lowe)
REACH: Final = 6.0  # px: how far a point may lie from where the fit puts it
LEAST_POINTS: Final = 14  # that agree; by chance fewer than ten do
MOST_SCALE: Final = 6.0
LEAST_OVERLAP: Final = 0.05


def register(before: Pixels, after: Pixels) -> Comparison:
    """Compare two H×W×3 uint8 sRGB pictures; an `Incomparable` stands in the result when they do not fit."""
    one, other = shrink(before, SIDE), shrink(after, SIDE)
    here, there = _matches(one, other)
    if len(here) < LEAST_POINTS:
        return Comparison(Incomparable.TOO_LITTLE)
    found, inliers = cv2.estimateAffine2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=REACH, maxIters=5000)
    if found is None or int(inliers.sum()) < LEAST_POINTS:
        return Comparison(Incomparable.TOO_LITTLE)
    fit = np.asarray(found, np.float64)
    scale, turn, tilt = _parts(fit)
    # The same part of both frames: a picture of fewer pixels is not taken from further away.
    scale *= max(one.shape[:2]) / max(other.shape[:2])
    overlap = _overlap(fit, one, other)
    if not 1 / MOST_SCALE <= scale <= MOST_SCALE or overlap < LEAST_OVERLAP:
        return Comparison(Incomparable.NO_FIT)
    lightness, red, yellow = _light(fit, one, other)
    return Comparison(None, scale, turn, tilt, overlap, lightness, red, yellow, int(inliers.sum()))


def _matches(one: Pixels, other: Pixels) -> tuple[Points, Points]:
    """Return the points of both, pair by pair, that are alike and like no other."""
    (keys, rows), (other_keys, other_rows) = _features(one), _features(other)
    if len(rows) < 2 or len(other_rows) < 2:
        return np.empty((0, 2), np.float32), np.empty((0, 2), np.float32)
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(rows, other_rows, k=2)
    good = [best for best, second in pairs if best.distance < RATIO * second.distance]
    here = np.array([keys[match.queryIdx].pt for match in good], np.float32).reshape(-1, 2)
    there = np.array([other_keys[match.trainIdx].pt for match in good], np.float32).reshape(-1, 2)
    return here, there


def _features(pixels: Pixels) -> tuple[Sequence[cv2.KeyPoint], npt.NDArray[np.uint8]]:
    """Return points and their descriptions; local contrast is evened out first, because light differs."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    even = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(grey)
    keys, rows = cv2.AKAZE.create(threshold=0.0008).detectAndCompute(even, None)
    return keys, np.empty((0, 61), np.uint8) if rows is None else np.asarray(rows, np.uint8)


def _parts(fit: Affine) -> tuple[float, float, float]:
    """Return scale, turn (degrees, clockwise as seen) and tilt (degrees) of a 2×3 affine fit."""
    left, sizes, right = np.linalg.svd(fit[:, :2])
    rotation = left @ right
    scale = math.sqrt(float(sizes[0] * sizes[1]))
    if float(np.linalg.det(fit[:, :2])) < 0:  # a mirror: no camera does that
        scale = 0.0
    turn = math.degrees(math.atan2(float(rotation[1, 0]), float(rotation[0, 0])))
    tilt = math.degrees(math.acos(min(1.0, float(sizes[1] / max(sizes[0], 1e-9)))))
    return scale, turn, tilt


def _overlap(fit: Affine, one: Pixels, other: Pixels) -> float:
    """Return which part of the first picture, 0..1, the second shows too."""
    (height, width), (other_height, other_width) = one.shape[:2], other.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    placed = (corners @ fit[:, :2].T + fit[:, 2]).astype(np.float32)
    frame = np.array([[0, 0], [other_width, 0], [other_width, other_height], [0, other_height]], np.float32)
    shared, _polygon = cv2.intersectConvexConvex(placed, frame)
    return min(1.0, float(shared) / max(1.0, abs(float(cv2.contourArea(placed)))))


def _light(fit: Affine, one: Pixels, other: Pixels) -> tuple[float, float, float]:
    """Return how much lighter, redder and yellower (CIELAB units) the second is where both show the same place."""
    height, width = one.shape[:2]
    back = cv2.warpAffine(other, fit, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    whole = np.full(other.shape[:2], 255, np.uint8)
    inside = cv2.warpAffine(whole, fit, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP) > 0
    lab = [cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[inside] for pixels in (one, back)]
    if not len(lab[0]):
        return 0.0, 0.0, 0.0
    # The median: a lesion that comes or goes is the smaller part of a picture.
    lightness, red, yellow = (np.median(lab[1], axis=0) - np.median(lab[0], axis=0)).tolist()
    return lightness, red, yellow
