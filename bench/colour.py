"""Colour error against the profile, in CIEDE2000: after the engine, and if the profile were dropped.

python bench/colour.py [PICTURE...]

The reference is computed in floating point from primaries and curves; profiles are written here from the public
specifications. Without arguments the pictures are three that ship with scikit-image, taken as if their numbers
were each space's. littleCMS's own 8-bit result is printed beside the engine's, as the best possible one.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
NAMES = ("coffee.png", "astronaut.png", "ihc.png")
SIDE = 600


def pictures() -> list[np.ndarray]:
    """Return the pictures, H×W×3 uint8, at most 600 px a side."""
    from tests.imaging.engine.pictures import packaged

    given = [Path(name).read_bytes() for name in sys.argv[1:]] or [packaged("scikit-image", name) for name in NAMES]
    result = []
    for data in given:
        with Image.open(io.BytesIO(data)) as image:
            image.thumbnail((SIDE, SIDE))
            result.append(np.asarray(image.convert("RGB")))
    return result


def plain(pixels: np.ndarray, profile: bytes) -> np.ndarray:
    """Convert with littleCMS alone, with its default settings."""
    source, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    done = ImageCms.profileToProfile(Image.fromarray(pixels), source, srgb, renderingIntent=1)
    assert done is not None
    return np.asarray(done)


def main() -> None:
    from imaging.engine import Options, deidentify
    from tests.imaging.engine.colours import SPACES, difference, srgb_lab
    from tests.imaging.engine.pictures import encoded

    def engine(pixels: np.ndarray, kind: str, profile: bytes) -> np.ndarray:
        more = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
        data = encoded(pixels, kind, icc_profile=profile, **more)
        full = deidentify(data, Options(faces=False, eyes=False, text=False)).full
        with Image.open(io.BytesIO(full.data)) as image:
            return np.asarray(image)

    print(f"{'mean / 99th percentile of dE2000':34}{'engine, PNG':>14}{'JPEG q95':>14}{'littleCMS':>14}{'dropped':>14}")
    for space in SPACES:
        profile, columns = space.profile(), [[], [], [], []]
        for pixels in pictures():
            reference = srgb_lab(space.srgb(pixels))
            shown = engine(pixels, "PNG", profile), engine(pixels, "JPEG", profile), plain(pixels, profile), pixels
            for column, one in zip(columns, shown, strict=True):
                column.append(difference(srgb_lab(one), reference).ravel())
        values = [np.concatenate(column) for column in columns]
        cells = "".join(f"{value.mean():7.2f} /{np.percentile(value, 99):5.2f}" for value in values)
        print(f"{space.name:34}{cells}")


if __name__ == "__main__":
    main()
