"""What RetinaFace and YuNet see in the development pictures, kept on disk: they need a second a picture, fusing none.

    python -m training.eyes.sightings DATA FACES

Writes DATA/sightings/NNNN.pickle: a sample and its guesses, in an order that mixes all kinds.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from imaging.engine.detect.faces import Guess
from imaging.engine.detect.find import LARGE_SIDE, Finder
from imaging.engine.output.encode import shrink
from training.eyes.portraits import Pixels
from training.eyes.samples import Sample, everything

KEPT_BACK = ("uda_plain", "uda_profile", "wider", "var_rot90", "var_rot180", "var_rot270", "var_q30small")
"""Kinds of photographs that are measured only at the end."""


def look(finder: Finder, pixels: Pixels) -> list[Guess]:
    """Return all guesses of the product's views."""
    return finder.guesses(shrink(pixels, LARGE_SIDE), pixels.shape[1])


def load(folder: Path) -> Iterator[tuple[Sample, list[Guess]]]:
    """Yield what was written."""
    for path in sorted((folder / "sightings").glob("*.pickle")):
        yield pickle.loads(path.read_bytes())  # noqa: S301 - our own files


def main() -> None:
    """Write the sightings of all pictures."""
    data, faces = Path(sys.argv[1]), Path(sys.argv[2])
    (data / "sightings").mkdir(exist_ok=True)
    samples = [one for one in everything(data, faces) if one.kind not in KEPT_BACK]
    print(len(samples), "pictures", flush=True)
    finder = Finder()
    for number, index in enumerate(np.random.default_rng(1).permutation(len(samples))):
        path = data / "sightings" / f"{number:04}.pickle"
        if not path.exists():
            path.write_bytes(pickle.dumps((samples[index], look(finder, samples[index].pixels))))


if __name__ == "__main__":
    main()
