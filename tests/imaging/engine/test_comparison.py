"""Two pictures of one place: what is told of distance, turn, angle, part and light is what was done to the second."""

from __future__ import annotations

import json
import math

import cv2
import numpy as np
import pytest

from imaging.engine import Comparison, Incomparable, Refused, compare, operations, run
from imaging.engine.comparison import register as registration
from imaging.engine.comparison.register import register
from imaging.engine.sandbox import wire
from tests.imaging.engine import pictures
from tests.imaging.engine.test_answers import Answering

WIDTH, HEIGHT = 640, 480


def drawn(seed: int = 3) -> np.ndarray:
    """A drawing of skin: speckled, with spots and lines that do not repeat."""
    random = np.random.default_rng(seed)
    pixels = np.full((HEIGHT, WIDTH, 3), (205, 160, 140), np.float32)
    pixels += cv2.GaussianBlur(random.normal(0, 60, pixels.shape).astype(np.float32), (0, 0), 3)
    for _spot in range(140):
        centre = (int(random.integers(WIDTH)), int(random.integers(HEIGHT)))
        colour = tuple(float(one) for one in random.integers(40, 200, 3))
        cv2.ellipse(
            pixels,
            centre,
            tuple(int(one) for one in random.integers(3, 22, 2)),
            float(random.integers(180)),
            0,
            360,
            colour,
            -1,
        )
    return np.clip(pixels, 0, 255).astype(np.uint8)


SKIN = drawn()


def moved(
    pixels: np.ndarray = SKIN, *, scale: float = 1.0, turn: float = 0.0, squeeze: float = 1.0, shift: float = 0.0
) -> np.ndarray:
    """The same place from elsewhere: larger or smaller, turned, seen from the side, moved by a part of the width."""
    fit = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), -turn, scale)
    fit[0] *= squeeze
    fit[0, 2] += WIDTH * (1 - squeeze) / 2 + shift * WIDTH
    return cv2.warpAffine(pixels, fit, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderValue=(128, 128, 128))


@pytest.mark.parametrize("scale", [0.5, 0.625, 0.8, 1.0, 1.25, 1.6, 2.0])
def test_distance(scale: float) -> None:
    found = register(SKIN, moved(scale=scale))
    assert found.incomparable is None
    assert found.scale == pytest.approx(scale, rel=0.04)
    assert found.turn == pytest.approx(0, abs=2)
    assert found.overlap == pytest.approx(min(1.0, 1 / scale**2), abs=0.05)


@pytest.mark.parametrize("turn", [-90.0, -30.0, 0.0, 10.0, 45.0, 170.0])
def test_turn(turn: float) -> None:
    found = register(SKIN, moved(turn=turn))
    assert found.turn == pytest.approx(turn, abs=2)
    assert found.scale == pytest.approx(1, rel=0.04)


@pytest.mark.parametrize(("squeeze", "tilt"), [(1.0, 0), (0.85, 32), (0.7, 46)])
def test_angle(squeeze: float, tilt: float) -> None:
    found = register(SKIN, moved(squeeze=squeeze))
    assert math.degrees(math.acos(squeeze)) == pytest.approx(tilt, abs=1)
    # Near nothing an angle is hard to tell: its cosine hardly changes.
    assert found.tilt == pytest.approx(tilt, abs=8)


@pytest.mark.parametrize("shift", [0.0, 0.25, -0.5])
def test_part_shown(shift: float) -> None:
    assert register(SKIN, moved(shift=shift)).overlap == pytest.approx(1 - abs(shift), abs=0.04)


def test_a_picture_of_fewer_pixels_is_not_taken_from_further_away() -> None:
    small = cv2.resize(SKIN, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)
    large = cv2.resize(SKIN, (WIDTH * 2, HEIGHT * 2), interpolation=cv2.INTER_LINEAR)
    assert register(SKIN, small).scale == pytest.approx(1, rel=0.04)
    assert register(large, SKIN).scale == pytest.approx(1, rel=0.04)


@pytest.mark.parametrize(
    ("light", "name", "more"),
    [
        ((0.75, 0.75, 0.75), "lightness", False),
        ((1.15, 1.15, 1.15), "lightness", True),
        ((1.0, 1.0, 0.7), "yellow", True),
        ((1.0, 1.0, 1.25), "yellow", False),
        ((1.0, 0.8, 1.0), "red", True),
    ],
)
def test_light(light: tuple[float, ...], name: str, more: bool) -> None:
    lit = np.clip(SKIN * np.array(light), 0, 255).astype(np.uint8)
    found = register(SKIN, moved(lit, turn=10))
    assert abs(getattr(found, name)) > 5
    assert (getattr(found, name) > 0) == more


def test_a_lesion_that_goes_is_no_change_of_light() -> None:
    before = SKIN.copy()
    cv2.ellipse(before, (320, 240), (90, 70), 0, 0, 360, (90, 30, 30), -1)
    found = register(before, SKIN)
    assert max(abs(found.lightness), abs(found.red), abs(found.yellow)) < 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SKIN, drawn(9)),
        (SKIN, np.full((HEIGHT, WIDTH, 3), 127, np.uint8)),
        (np.full((HEIGHT, WIDTH, 3), 127, np.uint8), SKIN),
        (SKIN, np.asarray(pictures.noise(WIDTH, HEIGHT))),
    ],
)
def test_what_is_not_one_place_is_not_compared(before: np.ndarray, after: np.ndarray) -> None:
    assert register(before, after) == Comparison(Incomparable.TOO_LITTLE)


def test_enough_points_that_agree_on_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    points = random.uniform(0, 400, (2, 30, 2)).astype(np.float32)
    monkeypatch.setattr(registration, "_matches", lambda _one, _other: tuple(points))
    assert register(SKIN, SKIN).incomparable == Incomparable.TOO_LITTLE


@pytest.mark.parametrize(
    "fit",
    [
        ((-1, 0, 600), (0, 1, 0)),  # a mirror
        ((8, 0, 0), (0, 8, 0)),  # no camera came so much closer
        ((1, 0, 630), (0, 1, 470)),  # hardly a corner in common
    ],
)
def test_a_fit_that_no_camera_makes(monkeypatch: pytest.MonkeyPatch, fit: tuple[tuple[float, ...], ...]) -> None:
    here = np.random.default_rng(1).uniform(0, 400, (30, 2)).astype(np.float32)
    there = (np.c_[here, np.ones(30)] @ np.array(fit).T).astype(np.float32)
    monkeypatch.setattr(registration, "_matches", lambda _one, _other: (here, there))
    assert register(SKIN, SKIN) == Comparison(Incomparable.NO_FIT)


def test_points_on_one_line_fit_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    line = np.array([[at, at] for at in range(30)], np.float32)
    monkeypatch.setattr(registration, "_matches", lambda _one, _other: (line, line))
    assert register(SKIN, SKIN).incomparable is not None


def test_light_of_nothing_in_common() -> None:
    away = np.array([[1, 0, 5000], [0, 1, 5000]], np.float64)
    assert registration._light(away, SKIN, SKIN) == (0.0, 0.0, 0.0)


def test_no_input_is_changed() -> None:
    before, after = SKIN.copy(), moved(scale=1.2)
    kept = after.copy()
    register(before, after)
    assert (before == SKIN).all()
    assert (after == kept).all()


# --- Through the sandbox

ONE, OTHER = pictures.encoded(SKIN, "JPEG"), pictures.encoded(moved(scale=0.625), "PNG")


def test_in_the_child_the_two_files_are_parted() -> None:
    head = {"operation": "compare", "options": {}, "first": len(ONE)}
    answer, blobs = operations.perform(head, ONE + OTHER)
    found = wire.load_comparison(json.loads(json.dumps(answer))["comparison"])
    assert (found.incomparable, blobs) == (None, [])
    assert found.scale == pytest.approx(0.625, rel=0.05)


def test_compared_in_the_sandbox() -> None:
    assert compare(ONE, OTHER).scale == pytest.approx(0.625, rel=0.05)
    assert compare(ONE, pictures.encoded(drawn(9), "JPEG")).incomparable == Incomparable.TOO_LITTLE


@pytest.mark.parametrize(("one", "other", "code"), [(b"", ONE, "empty"), (ONE, b"", "empty"), (ONE, b"x" * 99, None)])
def test_what_is_no_picture_is_refused(one: bytes, other: bytes, code: str | None) -> None:
    with pytest.raises(Refused) as refused:
        compare(one, other)
    assert code in (None, refused.value.code)


GOOD = wire.dump(Comparison(None, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 40))


@pytest.mark.parametrize(
    "told",
    [None, "words", {}, GOOD | {"scale": "1"}, GOOD | {"points": -1}, GOOD | {"incomparable": "because"}],
)
def test_an_answer_that_is_none(monkeypatch: pytest.MonkeyPatch, told: object) -> None:
    monkeypatch.setattr(run, "sandbox", Answering({"comparison": told}, []))
    with pytest.raises(Refused) as refused:
        compare(ONE, OTHER)
    assert refused.value.code == "decoder_died"


@pytest.mark.parametrize("reason", [None, *Incomparable])
def test_an_answer_is_read(monkeypatch: pytest.MonkeyPatch, reason: Incomparable | None) -> None:
    monkeypatch.setattr(run, "sandbox", Answering({"comparison": GOOD | {"incomparable": reason}}, []))
    assert compare(ONE, OTHER) == Comparison(reason, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 40)
