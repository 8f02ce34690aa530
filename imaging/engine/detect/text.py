"""Detection of text: name labels, dates, wristbands, slide labels. Finding none proves nothing.

PP-OCRv6 from the `rapidocr` wheel, run directly: the wheel's own code reads configuration files and writes. Detection
finds lines (differentiable binarisation), recognition classifies them; the words never leave this module.

The net for detection sees letters of 8 to 300 px. So it looks at the whole picture at 960 px; at a small copy with room
around it, for letters that fill the frame; and, at 2,560 px, at places where fine strokes stand in a row. Long pictures
are looked at in tiles. A box as large as a lesion counts as text only if something is read in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.decode import Pixels
from imaging.engine.detect import weights
from imaging.engine.detect.floats import without_subnormals
from imaging.engine.detect.lines import (
    SAME,
    Box,
    Heat,
    Line,
    drop_repeated,
    find_lines,
    is_elongated,
    order_corners,
    place,
    sides_of,
)
from imaging.engine.detect.panels import Place, is_long
from imaging.engine.detect.retinaface import make_session
from imaging.engine.detect.strokes import find_places, has_strokes
from imaging.engine.limits import ASKED_SHARE
from imaging.engine.output.encode import shrink
from imaging.engine.types import Asked, Region

SIDE = 960
CELL = 32
SMALL_SIDE, ROOM = 288, 0.12
"""The small copy's longest side (px) and the room around it, as a share of that side."""
TILE_SHORT, TILE_LONG, OVERLAP = 640, 960, 128
SURE_LETTERS = 8
SURE_AREA, DOUBTFUL_AREA = 800_000, 250_000
"""Most px of places to look at: with many letters in a row, and with few."""
FINE_SCORE = 0.6
"""Least heat of a line in such a place: letters are large there, and so are hairs."""
READ_HEIGHT, READ_WIDTH, MOST_READ = 48, 640, 12
READABLE = 0.6
LARGE_AREA, LARGE_HEIGHT = 0.03, 0.1
"""A large box: this share of the picture and, as its height, of the picture's shorter side."""
STUBBY_HEIGHT, MOST_LARGE = 0.05, 16
"""Height of a large box that is hardly longer than high, as lesions are; and how many large boxes are read."""
CERTAIN = 0.99
"""Score of a large box in which something is read: no picture without text was read so."""
READ, READ_IN_PART, GUESSED = 0.9, 0.55, 0.75
"""Certainty of reading from which letters are text, from which three letters in an elongated box are (another script
is read badly), and from which a box that is no line is worth a question."""
IN_A_LINE, IN_MUCH, IN_A_FIELD = 2, 3, 4
"""Letters that are text: in an elongated box, in one that covers much, and in one hardly longer than high: a cup
and its saucer read as "CO", a wheel as "80"."""
KNOWN = 0.5
"""Share of a box under text that was read from which it is not asked about."""
ELONGATED = 3.0
"""Length of a box in heights from which it is a question even if nothing is read in it; shorter ones are panels,
lesions, fields of view."""

DATE = re.compile(r"\d{1,4}[./\-: ]\d{1,2}[./\-: ]\d{1,4}")
LONG_NUMBER = re.compile(r"\d{5,}")
NAME = re.compile(r"\b[^\W\d_]{2,}[, ]+[^\W\d_]{2,}", re.UNICODE)


class TextDetector:
    """The loaded nets for detection and recognition."""

    def __init__(self) -> None:
        """Load both nets. Raises DetectorMissing."""
        self._finder = make_session(weights.load(weights.TEXT_DETECTION))
        self._reader = make_session(weights.load(weights.TEXT_RECOGNITION))
        letters = self._reader.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._letters = ["", *letters, " "]

    def find(self, pixels: Pixels, large: Pixels) -> list[Region]:
        """Return lines of text in an H×W×3 picture, in its px; note is the class of a line.

        large is the same picture with its longest side at most 2,560 px.
        """
        height, width = pixels.shape[:2]
        lines = self._long(pixels) if is_long(width, height) else self._usual(large, width)
        regions = self._large_regions(pixels, [line for line in lines if _is_large(line, width, height)])
        small = drop_repeated([line for line in lines if not _is_large(line, width, height)])
        read = self._recognise(pixels, [order_corners(line.corners) for line in small[:MOST_READ]])
        read += [("", 0.0)] * (len(small) - len(read))
        for line, (words, certainty) in zip(small, read, strict=True):
            note = classify_text(words, certainty)
            regions += [_region(box, width, height, score=line.score, note=note) for box in line.boxes]
        return regions

    # --- Where to look

    def _usual(self, large: Pixels, width: int) -> list[Line]:
        whole = shrink(large, SIDE)
        scale = large.shape[1] / whole.shape[1]
        known = [line.moved(0, 0, scale) for line in find_lines(self._heat(whole))]
        found = known + [line for line in self._framed(large) if _is_large(line, *large.shape[1::-1])]
        if scale > 1:
            # A large box may be a lesion, and what stands in it is then still to be found.
            small = [line for line in known if not _is_large(line, *large.shape[1::-1])]
            found += self._fine(large, small)
        return [line.moved(0, 0, width / large.shape[1]) for line in found]

    def _framed(self, large: Pixels) -> list[Line]:
        """Return lines of a small copy with room around it: letters cut by the frame, and those that fill it."""
        small = shrink(large, SMALL_SIDE)
        room = round(ROOM * max(small.shape[:2]))
        framed = cv2.copyMakeBorder(small, room, room, room, room, cv2.BORDER_REPLICATE)
        scale = large.shape[1] / small.shape[1]
        return [line.moved(-room, -room, scale) for line in find_lines(self._heat(np.asarray(framed, np.uint8)))]

    def _fine(self, large: Pixels, known: Sequence[Line]) -> list[Line]:
        left_over = {True: SURE_AREA, False: DOUBTFUL_AREA}
        found = []
        for (left, top, right, bottom), letters in find_places(large, known):
            sure = letters >= SURE_LETTERS
            area = (right - left) * (bottom - top)
            if area <= left_over[sure]:
                left_over[sure] -= area
                heat = self._heat(large[top:bottom, left:right])
                found += [line.moved(left, top) for line in find_lines(heat) if line.score >= FINE_SCORE]
        return found

    def _long(self, pixels: Pixels) -> list[Line]:
        scale = min(1.0, TILE_SHORT / min(pixels.shape[:2]))
        size = [max(1, round(side * scale)) for side in pixels.shape[1::-1]]
        copy = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8) if scale < 1 else pixels
        heat: Heat = np.zeros(copy.shape[:2], np.uint8)
        for left, top, right, bottom in tiles(*copy.shape[1::-1]):
            tile = copy[top:bottom, left:right]
            if has_strokes(tile):
                seen = heat[top:bottom, left:right]
                np.maximum(seen, self._heat(tile), out=seen)
        return [line.moved(0, 0, pixels.shape[1] / copy.shape[1]) for line in find_lines(heat)]

    # --- Nets

    def _heat(self, picture: Pixels) -> Heat:
        """Return the map of a picture, of its size; sides are rounded for the net."""
        height, width = picture.shape[:2]
        size = (max(CELL, round(width / CELL) * CELL), max(CELL, round(height / CELL) * CELL))
        blob = cv2.resize(picture, size)[..., ::-1].astype(np.float32) / 127.5 - 1
        with without_subnormals():
            (heat,) = self._finder.run(None, {"x": blob.transpose(2, 0, 1)[None]})
        return np.asarray(cv2.resize((heat[0, 0] * 255).astype(np.uint8), (width, height)), np.uint8)

    def _recognise(self, picture: Pixels, lines: Sequence[Box]) -> list[tuple[str, float]]:
        """Return the text of each line (corners in reading order, px) and the confidence in it.

        Lines of one length are read together: the net's start costs more than a short line.
        """
        strips = [_strip(picture, corners) for corners in lines]
        read: dict[int, tuple[str, float]] = {}
        for width in {strip.shape[1] for strip in strips}:
            members = [index for index, strip in enumerate(strips) if strip.shape[1] == width]
            blob = np.stack([strips[index] for index in members])[..., ::-1].astype(np.float32) / 127.5 - 1
            with without_subnormals():
                (steps,) = self._reader.run(None, {"x": blob.transpose(0, 3, 1, 2)})
            read |= {index: self._words(rows) for index, rows in zip(members, steps, strict=True)}
        return [read[index] for index in range(len(lines))]

    def _words(self, steps: npt.NDArray[np.float32]) -> tuple[str, float]:
        """Decode one strip's steps × letters: the likeliest letter of each step, repeated ones once."""
        best, sure = steps.argmax(axis=1), steps.max(axis=1)
        kept = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
        if not kept.any():
            return "", 0.0
        text = "".join(self._letters[index] for index in best[kept] if index < len(self._letters))
        return text, float(sure[kept].mean())

    def _large_regions(self, pixels: Pixels, lines: Sequence[Line]) -> list[Region]:
        """Return large lines as regions: text where something is read, questions where it may be, none for panels."""
        height, width = pixels.shape[:2]
        read: list[Line] = []
        asked: list[Line] = []
        regions: list[Region] = []
        for line in sorted(lines, key=lambda one: -one.score)[:MOST_LARGE]:
            if any(line.covered_by(other) > SAME for other in read):
                continue
            ways = [way for box in line.boxes for way in _ways(box)]
            words, certainty = max(self._recognise(pixels, ways), key=_weight)
            verdict = judge(words, certainty, line, covers_much=line.share_of(width, height) > ASKED_SHARE)
            if verdict == "text":
                read.append(line)
                note = classify_text(words, certainty)
                regions += [_region(box, width, height, score=CERTAIN, note=note) for box in line.boxes]
            elif verdict == "asked":
                asked.append(line)
        rest = [line for line in drop_repeated(asked) if not any(line.covered_by(other) > KNOWN for other in read)]
        return regions + [_region(one.corners, width, height, score=one.score, why_asked=Asked.UNREAD) for one in rest]


def judge(words: str, certainty: float, line: Line, *, covers_much: bool) -> str:
    """Return what a large line is by what is read in it: "text", "asked", or "panel".

    covers_much: a mask over it would hide more than a quarter of the picture, so that part of a word is not enough.
    """
    letters = sum(sign.isalnum() for sign in words)
    long, short = sides_of(line.corners)
    elongated = bool(line.pieces) or is_elongated(line.corners)
    needed = IN_A_FIELD if not elongated else IN_MUCH if covers_much else IN_A_LINE
    if letters >= needed and certainty >= READ:
        return "text"
    if elongated and not covers_much and letters >= 3 and certainty >= READ_IN_PART:
        return "text"
    if long >= ELONGATED * short or (letters >= 2 and certainty >= GUESSED):
        return "asked"
    return "panel"


def tiles(width: int, height: int) -> Iterator[Place]:
    """Yield overlapping tiles along the longer side of a picture of this size (px)."""
    for start in range(0, max(1, max(width, height) - OVERLAP), TILE_LONG - OVERLAP):
        end = min(start + TILE_LONG, max(width, height))
        yield (start, 0, end, height) if width > height else (0, start, width, end)


def classify_text(text: str, certainty: float) -> str:
    """Return the class of a line: "date", "number", "name", "text", or "" when it is illegible."""
    if certainty < READABLE or not text.strip():
        return ""
    for code, pattern in (("date", DATE), ("number", LONG_NUMBER), ("name", NAME)):
        if pattern.search(text):
            return code
    return "text"


def _weight(read: tuple[str, float]) -> tuple[bool, float]:
    """Return what of several readings of one box is the best: two letters say more than one."""
    return sum(sign.isalnum() for sign in read[0]) >= 2, read[1]


def _ways(corners: Box) -> list[Box]:
    """Return the corners from every side from which a box may be read."""
    corners = order_corners(corners)
    return [np.roll(corners, -turn, axis=0) for turn in ((0, 2) if is_elongated(corners) else (0, 2, 1, 3))]


def _is_large(line: Line, width: int, height: int) -> bool:
    high = max(sides_of(box)[1] for box in line.boxes)
    if not line.pieces and not is_elongated(line.corners):
        return high >= STUBBY_HEIGHT * min(width, height)
    return high >= LARGE_HEIGHT * min(width, height) and line.share_of(width, height) >= LARGE_AREA


def _strip(picture: Pixels, corners: Box) -> Pixels:
    """Return a turned box (corners in reading order) as an upright strip; a large one is reduced first, not to fray."""
    length, thickness = (float(np.linalg.norm(corners[index] - corners[0])) for index in (1, 3))
    wide = int(np.clip(round(READ_HEIGHT * length / max(thickness, 1.0) / 8) * 8, 48, READ_WIDTH))
    high = READ_HEIGHT
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
    end = np.ceil(corners.max(axis=0)).astype(int) + 2
    part = picture[low[1] : end[1], low[0] : end[0]]
    factor = max(1, int(thickness / high / 2))
    if factor > 1:
        smaller = max(1, part.shape[1] // factor), max(1, part.shape[0] // factor)
        part = np.asarray(cv2.resize(part, smaller, interpolation=cv2.INTER_AREA), np.uint8)
    target = np.array([[0, 0], [wide, 0], [wide, high]], np.float32)
    matrix = cv2.getAffineTransform(((corners[:3] - low) / factor).astype(np.float32), target)
    return np.asarray(
        cv2.warpAffine(part, matrix, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _region(
    box: Box, width: int, height: int, *, score: float, note: str = "", why_asked: Asked | None = None
) -> Region:
    hull, angle, turned = place(box, width, height)
    return Region("text", *hull, score, "ppocr", angle, turned, note, why_asked)
