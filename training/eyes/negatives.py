"""Pictures without eyes: of packages, of the demo community, dermoscopy.

    python -m training.eyes.negatives TARGET [--more DIR]

Writes PNG files to TARGET/train and TARGET/held: every third picture of a source is held back for measuring.
"""

from __future__ import annotations

import argparse
import importlib.metadata
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from demo.drawings.catalogue import PICTURES
from training.eyes.portraits import Pixels

PACKAGED = (
    *("brick.png", "cell.png", "clock_motion.png", "coffee.png", "coins.png", "grass.png", "gravel.png", "horse.png"),
    *("ihc.png", "microaneurysms.png", "moon.png", "motorcycle_left.png", "page.png", "text.png"),
    *("hubble_deep_field.jpg", "retina.jpg", "rocket.jpg", "color.png", "logo.png", "motorcycle_right.png"),
)
"""Of scikit-image, without people and animals that look at the camera."""
LONGEST = 900


def packaged() -> Iterator[tuple[str, Pixels]]:
    """Yield scikit-image's and matplotlib's pictures, RGB."""
    files = {file.name: file for file in importlib.metadata.files("scikit-image") or []}
    more = {file.name: file for file in importlib.metadata.files("matplotlib") or []}
    names = [*((files, name) for name in PACKAGED), (more, "Minduka_Present_Blue_Pack.png"), (more, "logo2.png")]
    for where, name in names:
        if name in where:
            image = cv2.imread(str(where[name].locate()))
            if image is not None:
                yield name, np.asarray(image[:, :, ::-1], np.uint8)


def drawn() -> Iterator[tuple[str, Pixels]]:
    """Yield the demo community's pictures, RGB."""
    for name, picture in PICTURES.items():
        draw = picture.draw
        yield name, draw.func(**draw.keywords, width=900, height=675)  # type: ignore[attr-defined]


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--more", type=Path, nargs="*", default=[], help="folders of other pictures without eyes")
    arguments = parser.parse_args()
    others = [path for folder in arguments.more for path in sorted(folder.glob("*")) if path.suffix in {".jpg", ".png"}]
    files = ((path.stem, np.asarray(cv2.imread(str(path))[:, :, ::-1], np.uint8)) for path in others)
    for source, pictures in (("packaged", packaged()), ("drawn", drawn()), ("more", files)):
        for number, (name, image) in enumerate(pictures):
            part = arguments.target / ("held" if number % 3 == 2 else "train")
            part.mkdir(parents=True, exist_ok=True)
            shrink = min(1.0, LONGEST / max(image.shape[:2]))
            small = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
            cv2.imwrite(str(part / f"{source}-{Path(name).stem}.png"), small[:, :, ::-1])


if __name__ == "__main__":
    main()
