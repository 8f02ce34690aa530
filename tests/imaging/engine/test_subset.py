"""A masked picture shows no more than another exactly when every pixel that it shows was shown there too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imaging.engine import Mask, Refused
from imaging.engine.masking.paint import paint_masks
from imaging.engine.masking.subset import View, shows_no_more, visible
from tests.imaging.engine import pictures
from tests.imaging.engine.shapes import HEIGHT, WIDTH, shapes

RAW = (pictures.noise(WIDTH, HEIGHT, 1), pictures.noise(WIDTH, HEIGHT, 2))
WHOLE = (0, 0, WIDTH, HEIGHT)


@st.composite
def crops(draw, inside=WHOLE):
    """Some part of a part of the picture."""
    x, y, width, height = inside
    left = draw(st.integers(0, width - 1))
    top = draw(st.integers(0, height - 1))
    return x + left, y + top, draw(st.integers(1, width - left)), draw(st.integers(1, height - top))


@st.composite
def reviews(draw):
    """Masks, windows and crop of one review."""
    masks = tuple(draw(st.lists(shapes(), max_size=3)))
    windows = tuple(draw(st.lists(shapes("veil"), max_size=1)))
    return masks, windows, draw(st.none() | crops())


@st.composite
def pairs(draw):
    """A review and another: of its own, or the first with masks added and a tighter crop, or with less covered."""
    first = draw(reviews())
    how = draw(st.sampled_from(["own", "tighter", "looser"]))
    if how == "own":
        return first, draw(reviews())
    masks, windows, crop = first
    more = (*masks, *draw(st.lists(shapes(), max_size=2)))
    tighter = (more, windows, draw(st.just(crop) | crops(crop or WHOLE)))
    return (first, tighter) if how == "tighter" else (tighter, first)


def painted(raw, review):
    masks, windows, crop = review
    return paint_masks(raw, masks, windows, crop)


def view(review):
    masks, windows, crop = review
    try:
        return View(painted(RAW[0], review), masks, windows, crop)
    except Refused:  # a window that is too large
        return None


def seen(review):
    """H×W: where two pictures of noise come through as they are. Nothing of the masks is asked."""
    x, y, width, height = review[2] or WHOLE
    through = np.ones((height, width), bool)
    for raw in RAW:
        through &= (painted(raw, review) == raw[y : y + height, x : x + width]).all(axis=2)
    whole = np.zeros((HEIGHT, WIDTH), bool)
    whole[y : y + height, x : x + width] = through
    return whole


@settings(max_examples=400, deadline=None)
@given(pairs())
def test_kept_if_and_only_if_the_visible_set_is_a_subset(pair) -> None:
    before, after = map(view, pair)
    assume(before is not None and after is not None)
    was_seen, is_seen = map(seen, pair)
    assert (visible(after, height=HEIGHT, width=WIDTH) == is_seen).all()
    subset = not (is_seen & ~was_seen).any()
    assert shows_no_more(before=before, after=after, height=HEIGHT, width=WIDTH) is subset


@settings(max_examples=60, deadline=None)
@given(pairs(), st.integers(0, 10**6))
def test_one_other_pixel_is_another_picture(pair, place) -> None:
    before, after = map(view, pair)
    assume(before is not None and after is not None)
    assume(shows_no_more(before=before, after=after, height=HEIGHT, width=WIDTH))
    rows, columns = np.nonzero(seen(pair[1]))
    assume(len(rows))
    x, y, _width, _height = after.crop or WHOLE
    forged = after.pixels.copy()
    at = place % len(rows)
    forged[rows[at] - y, columns[at] - x, 0] ^= 1
    assert not shows_no_more(before=before, after=replace(after, pixels=forged), height=HEIGHT, width=WIDTH)


BAR = Mask("box", 10, 10, 20, 20)
VEIL = Mask("box", 5, 5, 50, 34, style="veil")
WINDOW = Mask("box", 20, 15, 8, 8, style="veil")


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (((), (), None), ((), (), None), True),
        (((), (), None), ((BAR,), (), None), True),
        (((BAR,), (), None), ((), (), None), False),
        (((), (), None), ((), (), (5, 5, 20, 20)), True),
        (((), (), (5, 5, 20, 20)), ((), (), None), False),
        (((), (), (5, 5, 20, 20)), ((), (), (6, 5, 20, 20)), False),
        (((), (), (0, 0, 9, 9)), ((BAR,), (), (12, 12, 9, 9)), True),  # all of it covered
        (((VEIL,), (), None), ((VEIL,), (WINDOW,), None), False),
        (((VEIL,), (WINDOW,), None), ((VEIL,), (), None), True),
        (((VEIL,), (), None), ((replace(VEIL, style="bar"),), (), None), True),
        (((replace(BAR, width=19.0),), (), None), ((BAR,), (), None), True),
        (((BAR,), (), None), ((replace(BAR, width=19.0),), (), None), False),
    ],
)
def test_both_ways(before, after, kept) -> None:
    assert shows_no_more(before=view(before), after=view(after), height=HEIGHT, width=WIDTH) is kept


@pytest.mark.parametrize("rows", [HEIGHT - 1, 1])
def test_a_picture_of_another_size_proves_nothing(rows: int) -> None:
    whole = View(RAW[0])
    cut = View(RAW[0][:rows])
    assert not shows_no_more(before=whole, after=cut, height=HEIGHT, width=WIDTH)
    assert not shows_no_more(before=cut, after=whole, height=HEIGHT, width=WIDTH)


def test_tall_pictures_are_compared_to_the_end() -> None:
    tall = pictures.noise(8, 600, 3)
    other = tall.copy()
    other[599, 0, 0] ^= 1
    assert shows_no_more(before=View(tall), after=View(tall), height=600, width=8)
    assert not shows_no_more(before=View(tall), after=View(other), height=600, width=8)


def test_what_shows_nothing_is_a_subset_wherever_it_was_cut() -> None:
    """Two crops that do not meet, and a bar over all that the second one keeps."""
    before = View(painted(RAW[0], ((), (), (0, 0, 1, 1))), (), (), (0, 0, 1, 1))
    bar = Mask.stroke([(0, 0), (WIDTH, 0)], 9.0, "bar")
    after = View(painted(RAW[0], ((bar,), (), (2, 0, 3, 1))), (bar,), (), (2, 0, 3, 1))
    assert shows_no_more(before=before, after=after, height=HEIGHT, width=WIDTH)
