"""ICC to sRGB: against a computation in floating point that shares no code with littleCMS or the engine."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from imaging.engine import Options, deidentify
from imaging.engine.decode import decode
from tests.imaging.engine import pictures
from tests.imaging.engine.colours import SPACES, Space, difference, srgb_lab
from tests.imaging.engine.pictures import encoded

# Pairs from the supplementary data of Sharma, Wu, Dalal 2005: hues across zero, near greys, the blue region, far pairs.
PAIRS = np.array(
    [
        (50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425),
        (50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615),
        (50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000),
        (50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669),
        (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792),
        (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195),
        (50.0000, -0.0010, 2.4900, 50.0000, 0.0011, -2.4900, 4.7461),
        (50.0000, 2.5000, 0.0000, 50.0000, 0.0000, -2.5000, 4.3065),
        (50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492),
        (50.0000, 2.5000, 0.0000, 58.0000, 24.0000, 15.0000, 19.4535),
        (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
        (22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373),
        (90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441),
        (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
    ]
)


def test_the_measure_gives_the_published_differences():
    assert np.abs(difference(PAIRS[:, :3], PAIRS[:, 3:6]) - PAIRS[:, 6]).max() < 1e-4
    assert np.abs(difference(PAIRS[:, 3:6], PAIRS[:, :3]) - PAIRS[:, 6]).max() < 1e-4


def photograph() -> np.ndarray:
    """A quarter of a cup of coffee on a table: browns, reds, greys."""
    with Image.open(io.BytesIO(pictures.coffee())) as image:
        return np.asarray(image.convert("RGB"))[::2, ::2]


def cube() -> np.ndarray:
    steps = np.linspace(0, 255, 18).round().astype(np.uint8)
    return np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(54, 108, 3)


IDS = [space.name for space in SPACES]


@pytest.mark.parametrize("pixels", [photograph(), cube()], ids=["photograph", "whole cube"])
@pytest.mark.parametrize("space", SPACES, ids=IDS)
def test_colours_stay_what_they_were(space: Space, pixels: np.ndarray):
    shown = decode(encoded(pixels, "PNG", icc_profile=space.profile())).pixels
    reference = srgb_lab(space.srgb(pixels))
    missed = difference(srgb_lab(shown), reference)
    assert missed.mean() < 0.5
    assert np.percentile(missed, 99) < 2
    ignored = difference(srgb_lab(pixels), reference)
    assert ignored.mean() > 1  # else there was nothing to convert


@pytest.mark.parametrize("space", SPACES[:3], ids=IDS[:3])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_through_the_sandbox_to_a_png(space: Space, kind: str):
    more = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(photograph(), kind, icc_profile=space.profile(), **more)
    full = deidentify(data, Options(faces=False, eyes=False, text=False)).full
    with Image.open(io.BytesIO(full.data)) as image:
        missed = difference(srgb_lab(np.asarray(image)), srgb_lab(space.srgb(photograph())))
    assert full.content_type == "image/png"
    assert missed.mean() < 0.5


@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "HEIF"])
def test_lossy_containers_keep_their_profile_too(kind: str):
    """Flat colours, so that coding them costs little."""
    space, flat = SPACES[0], np.repeat(np.repeat(cube()[::9, ::9], 24, 0), 24, 1)
    quality = {"quality": 100} if kind == "AVIF" else {"quality": 95}
    shown = decode(encoded(flat, kind, icc_profile=space.profile(), **quality)).pixels
    assert difference(srgb_lab(shown), srgb_lab(space.srgb(flat))).mean() < 2
