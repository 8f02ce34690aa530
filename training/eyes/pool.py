"""A pool of crops on disk between the process that makes them and the one that trains.

    nice -n 8 python -m training.eyes.pool DATA --seed 1

The maker fills free slots and then replaces those of least use; the trainer draws from all slots and writes back how
wrong the net was about each, so that what it is wrong about is drawn more often (hard negatives above all) and what
it knows makes room. Both may stop and start at any time.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training.eyes.crops import SIZE, STRIDE, Crop, Maker
from training.eyes.portraits import Pixels, Portraits

SLOTS = 36_000
SMALL = SIZE // STRIDE
MOST_DRAWS = 8
"""Draws after which a crop has taught what it can."""
PARENT_CHECK = 500
ROW = np.dtype(
    [
        ("image", np.uint8, (SIZE, SIZE, 3)),
        ("mask", np.uint8, (SMALL, SMALL)),
        ("regions", np.float32, (2, 6)),
    ]
)
STATE = np.dtype([("wrong", np.float32), ("draws", np.int32), ("ready", np.int32)])
"""Kept apart from the pixels, because all of it is read for every batch."""


@dataclass(frozen=True)
class Batch:
    """N crops: images N×H×W×3, masks N×H/4×W/4 (0 to 255), regions N×2×6, and their slots."""

    images: Pixels
    masks: Pixels
    regions: npt.NDArray[np.float32]
    slots: npt.NDArray[np.int64]


class Pool:
    """The slots. Made on first use; then mapped, so both processes see the same."""

    def __init__(self, path: Path, slots: int = SLOTS) -> None:
        state = path.with_suffix(".state")
        for file, row in ((path, ROW), (state, STATE)):
            if not file.exists():
                with file.open("wb") as new:
                    new.truncate(slots * row.itemsize)
        self._rows = np.memmap(path, ROW, "r+")
        self._state = np.memmap(state, STATE, "r+")

    def __len__(self) -> int:
        return int((self._state["ready"] > 0).sum())

    def add(self, crop: Crop, rng: np.random.Generator) -> None:
        """Put a crop where it costs least: a free slot, else of a few random ones the one drawn most and known best."""
        some = rng.integers(len(self._rows), size=24)
        worth = np.where(self._state["ready"][some] > 0, self._worth(some), -1.0)
        slot = int(some[int(np.argmin(worth))])
        self._state["ready"][slot] = 0
        row = self._rows[slot]
        row["image"], row["mask"], row["regions"] = crop.image, crop.mask, crop.regions
        self._state[slot] = 1.0, 0, 1

    def _worth(self, slots: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        draws = self._state["draws"][slots]
        fresh = 1.0 / (1 + draws)
        value: npt.NDArray[np.float64] = np.where(draws >= MOST_DRAWS, 0.0, fresh + self._state["wrong"][slots])
        return value

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        """Return a batch, half of it likelier the more wrong the net was (new ones count as wrong)."""
        ready = np.flatnonzero(self._state["ready"] > 0)
        weights = self._state["wrong"][ready].astype(np.float64) * (self._state["draws"][ready] < MOST_DRAWS) + 1e-3
        hard = rng.choice(ready, count * 2 // 3, p=weights / weights.sum(), replace=len(ready) < count)
        slots = np.concatenate([hard, rng.choice(ready, count - len(hard))])
        rows = self._rows[slots]
        images, masks, regions = rows["image"].copy(), rows["mask"].copy(), rows["regions"].copy()
        self._state["draws"][slots] += 1
        return Batch(images, masks, regions, slots)

    def report(self, slots: npt.NDArray[np.int64], wrong: npt.NDArray[np.float32]) -> None:
        """Remember how wrong the net was about each, 0 (right) to 1."""
        self._state["wrong"][slots] = wrong


def pictures(folder: Path) -> list[Pixels]:
    """Return the PNG files of a folder, RGB."""
    return [np.asarray(cv2.imread(str(path))[:, :, ::-1], np.uint8) for path in sorted(folder.glob("*.png"))]


def main() -> None:
    """Make crops until stopped, or until the process named by --while ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with prepared/ and negatives/; gets pool.bin")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--while", type=int, dest="parent", default=0, help="process that must live")
    arguments = parser.parse_args()
    maker = Maker(Portraits(arguments.data / "prepared", "train"), pictures(arguments.data / "negatives" / "train"))
    pool = Pool(arguments.data / "pool.bin")
    rng = np.random.default_rng([arguments.seed, int(time.time())])
    made = 0
    while True:
        pool.add(maker.make(rng), rng)
        made += 1
        if made % PARENT_CHECK == 0 and arguments.parent and not Path(f"/proc/{arguments.parent}").exists():
            return


if __name__ == "__main__":
    main()
