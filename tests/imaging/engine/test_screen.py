"""A photograph of a screen is known by its grid; skin, cloth and compression are not taken for one."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from imaging.engine import Options, inspect
from imaging.engine.decode import decode
from imaging.engine.quality.screen import shows_screen
from tests.imaging.engine import pictures
from tests.imaging.engine.pictures import encoded, noise

pytestmark = pytest.mark.slow  # photographs of screens are computed

WIDTH, HEIGHT, FINER = 1000, 800, 2


def packaged(name: str) -> np.ndarray:
    with Image.open(io.BytesIO(pictures.packaged("scikit-image", name))) as image:
        return np.asarray(image.convert("RGB"))


def photographed(shown: np.ndarray, *, pitch: float, degrees: float, quality: int = 90) -> np.ndarray:
    """A camera's picture of a screen that shows this: dots of three colours `pitch` px apart, turned by some
    degrees, a lens, a mosaic of coloured sensors, a JPEG."""
    down, across = np.mgrid[0 : HEIGHT * FINER, 0 : WIDTH * FINER].astype(np.float32) / FINER
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    x, y = (cos * across + sin * down) / pitch, (cos * down - sin * across) / pitch
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    light = (shown[row % shown.shape[0], column % shown.shape[1]] / 255.0) ** 2.2
    within = np.stack([(x - column > n / 3 + 0.03) & (x - column < (n + 1) / 3 - 0.03) for n in range(3)], axis=-1)
    dots = cv2.GaussianBlur((light * within * 3).astype(np.float32), (0, 0), 0.6 * FINER)
    seen = cv2.resize(dots, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    sensors = seen[..., 1].copy()
    sensors[0::2, 0::2], sensors[1::2, 1::2] = seen[0::2, 0::2, 0], seen[1::2, 1::2, 2]
    sensors += np.random.default_rng(0).normal(0, 0.005, sensors.shape)
    colour = cv2.cvtColor((np.clip(sensors, 0, 1) * 65535).astype(np.uint16), cv2.COLOR_BayerRGGB2RGB) / 65535.0
    return decode(encoded((colour ** (1 / 2.2) * 255).astype(np.uint8), "JPEG", quality=quality)).pixels


@pytest.mark.parametrize(
    ("name", "pitch", "degrees", "quality"),
    [
        ("astronaut.png", 2.7, 11, 95),
        ("coffee.png", 3.4, 2, 90),
        ("ihc.png", 4.5, -13, 85),
        ("coffee.png", 5.5, 8, 80),
    ],
)
def test_a_screen_is_seen(name: str, pitch: float, degrees: float, quality: int):
    assert shows_screen(photographed(packaged(name), pitch=pitch, degrees=degrees, quality=quality))


def enlarged(name: str) -> np.ndarray:
    return cv2.resize(packaged(name), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def cloth() -> np.ndarray:
    """A weave of one colour: as regular as a screen, but without coloured dots."""
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    x, y = 0.98 * across + 0.2 * down, 0.98 * down - 0.2 * across
    weave = 1 + 0.3 * np.sin(2 * np.pi * x / 5) * np.sin(2 * np.pi * y / 6)
    grain = np.random.default_rng(1).normal(0, 3, (HEIGHT, WIDTH, 3))
    return np.clip(weave[..., None] * (150, 120, 100) + grain, 0, 255).astype(np.uint8)


def striped() -> np.ndarray:
    """Coloured stripes in one direction: a shirt."""
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    phase = np.sin(2 * np.pi * (0.98 * across + 0.2 * down) / 6)[..., None]
    grain = np.random.default_rng(1).normal(0, 3, (HEIGHT, WIDTH, 3))
    return np.clip(140 + phase * (60, 30, -40) + grain, 0, 255).astype(np.uint8)


def compressed(name: str) -> np.ndarray:
    return decode(encoded(enlarged(name), "JPEG", quality=20)).pixels


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(lambda: enlarged("astronaut.png"), id="portrait"),
        pytest.param(lambda: enlarged("ihc.png"), id="histology"),
        pytest.param(lambda: packaged("retina.jpg"), id="retina"),
        pytest.param(lambda: packaged("hubble_deep_field.jpg"), id="stars"),
        pytest.param(lambda: noise(WIDTH, HEIGHT), id="noise"),
        pytest.param(cloth, id="cloth"),
        pytest.param(striped, id="stripes"),
        pytest.param(lambda: compressed("coffee.png"), id="heavy compression"),
        pytest.param(lambda: np.full((HEIGHT, WIDTH, 3), 90, np.uint8), id="one colour"),
        pytest.param(lambda: photographed(packaged("coffee.png"), pitch=3.4, degrees=2)[:599], id="too small to tell"),
    ],
)
def test_other_pictures_are_no_screens(pixels: Callable[[], np.ndarray]):
    assert not shows_screen(pixels())


def test_a_confined_child_says_so_too():
    """NumPy loads its transforms when they are first asked for; the child cannot open a file any more."""
    shown = encoded(photographed(packaged("coffee.png"), pitch=3.4, degrees=2), "PNG")
    assert "screen" in inspect(shown, options=Options(faces=False, eyes=False, text=False)).warnings
