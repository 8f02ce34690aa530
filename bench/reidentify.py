"""Is a masked face still recognised? Rank-1 of a face recogniser after each kind of mask.

    python bench/reidentify.py --faces DIR

DIR holds photographs, one face each, named PERSON_NUMBER.jpg, or a folder a person. The recogniser is
dlib's ResNet (128 numbers a face); it is no dependency of the product. `bin/install bench` gets it, and
`make bench FACES=DIR` runs this script with it.

The attacker is a strong one: the position of the face and of its landmarks is given (a person can mark
them by hand), so alignment never fails. Where a person has two photographs the gallery holds the first
and the probe is the second, masked. Where there is one, the probe is the same photograph, masked, then
turned, scaled and saved again: an upper bound, for somebody who has that very photograph.
It takes some minutes for a hundred people.
"plain gallery" compares with untouched photographs, "masked gallery" with photographs masked alike, which
is what somebody does who knows how the mask was made.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import io
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402
from PIL import Image  # noqa: E402

from imaging.engine import Options, Region  # noqa: E402
from imaging.engine.decode import Pixels, decode  # noqa: E402
from imaging.engine.errors import Refused  # noqa: E402
from imaging.engine.masking.paint import paint_masks  # noqa: E402
from imaging.engine.operations import load_finder  # noqa: E402

INSTALL = "bin/install bench, then PYTHONPATH=.peers python bench/reidentify.py --faces DIR"
ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
SMALLEST = 320
"""Longest side in px below which a photograph is enlarged, as a recogniser's user would."""
TURN, SCALE, QUALITY = 4.0, 0.9, 75
BLUR, BLOCKS = 0.1, 12
"""Blur: standard deviation in face widths. Mosaic: blocks across a face."""
Face = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Photo:
    """One photograph with the regions that the engine found and the recogniser's landmarks (px)."""

    person: str
    pixels: Pixels
    face: Region
    eyes: list[Region]
    box: Any
    points: npt.NDArray[np.float64]


class Recogniser:
    """dlib's landmarks and face descriptor, from the wheels."""

    def __init__(self) -> None:
        """Raises ImportError or PackageNotFoundError when they are not installed."""
        self.dlib: Any = __import__("dlib")
        files = importlib.metadata.files("face_recognition_models") or []
        models = {file.name: str(file.locate()) for file in files if file.suffix == ".dat"}
        self._finder = self.dlib.get_frontal_face_detector()
        self._marker = self.dlib.shape_predictor(models["shape_predictor_5_face_landmarks.dat"])
        self._net = self.dlib.face_recognition_model_v1(models["dlib_face_recognition_resnet_model_v1.dat"])

    def landmarks(self, pixels: Pixels, face: Region) -> tuple[Any, npt.NDArray[np.float64]]:
        """Return the face's box and its landmarks (5×2) in the untouched photograph."""
        found = [box for box in self._finder(pixels, 1) if _inside(face, box.center().x, box.center().y)]
        x, y = round(face.x), round(face.y)
        ours = self.dlib.rectangle(x, y, x + round(face.width), y + round(face.height))
        box = max(found, key=lambda one: int(one.area()), default=ours)
        marks = self._marker(pixels, box)
        return box, np.array([[part.x, part.y] for part in marks.parts()], np.float64)

    def describe(self, pixels: Pixels, box: Any, points: npt.NDArray[np.float64]) -> Face:
        """Return the descriptor (128 numbers) of the face with these landmarks."""
        marks = self.dlib.points([self.dlib.point(round(x), round(y)) for x, y in points.tolist()])
        shape = self.dlib.full_object_detection(box, marks)
        return np.array(self._net.compute_face_descriptor(np.ascontiguousarray(pixels), shape, 0))


def _inside(region: Region, x: float, y: float) -> bool:
    return region.x <= x <= region.x + region.width and region.y <= y <= region.y + region.height


def nothing(photo: Photo) -> Pixels:
    return photo.pixels


def bar(photo: Photo) -> Pixels:
    return paint_masks(photo.pixels, [eye.mask() for eye in photo.eyes])


def bars(photo: Photo) -> Pixels:
    """Mask as `--style bar` of the command line does."""
    return paint_masks(photo.pixels, [photo.face.mask("bar"), *(eye.mask() for eye in photo.eyes)])


def veil(photo: Photo) -> Pixels:
    return paint_masks(photo.pixels, [photo.face.mask()])


def both(photo: Photo) -> Pixels:
    return paint_masks(photo.pixels, [photo.face.mask(), *(eye.mask() for eye in photo.eyes)])


def blur(photo: Photo) -> Pixels:
    """Blur as many tools do, for comparison: not part of the product."""
    out = photo.pixels.copy()
    place = _place(photo)
    out[place] = cv2.GaussianBlur(photo.pixels, (0, 0), BLUR * photo.face.width)[place]
    return out


def pixelate(photo: Photo) -> Pixels:
    """Pixelate, for comparison: not part of the product."""
    out = photo.pixels.copy()
    place = _place(photo)
    part = out[place]
    high = max(1, round(BLOCKS * part.shape[0] / part.shape[1]))
    small = cv2.resize(part, (BLOCKS, high), interpolation=cv2.INTER_AREA)
    out[place] = cv2.resize(small, part.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return out


def _place(photo: Photo) -> tuple[slice, slice]:
    face = photo.face
    return slice(int(face.y), round(face.y + face.height)), slice(int(face.x), round(face.x + face.width))


MASKS: dict[str, Callable[[Photo], Pixels]] = {
    "none": nothing,
    "bar over the eyes": bar,
    "bar over the face": bars,
    "veil over the face": veil,
    "bar and veil": both,
    f"face blurred ({BLUR:.1f} face widths)": blur,
    f"face pixelated ({BLOCKS} blocks)": pixelate,
}


def photos(folder: Path, recogniser: Recogniser) -> list[Photo]:
    """Return every photograph in which the engine finds a face; the largest face counts."""
    result = []
    for path in sorted(file for file in folder.rglob("*") if file.suffix.lower() in ENDINGS):
        try:
            pixels = decode(path.read_bytes()).pixels
        except Refused:
            continue
        scale = max(1.0, SMALLEST / max(pixels.shape[:2]))
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
        regions = load_finder().find(pixels, Options(text=False))
        faces = [region for region in regions if region.kind == "face"]
        if not faces:
            continue
        face = max(faces, key=lambda region: region.width * region.height)
        person = path.parent.name if path.parent != folder else re.sub(r"[_-]?\d+$", "", path.stem)
        eyes = [region for region in regions if region.kind == "eye"]
        result.append(Photo(person, pixels, face, eyes, *recogniser.landmarks(pixels, face)))
    return result


def changed(pixels: Pixels, points: npt.NDArray[np.float64]) -> tuple[Pixels, npt.NDArray[np.float64]]:
    """Return the photograph slightly turned, scaled down and saved again, with its new landmarks."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), TURN, SCALE)
    moved = cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    out = io.BytesIO()
    Image.fromarray(np.asarray(moved, np.uint8)).save(out, "JPEG", quality=QUALITY)
    with Image.open(out) as image:
        return np.asarray(image.convert("RGB")), points @ matrix[:, :2].T + matrix[:, 2]


def rank_one(gallery: list[Face], probes: list[tuple[int, Face]]) -> float:
    """Return the share of probes whose nearest face in the gallery is the right person's."""
    rows = np.array(gallery)
    hits = [int(np.linalg.norm(rows - probe, axis=1).argmin()) == index for index, probe in probes]
    return float(np.mean(hits))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--faces", type=Path, metavar="DIR", default=os.environ.get("FACES"))
    folder = arguments.parse_args().faces
    try:
        recogniser = Recogniser()
    except (ImportError, importlib.metadata.PackageNotFoundError, KeyError):
        print(f"The face recogniser is not installed, nothing measured. To measure: {INSTALL}")
        return 0
    if folder is None:
        print("Nothing measured: name a folder of photographs with --faces DIR.")
        return 0
    people: dict[str, list[Photo]] = defaultdict(list)
    for photo in photos(folder, recogniser):
        people[photo.person].append(photo)
    if len(people) < 2:
        print("Nothing measured: the folder needs photographs of two people or more with a face in them.")
        return 0
    twice = [index for index, shots in enumerate(people.values()) if len(shots) > 1]
    once = [index for index, shots in enumerate(people.values()) if len(shots) == 1]
    print(f"{len(people)} people, chance {1 / len(people):.1%}")
    for title, chosen in (("another photograph of the person", twice), ("the same photograph, changed", once)):
        if chosen:
            table(title, chosen, list(people.values()), recogniser)
    return 0


def table(title: str, chosen: list[int], people: list[list[Photo]], recogniser: Recogniser) -> None:
    """Print rank-1 of the chosen people's probes among everybody."""
    print(f"\nprobe: {title} ({len(chosen)})\n{'':34}{'plain gallery':>15}{'masked gallery':>16}")
    plain = [recogniser.describe(shots[0].pixels, shots[0].box, shots[0].points) for shots in people]
    for name, masked in MASKS.items():
        alike = [recogniser.describe(masked(shots[0]), shots[0].box, shots[0].points) for shots in people]
        probes = []
        for index in chosen:
            shot = people[index][-1]
            pixels, points = masked(shot), shot.points
            if len(people[index]) == 1:
                pixels, points = changed(pixels, points)
            probes.append((index, recogniser.describe(pixels, shot.box, points)))
        print(f"{name:34}{rank_one(plain, probes):15.0%}{rank_one(alike, probes):16.0%}")


if __name__ == "__main__":
    sys.exit(main())
