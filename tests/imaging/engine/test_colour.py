"""ICC to sRGB: against a computation in floating point that shares no code with littleCMS or the engine."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from imaging.engine import Options, deidentify
from imaging.engine.decode import decode
from tests.imaging.engine import pictures
from tests.imaging.engine.colours import SPACES, Space, difference, gamma_grey, srgb_lab, srgb_levels
from tests.imaging.engine.pictures import encoded
from tests.imaging.engine.tiffs import tiff

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


GREY = np.tile(np.linspace(0, 255, 64).round().astype(np.uint8), (48, 1))
LIGHT = np.repeat((255 * srgb_levels((GREY / 255.0) ** 1.5))[..., None], 3, 2)
"""What GREY shows under a profile with gamma 1.5."""
GREY_RGB = np.repeat(GREY[..., None], 3, 2)


def saved(image, kind="PNG", **more):
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def with_alpha(pixels):
    image = Image.fromarray(pixels)
    image.putalpha(255)
    return image


P3 = SPACES[0]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(saved(Image.fromarray(GREY), icc_profile=gamma_grey(1.5)), LIGHT, id="grey"),
        pytest.param(saved(with_alpha(GREY), icc_profile=gamma_grey(1.5)), LIGHT, id="grey and alpha"),
        pytest.param(saved(with_alpha(GREY), "TIFF", icc_profile=gamma_grey(1.5)), LIGHT, id="grey and alpha, tiff"),
        pytest.param(
            saved(Image.fromarray(GREY), icc_profile=gamma_grey(1.5), transparency=7), LIGHT, id="grey but one"
        ),
        pytest.param(saved(Image.fromarray(GREY_RGB), icc_profile=gamma_grey(1.5)), LIGHT, id="rgb that is grey"),
        pytest.param(saved(Image.fromarray(GREY), icc_profile=P3.profile()), GREY_RGB, id="grey, rgb profile"),
        pytest.param(saved(with_alpha(GREY), icc_profile=P3.profile()), GREY_RGB, id="grey and alpha, rgb profile"),
        pytest.param(saved(with_alpha(photograph()), icc_profile=P3.profile()), P3.srgb(photograph()), id="rgba"),
    ],
)
def test_a_profile_counts_with_alpha_and_for_the_other_number_of_channels(data, expected):
    picture = decode(data)
    assert not picture.warnings
    opaque = np.abs(picture.pixels - expected).max(axis=-1) < 250  # but for the number that is transparent
    assert np.abs(picture.pixels - expected)[opaque].mean() < 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(saved(Image.fromarray(photograph()), icc_profile=gamma_grey(1.5)), id="colours, grey profile"),
        pytest.param(saved(with_alpha(photograph()), icc_profile=gamma_grey(1.5)), id="and alpha"),
    ],
)
def test_a_profile_of_another_space_is_left_aside_and_said(data):
    picture = decode(data)
    assert picture.warnings == ("colour_profile_unreadable",)
    assert (picture.pixels == photograph()).all()


@pytest.mark.parametrize(("mode", "more"), [("La", 1), ("RGBa", 3)])
def test_colours_multiplied_by_alpha_are_divided(mode, more):
    """TIFF's associated alpha: half of 100 at half opacity is 100 on its own, then laid on white."""
    samples = np.full((4, 4, more + 1), 50, np.uint8)
    samples[..., -1] = 128
    data = tiff(samples, photometric=1 if more == 1 else 2, more={338: (1,)})
    assert np.abs(decode(data).pixels.astype(int) - (50 + 127)).max() <= 1
