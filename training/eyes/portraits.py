"""Portraits with marked eyes as one memory-mapped file of pixels and an index.

    python -m training.eyes.portraits PORTRAITS TARGET

PORTRAITS holds pictures and eyes.json (file, colour, eyes, box). TARGET gets pixels.bin (uint8 RGB, one picture after
another) and index.json. People whose number is a multiple of 12 are for validation and never trained on.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Vector = npt.NDArray[np.float64]
VALIDATION = 12
LEAST_MIDTONES = 0.2
"""Share of pixels between black and white below which a picture is a drawing or a bad copy, which is left out."""
PROFILE = 0.3
"""Eye distance as a share of the face's width below which the eye line says nothing."""


@dataclass(frozen=True)
class Portrait:
    """One picture: eyes 2×2 (px, the one at smaller x first), face box, whether in colour, where its pixels are."""

    file: str
    eyes: Vector
    box: tuple[float, float, float, float]
    colour: bool
    offset: int
    shape: tuple[int, int, int]

    @property
    def distance(self) -> float:
        """Return the distance between the eyes in px."""
        return float(np.hypot(*(self.eyes[1] - self.eyes[0])))

    @property
    def along(self) -> Vector:
        """Return the unit vector from the first eye to the second."""
        line: Vector = (self.eyes[1] - self.eyes[0]) / self.distance
        return line


def is_validation(file: str) -> bool:
    """Whether a picture belongs to a person kept for validation, by the number that its name starts with."""
    return int(re.sub(r"\D", "", file) or 0) % VALIDATION == 0


def prepare(source: Path, target: Path) -> int:
    """Write pixels.bin and index.json; return how many portraits were kept."""
    target.mkdir(parents=True, exist_ok=True)
    index: list[dict[str, Any]] = []
    offset = 0
    with (target / "pixels.bin").open("wb") as pixels:
        for row in json.loads((source / "eyes.json").read_text()):
            image = cv2.imread(str(source / row["file"]))
            width = row["box"][2] - row["box"][0]
            apart = float(np.hypot(*np.subtract(*row["eyes"])))
            if image is None or not apart >= PROFILE * width:
                continue
            grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
            if ((grey > 45) & (grey < 210)).mean() < LEAST_MIDTONES:
                continue
            pixels.write(np.ascontiguousarray(image[:, :, ::-1]).tobytes())
            index.append({**row, "eyes": sorted(row["eyes"]), "offset": offset, "shape": image.shape})
            offset += image.size
    (target / "index.json").write_text(json.dumps(index))
    return len(index)


class Portraits:
    """The prepared portraits of one part ("train" or "validation"), drawn by how useful they are."""

    def __init__(self, folder: Path, part: str) -> None:
        rows = json.loads((folder / "index.json").read_text())
        self._data: npt.NDArray[np.uint8] = np.memmap(folder / "pixels.bin", np.uint8, "r")
        self.rows = [
            Portrait(r["file"], np.array(r["eyes"]), tuple(r["box"]), r["colour"], r["offset"], tuple(r["shape"]))
            for r in rows
            if is_validation(r["file"]) == (part == "validation")
        ]
        # colour is what the product sees; only large faces are sharp when one eye fills the frame
        weights = np.array([(6.0 if r.colour else 1.0) * min(r.distance, 160) for r in self.rows])
        self._weights = np.cumsum(weights / weights.sum())

    def pick(self, rng: np.random.Generator) -> Portrait:
        """Return one portrait."""
        return self.rows[min(int(np.searchsorted(self._weights, rng.random())), len(self.rows) - 1)]

    def pixels(self, row: Portrait) -> Pixels:
        """Return a portrait's pixels, H×W×3, read-only."""
        size = int(np.prod(row.shape))
        return self._data[row.offset : row.offset + size].reshape(row.shape)


if __name__ == "__main__":
    print(prepare(Path(sys.argv[1]), Path(sys.argv[2])), "portraits")
