"""The rules' plain geometry agrees with what is painted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from imaging.engine import Mask
from imaging.engine.masking import geometry
from imaging.engine.masking.paint import hidden_by
from tests.imaging.engine.shapes import HEIGHT, WIDTH, shapes


@settings(max_examples=60, deadline=None)
@given(mask=shapes())
def test_what_a_shape_holds_is_painted(mask):
    painted = hidden_by([mask], HEIGHT, WIDTH)
    for y in range(0, HEIGHT, 4):
        for x in range(0, WIDTH, 4):
            if mask.shape != "band" and geometry.contains(mask, x + 0.5, y + 0.5):
                assert painted[y, x]


@settings(max_examples=100, deadline=None)
@given(one=shapes(), other=shapes())
def test_shapes_that_are_apart_share_no_pixel(one, other):
    if not geometry.touch(one, other):
        assert not (hidden_by([one], HEIGHT, WIDTH) & hidden_by([other], HEIGHT, WIDTH)).any()


@settings(max_examples=60, deadline=None)
@given(mask=shapes())
def test_a_shape_touches_and_covers_itself(mask):
    assert geometry.touch(mask, mask)
    assert geometry.covered_share(mask, [mask]) == (1.0 if geometry.area(mask) else 0.0)


BOX = Mask("box", 100, 100, 100, 50)


@pytest.mark.parametrize(
    ("mask", "covers", "share"),
    [
        (BOX, [], 0.0),
        (BOX, [Mask("box", 150, 90, 100, 100)], 0.5),
        (BOX, [Mask("box", 100, 100, 50, 50), Mask("box", 150, 100, 50, 50)], 1.0),
        (BOX, [Mask("box", 100, 100, 100, 50, 90)], 0.5),
        (BOX, [Mask("ellipse", 100, 100, 100, 50)], np.pi / 4),
        (BOX, [Mask.stroke([(80, 125), (220, 125)], 25)], 0.5),
        (BOX, [Mask.stroke([(10, 10)], 5)], 0.0),
        (Mask("ellipse", 100, 100, 100, 50), [BOX], 1.0),
        (Mask.stroke([(100, 100), (200, 100)], 20), [Mask("box", 0, 0, 150, 200)], 0.5),
        (Mask.stroke([(100, 100), (900, 900)], 1), [BOX], pytest.approx(0.06, abs=0.06)),
    ],
)
def test_shares(mask, covers, share):
    expected = share if not isinstance(share, float) else pytest.approx(share, abs=0.05)
    assert geometry.covered_share(mask, covers) == expected


def test_a_hole_in_a_cover_covers_nothing():
    hole = Mask("box", 100, 100, 25, 50)
    assert geometry.covered_share(BOX, [BOX], [hole]) == pytest.approx(0.75, abs=0.05)
    assert geometry.covered_share(BOX, [], [hole]) == 0


@pytest.mark.parametrize(
    ("mask", "px"),
    [
        (BOX, 5000),
        (Mask("ellipse", 0, 0, 100, 50, 30), np.pi * 50 * 25),
        (Mask.stroke([(50, 50)], 40), np.pi * 400),
        (Mask.stroke([(0, 0), (100, 0)], 40), 4000 + np.pi * 400),
    ],
)
def test_areas(mask, px):
    assert geometry.area(mask) == pytest.approx(px, rel=0.05)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (BOX, Mask("box", 199, 100, 10, 10), True),
        (BOX, Mask("box", 201, 100, 10, 10), True),  # within the margin
        (BOX, Mask("box", 205, 100, 10, 10), False),
        (Mask("box", 0, 0, 100, 10, 45), Mask("box", 0, 60, 30, 10), False),  # hulls meet, shapes do not
        (Mask("ellipse", 0, 0, 100, 100), Mask("box", 88, 88, 20, 20), False),
        (Mask("ellipse", 0, 0, 100, 100), Mask("box", 80, 80, 20, 20), True),
        (Mask.stroke([(0, 0), (100, 100)], 10), Mask("box", 70, 10, 20, 20), False),
        (Mask.stroke([(0, 0), (100, 100), (100, 0)], 10), Mask("box", 90, 10, 20, 20), True),
        (Mask.stroke([(50, 50)], 10), Mask("box", 54, 45, 20, 20), True),
    ],
)
def test_touching(one, other, meet):
    assert geometry.touch(one, other) is meet
    assert geometry.touch(other, one) is meet
