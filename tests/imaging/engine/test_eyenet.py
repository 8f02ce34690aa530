"""The net that sees single eyes: what it finds, and the way from its outputs to places in the picture."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from imaging.engine import DetectorMissing
from imaging.engine.decode import decode
from imaging.engine.detect import weights
from imaging.engine.detect.eyenet import CELL, EyeNet, Sight, Spot, build_canvas, find_spots, join, turn_back
from tests.imaging.engine import pictures

EYE = 246, 109
"""The astronaut's left eye, px."""


@pytest.fixture(scope="module")
def net():
    return EyeNet()


def close_up(side=60, size=480):
    x, y = EYE
    half = side // 2
    part = decode(pictures.astronaut()).pixels[y - half : y + half, x - half : x + half]
    return cv2.resize(part, (size, size), interpolation=cv2.INTER_CUBIC)


def spot(x=100.0, y=80.0, score=0.9, side=160, length=30.0):
    return Spot((x, y), length, length * 0.6, 0.0, score, score, 0.8, side)


@pytest.mark.parametrize("turn", range(4))
def test_one_eye_is_seen_at_any_quarter_turn(net, turn):
    best = net.detect(np.rot90(close_up(), turn))[0].best
    assert best.score > 0.5
    assert math.dist(best.centre, (240, 240)) < 60
    assert 60 < best.half_length < 240


def test_an_eye_on_oblong_ground_is_seen_where_it_is(net):
    wide = np.full((300, 600, 3), (205, 160, 140), np.uint8)
    wide[60:240, 380:560] = close_up(size=180)
    best = net.detect(wide)[0].best
    assert math.dist(best.centre, (470, 150)) < 30


def test_cloth_shows_no_eye(net):
    rng = np.random.default_rng(1)
    cloth = np.clip(rng.normal(120, 6, (320, 400, 3)), 0, 255).astype(np.uint8)
    assert all(sight.best.score < 0.4 for sight in net.detect(cloth))


def test_weights_that_are_absent_or_altered_block(tmp_path):
    with pytest.raises(DetectorMissing):
        weights.load_own(weights.EYENET, tmp_path)
    good = weights.load_own(weights.EYENET)
    (tmp_path / weights.EYENET.path).write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(DetectorMissing):
        weights.load_own(weights.EYENET, tmp_path)


def test_a_view_has_sides_that_the_net_takes():
    canvas, scale = build_canvas(np.zeros((300, 500, 3), np.uint8), 160)
    assert canvas.shape == (96, 160, 3)
    assert scale == pytest.approx(0.32)
    assert (canvas[96:] == 127).all()
    canvas, _ = build_canvas(np.zeros((2, 4000, 3), np.uint8), 96)
    assert canvas.shape == (32, 96, 3)


def outputs(row=3, column=7, length=20.0, height=12.0, angle=30.0):
    """Return a mask and one region map, of a canvas of 96 × 160 px with one eye."""
    region = np.full((5, 12, 20), -6.0, np.float32)
    region[0, row, column] = 3.0
    region[1:, row, column] = (
        *(math.log(length / 64), math.log(height / 64)),
        *(math.cos(math.radians(2 * angle)), math.sin(math.radians(2 * angle))),
    )
    mask = np.zeros((24, 40), np.float32)
    cv2.ellipse(mask, ((15.0, 7.0), (2 * length / 4, 2 * height / 4), angle), 1.0, -1)
    return mask, region


def test_a_peak_becomes_an_ellipse_in_px_of_the_picture():
    mask, region = outputs()
    (one,) = find_spots(mask, region[None], 0.5, 160)
    assert one.centre == pytest.approx((7.5 * CELL / 0.5, 3.5 * CELL / 0.5))
    assert (one.half_length, one.half_height) == pytest.approx((40, 24), rel=0.01)
    assert one.angle == pytest.approx(30, abs=0.1)
    assert one.score == pytest.approx(1 / (1 + math.exp(-3)))
    assert one.filled > 0.9
    assert one.side == 160


def test_a_turned_view_says_the_same_as_the_upright_one():
    _, region = outputs()
    for turn in range(4):
        view = np.rot90(region, turn, axes=(1, 2)).copy()
        if turn % 2:
            view[3:] *= -1
        np.testing.assert_allclose(turn_back(view, turn), region, atol=1e-6)


def test_turns_that_disagree_lower_the_score():
    mask, region = outputs()
    blind = np.full_like(region, -6.0)
    (one,) = find_spots(mask, np.stack([region, blind]), 1.0, 160)
    assert one.least < 0.1 < one.score < 0.6


def test_spots_about_one_eye_are_joined_likeliest_first():
    found = join([spot(score=0.4, side=96), spot(x=110, score=0.9), spot(x=300), spot(length=90, score=0.3)])
    assert [len(one.spots) for one in found] == [2, 1, 1]
    assert found[0].best.score == 0.9
    assert found[0].score_at(96) == 0.4
    assert found[0].score_at(256) == 0.0
    assert isinstance(found[0], Sight)
