"""Development pictures for fusing and measuring: cut from validation portraits and from a folder of marked photographs.

Nothing here was seen in training: people whose number is a multiple of 12, every third picture of other sources, and
photographs of other people. Cuts are clean (no training disturbance but light, blur, JPEG), as bench/eyes.py cuts.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bench.eyes import cut, cuttings, mole, without_faces
from training.eyes import paint
from training.eyes.crops import HALF_LENGTH, SIZE, Lid, Maker, _warp
from training.eyes.pool import pictures
from training.eyes.portraits import Pixels, Portrait, Portraits, Vector

WIDE, HIGH = 640, 512
LEAST_DISTANCE = 80.0
"""Eyes closer together (px) become mush when one fills the frame."""
RADIUS = 0.22
"""Half the visible length of an eye in eye distances, as the marked photographs have it."""
Eye = tuple[float, float, float]


@dataclass(frozen=True)
class Sample:
    """One picture: set ("faces", "bench", "portraits", "held"), kind, person or picture it is of, pixels, eyes (px)."""

    source: str
    kind: str
    person: str
    pixels: Pixels
    eyes: tuple[Eye, ...]
    complete: bool = True
    """Whether all eyes in it are marked."""


def photographs(folder: Path) -> Iterator[Sample]:
    """Yield the marked photographs as they are."""
    for row in json.loads((folder / "ground_truth.json").read_text()):
        eyes = tuple((e["x"], e["y"], e["r"]) for e in row["eyes"])
        image = np.asarray(cv2.imread(str(folder / row["path"]))[:, :, ::-1], np.uint8)
        name = Path(row["path"]).stem.split("_")[-1] if row["cat"].startswith("var") else row["path"]
        yield Sample("faces", row["cat"], f"faces-{name}", image, eyes, bool(eyes) or not row["faces"])


def benched(folder: Path) -> Iterator[Sample]:
    """Yield what bench/eyes.py measures; people are not known there, so a picture of photographs is one fold."""
    for number, one in enumerate([*cuttings(folder), *without_faces()]):
        person = f"bench-{one.kind}-{number // 8}"
        yield Sample("bench", one.kind, person, np.ascontiguousarray(one.pixels), one.eyes)


def portraits(folder: Path, seed: int = 12) -> Iterator[Sample]:
    """Yield cuts of validation portraits."""
    source = Portraits(folder / "prepared", "validation")
    rows = [row for row in source.rows if row.distance >= LEAST_DISTANCE and row.colour]
    rng = np.random.default_rng(seed)
    for row in rows:
        pixels = source.pixels(row)
        for kind, x, y, side, turn, lids in _plan(row, rng):
            image, way = _look(pixels, x, y, side, turn, lids, rng)
            if image.size == 0:
                continue
            eyes = tuple(_seen(row, way)) if "lower" not in kind and "skin" not in kind else ()
            none = not list(_seen(row, way, 1.6))
            if bool(eyes) == none or (kind in ("one eye", "half face", "closed lid", "swollen") and len(eyes) != 1):
                continue
            if kind == "skin" and rng.random() < 0.6:
                image = mole(image, rng)
            if kind == "swollen":
                image = _swell(image, eyes[0], rng)
            yield Sample("portraits", kind, row.file, _shoot(image, rng), eyes)


def held(folder: Path, seed: int = 3) -> Iterator[Sample]:
    """Yield held-back pictures without faces, whole and in parts, and painted skin."""
    rng = np.random.default_rng(seed)
    for number, image in enumerate(pictures(folder / "negatives" / "held")):
        for part in range(3):
            height, width = image.shape[:2]
            share = 1.0 if part == 0 else rng.uniform(0.25, 0.6)
            w, h = int(width * share), int(height * share)
            x, y = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
            cutting = cv2.resize(image[y : y + h, x : x + w], (WIDE, max(64, round(WIDE * h / w))))
            yield Sample("held", "whole" if part == 0 else "part", f"held-{number}", cutting, ())
    for number in range(60):
        skin = paint.skin(256, rng)
        if number % 3:
            paint.plaque(skin, rng)
        if number % 3 == 2:
            paint.umbilicated(skin, rng, tuple(rng.uniform(60, 190, 2)), rng.uniform(15, 70))
        for _ in range(int(rng.integers(0, 4))):
            paint.lesion(skin, rng, rings=0.4)
        image = cv2.resize(np.clip(skin, 0, 255).astype(np.uint8), (WIDE, WIDE), interpolation=cv2.INTER_CUBIC)
        yield Sample("held", "painted skin", f"skin-{number}", image, ())


def _plan(row: Portrait, rng: np.random.Generator) -> Iterator[tuple[str, float, float, float, float, list[Lid]]]:
    """Yield kind, centre (px), width (px), turn (degrees) and lids of each cut."""
    d, along = row.distance, row.along
    down, tilt = np.array([-along[1], along[0]]), math.degrees(math.atan2(along[1], along[0]))
    middle = row.eyes.mean(0)

    def turn(spread: float = 20) -> float:
        return float(tilt + 90 * int(rng.integers(4)) + rng.uniform(-spread, spread))

    def near(eye: Vector, share: float) -> tuple[float, float]:
        x, y = eye + rng.uniform(-share, share, 2) * d
        return float(x), float(y)

    eye = row.eyes[rng.integers(2)]
    yield "one eye", *near(eye, 0.15), d * rng.uniform(0.55, 1.3), turn(45), []
    other = row.eyes[rng.integers(2)]
    yield "one eye", *near(other, 0.25), d * rng.uniform(0.8, 1.6), turn(45), []
    side = rng.choice([-1.0, 1.0])
    width = d * rng.uniform(1.8, 2.6)
    at = middle + along * side * (width / 2 - 0.1 * d) + down * d * rng.uniform(0, 0.5)
    yield "half face", float(at[0]), float(at[1]), width, float(tilt + rng.uniform(-12, 12)), []
    lids = [Lid(x, along, d, 0.0, float(rng.uniform(0.9, 1.05)), float(rng.uniform(0.3, 0.9))) for x in row.eyes]
    yield "closed lid", *near(eye, 0.15), d * rng.uniform(0.7, 1.5), turn(), lids
    lids = [Lid(x, along, d, float(rng.uniform(1, 2)), 0.0, 0.0) for x in row.eyes]
    yield "swollen", *near(other, 0.15), d * rng.uniform(0.7, 1.5), turn(), lids
    yield "pair", *near(middle, 0.2), d * rng.uniform(1.8, 2.4), turn(), []
    for kind, right, below, size in (
        ("skin", 0.0, -0.75, 0.6),
        ("skin", float(rng.choice([-0.5, 0.5])), 0.75, 0.45),
        ("lower face", 0.0, 1.25, 0.8),
        ("lower face", 0.0, 0.65, 0.55),
        ("lower face", float(rng.choice([-1.15, 1.15])), 0.5, 0.7),
    ):
        at = middle + along * right * d + down * below * d
        yield kind, float(at[0]), float(at[1]), d * size * rng.uniform(0.8, 1.1), turn(30), []


def _look(
    pixels: Pixels, x: float, y: float, side: float, turn: float, lids: list[Lid], rng: np.random.Generator
) -> tuple[Pixels, Vector]:
    part, way = cut(pixels, x, y, side, turn)
    if part.size and lids:
        square = np.clip(_warp(pixels, way, WIDE, rng, lids), 0, 255).astype(np.uint8)
        part = square[:HIGH]
    return part, way


def _seen(row: Portrait, way: Vector, margin: float = 0.0) -> Iterator[Eye]:
    scale = float(np.hypot(*way[0, :2]))
    radius = RADIUS * row.distance * scale
    for eye in row.eyes:
        x, y = way @ np.array((*eye, 1.0))
        if -margin * radius < x < WIDE + margin * radius and -margin * radius < y < HIGH + margin * radius:
            yield float(x), float(y), radius


def _swell(image: Pixels, eye: Eye, rng: np.random.Generator) -> Pixels:
    """Redden the lids and lay a crust or blister beside them."""
    big = np.zeros((WIDE, WIDE, 3), np.float32)
    big[: image.shape[0]] = image
    red = np.array([1.0, rng.uniform(0.55, 0.85), rng.uniform(0.55, 0.85)], np.float32)
    paint.lay(big, big * red, paint.blob(WIDE, eye[:2], 1.6 * eye[2], rng), 1.0)
    for _ in range(int(rng.integers(1, 4))):
        angle = rng.uniform(0, 2 * math.pi)
        at = eye[0] + math.cos(angle) * eye[2], eye[1] + math.sin(angle) * eye[2] * 0.6
        paint.lay(
            big, paint.tone(rng), paint.blob(WIDE, at, eye[2] * rng.uniform(0.1, 0.35), rng), rng.uniform(0.4, 0.9)
        )
    return np.clip(big[: image.shape[0]], 0, 255).astype(np.uint8)


def _shoot(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Return a picture as some camera takes it: darker or lighter, sometimes soft, as JPEG."""
    curve = (255 * (np.arange(256) / 255) ** rng.uniform(0.7, 1.8)).astype(np.uint8)
    image = cv2.LUT(np.ascontiguousarray(image), curve)
    if rng.random() < 0.25:
        dark = np.array([0.75, 0.6, 0.5]) * rng.uniform(0.7, 1.2)
        image = np.clip(image * dark, 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(1, 5))
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))]
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_COLOR), np.uint8)


def hard(folder: Path, count: int = 240, seed: int = 8) -> Iterator[Sample]:
    """Yield crops made as for training, of validation portraits: lesions, drapes, gloves, borders, bad light."""
    source = Portraits(folder / "prepared", "validation")
    maker = Maker(source, pictures(folder / "negatives" / "held"), 2 * SIZE)
    rng = np.random.default_rng(seed)
    for number in range(count):
        kind = str(rng.choice(["close", "cut", "pair", "part", "part", "skin", "stuff"]))
        crop = maker.make(rng, kind)
        eyes = tuple((float(x), float(y), float(r) * RADIUS / HALF_LENGTH) for x, y, r, *_ in crop.regions if r > 0)
        shown = bool(crop.mask.any())
        if shown == bool(eyes) and (not eyes or min(eye[2] for eye in eyes) > 2 * SIZE / 30):
            yield Sample("hard", kind, f"hard-{number // 4}", crop.image, eyes, not shown or len(eyes) > 0)


def everything(data: Path, faces: Path) -> Iterator[Sample]:
    """Yield all development pictures."""
    yield from portraits(data)
    yield from hard(data)
    yield from held(data)
    yield from benched(faces)
    yield from photographs(faces)


if __name__ == "__main__":
    import collections

    counted = collections.Counter((s.source, s.kind) for s in everything(Path(sys.argv[1]), Path(sys.argv[2])))
    print(*counted.items(), sep="\n")
