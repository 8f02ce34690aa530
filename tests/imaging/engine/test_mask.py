"""What a mask hides is not in the file, whatever the mask and whatever the format."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging.engine import Mask, Refused
from imaging.engine.limits import MAX_POINTS
from imaging.engine.masking import paint as paint
from imaging.engine.masking.paint import BAR, EDGE, NOTHING_AROUND, hidden_by, paint_masks
from imaging.engine.output.encode import make_renditions
from tests.imaging.engine import pictures
from tests.imaging.engine.shapes import HEIGHT, WIDTH, shapes


def crops():
    """Of every size, at every place in the picture; or none."""
    return st.none() | st.tuples(
        st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.integers(1, WIDTH), st.integers(1, HEIGHT)
    )


def kept(crop):
    """H×W: what the crop leaves."""
    bits = np.ones((HEIGHT, WIDTH), bool)
    if crop is not None:
        x, y, width, height = crop
        bits[:] = False
        bits[y : y + height, x : x + width] = True
    return bits


@settings(max_examples=100, deadline=None)
@given(
    masks=st.lists(shapes(), min_size=1, max_size=4),
    windows=st.lists(shapes("veil"), max_size=1),
    crop=crops(),
    seed=st.integers(0, 99),
    lossless=st.booleans(),
)
def test_output_does_not_depend_on_hidden_pixels(masks, windows, crop, seed, lossless):
    """Neither on those under a mask nor on those that the crop cuts off."""
    one = pictures.noise(WIDTH, HEIGHT, seed)
    hidden = hidden_by(masks, HEIGHT, WIDTH) & ~hidden_by(windows, HEIGHT, WIDTH) | ~kept(crop)
    other = one.copy()
    other[hidden] = 255 - other[hidden]
    try:
        first = paint_masks(one, masks, windows, crop)
    except Refused:
        with pytest.raises(Refused):
            paint_masks(other, masks, windows, crop)
        return
    second = paint_masks(other, masks, windows, crop)
    assert [item.sha256 for item in make_renditions(first, lossless=lossless)] == [
        item.sha256 for item in make_renditions(second, lossless=lossless)
    ]


@settings(max_examples=60, deadline=None)
@given(masks=st.lists(shapes(), min_size=1, max_size=3), seed=st.integers(0, 99))
def test_pixels_outside_stay_and_the_input_is_left_alone(masks, seed):
    before = pictures.noise(WIDTH, HEIGHT, seed)
    kept = before.copy()
    after = paint_masks(before, masks)
    outside = ~hidden_by(masks, HEIGHT, WIDTH)
    assert (before == kept).all()
    assert (after[outside] == before[outside]).all()


@settings(max_examples=80, deadline=None)
@given(mask=shapes())
def test_a_mask_covers_every_pixel_whose_centre_it_holds(mask):
    """Against a plain reading of the geometry, one pixel at a time."""
    hidden = hidden_by([mask], HEIGHT, WIDTH)
    for y in range(0, HEIGHT, 5):
        for x in range(0, WIDTH, 5):
            if _holds(mask, x + 0.5, y + 0.5):
                assert hidden[y, x]


def _holds(mask, x, y):
    if mask.shape == "brush":
        ends = zip(mask.points, mask.points[1:] or mask.points, strict=False)
        return any(_distance((x, y), *pair) < 0.999 * mask.thickness / 2 for pair in ends)
    turn = np.exp(-1j * np.deg2rad(mask.angle))
    point = (complex(x, y) - complex(mask.x + mask.width / 2, mask.y + mask.height / 2)) * turn
    right, down = abs(point.real) / (mask.width / 2), abs(point.imag) / (mask.height / 2)
    if mask.shape == "ellipse":
        return right**2 + down**2 < 0.999
    if mask.shape == "band":
        return (right < 0.999 and down < 0.6) or (right < 0.6 and down < 0.999)
    return right < 0.999 and down < 0.999


def _distance(point, start, end):
    here, start, end = (complex(*place) for place in (point, start, end))
    run = end - start
    along = ((here - start) * run.conjugate()).real / abs(run) ** 2 if abs(run) > 1e-9 else 0
    return abs(here - start - min(max(along, 0), 1) * run)


@settings(max_examples=60, deadline=None)
@given(mask=shapes())
def test_the_hull_holds_the_whole_mask(mask):
    hidden = hidden_by([mask], HEIGHT, WIDTH)
    x, y, width, height = mask.hull()
    rows, columns = np.nonzero(hidden)
    assert (columns >= x - 2).all()
    assert (columns <= x + width + 2).all()
    assert (rows >= y - 2).all()
    assert (rows <= y + height + 2).all()


def test_a_bar_is_one_colour_and_a_veil_has_an_edge():
    pixels = pictures.chart(200, 160)
    barred = paint_masks(pixels, [Mask("box", 50, 50, 60, 40)])
    veiled = paint_masks(pixels, [Mask("ellipse", 50, 50, 80, 60, style="veil")])
    assert (barred[55:85, 55:105] == BAR).all()
    assert (veiled[80, 50:52] == EDGE).all()
    assert (veiled[75:85, 80:100] != BAR).any()


def test_a_veil_takes_its_colours_from_around_it():
    pixels = np.full((100, 100, 3), (180, 120, 90), np.uint8)
    pixels[40:60, 40:60] = (0, 0, 255)
    veiled = paint_masks(pixels, [Mask("box", 35, 35, 30, 30, style="veil")])
    assert np.abs(veiled[50, 50].astype(int) - (180, 120, 90)).max() <= 2


def test_a_mask_over_everything_leaves_nothing():
    everything = [Mask("box", -5, -5, 200, 200, style="veil")]
    first, second = (paint_masks(pictures.noise(seed=seed), everything) for seed in (1, 2))
    assert (first == second).all()
    assert (first[20, 20] == NOTHING_AROUND).all()


def test_a_mask_of_one_pixel_hides_that_pixel():
    hidden = hidden_by([Mask("box", 7, 9, 1, 1)], 30, 30)
    assert hidden[9, 7]
    assert hidden.sum() <= 9


@pytest.mark.parametrize("crop", [(0, 0, 0, 5), (64, 0, 5, 5), (0, 48, 5, 5)])
@pytest.mark.parametrize("masks", [[], [Mask("box", 5, 5, 4, 4)]])
def test_a_crop_of_nothing_is_refused(masks, crop):
    with pytest.raises(Refused) as refused:
        paint_masks(pictures.noise(), masks, crop=crop)
    assert refused.value.code == "bad_mask"


@pytest.mark.parametrize("mask", [Mask("box", 100, 5, 4, 4), Mask("box", 5, -20, 4, 4, style="veil")])
def test_a_mask_beside_the_picture_changes_nothing(mask):
    pixels = pictures.noise()
    assert (paint_masks(pixels, [mask]) == pixels).all()


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (-3, 5)])
def test_a_mask_without_size_is_refused(width, height):
    with pytest.raises(Refused) as refused:
        paint_masks(pictures.noise(), [Mask("box", 5, 5, width, height)])
    assert refused.value.code == "bad_mask"


VEIL = Mask("box", 10, 10, 40, 30, style="veil")
EYES = Mask("band", 12, 12, 36, 8)


def test_a_window_shows_the_lesion_and_nothing_else_of_the_veil():
    pixels = pictures.noise()
    shown = paint_masks(pixels, [VEIL, EYES], [Mask("ellipse", 24, 28, 8, 8)])
    assert (shown[32, 28] == pixels[32, 28]).all()
    assert (shown[38, 45] != pixels[38, 45]).any()


@pytest.mark.parametrize(
    "window",
    [
        pytest.param(Mask("ellipse", 20, 14, 6, 6), id="over the eyes"),
        pytest.param(Mask("box", 12, 22, 36, 16), id="too large"),
    ],
)
def test_a_window_over_eyes_or_too_large_is_refused(window):
    with pytest.raises(Refused) as refused:
        paint_masks(pictures.noise(), [VEIL, EYES], [window])
    assert refused.value.code == "bad_window"


def test_a_stroke_has_round_ends_and_joins():
    """A right angle: covered out to half the thickness around the line, and not in the corners of a square end."""
    hidden = hidden_by([Mask.stroke([(10, 20), (30, 20), (30, 35)], 8)], HEIGHT, WIDTH)
    assert hidden[20, 5:8].any()  # before the first point
    assert hidden[16:24, 20].all()
    assert hidden[30, 26:34].all()
    assert not hidden[16, 6]
    assert not hidden[16, 33]
    assert not hidden[30, 20]


def test_a_dot_is_a_disc():
    hidden = hidden_by([Mask.stroke([(30, 22)], 10)], HEIGHT, WIDTH)
    assert 78 <= hidden.sum() <= 104  # pi · 5²; half a pixel more counts as touched
    assert hidden[22, 25:35].all()
    assert not hidden[17, 25]


@pytest.mark.parametrize("style", ["bar", "veil"])
def test_a_stroke_at_the_border_and_over_everything(style):
    for points, thickness in (([(0, 0)], 1), ([(-5, 20), (70, 20)], 3), ([(30, 20)], 300)):
        stroke = Mask.stroke(points, thickness, style)
        one, other = pictures.noise(WIDTH, HEIGHT, 1), pictures.noise(WIDTH, HEIGHT, 1)
        hidden = hidden_by([stroke], HEIGHT, WIDTH)
        assert hidden.any()
        other[hidden] = 0
        assert (paint_masks(one, [stroke]) == paint_masks(other, [stroke])).all()


@pytest.mark.parametrize(
    "mask",
    [
        pytest.param(Mask("brush", 5, 5, 10, 10, thickness=3.0), id="no point"),
        pytest.param(Mask.stroke([(5, 5), (9, 9)], 0), id="no thickness"),
        pytest.param(Mask.stroke([(5, 5), (30, 9)], -3), id="less than none"),
        pytest.param(Mask.stroke([(5.0, float(y)) for y in range(MAX_POINTS + 1)], 3), id="too many points"),
        pytest.param(Mask("box", 5, 5, 10, 10, points=((5.0, 5.0),)), id="a box with points"),
    ],
)
def test_a_stroke_that_is_none_is_refused(mask):
    with pytest.raises(Refused) as refused:
        paint_masks(pictures.noise(), [mask])
    assert refused.value.code == "bad_mask"


def test_a_veil_takes_no_colour_from_what_the_crop_cuts_off():
    pixels = np.full((100, 100, 3), (180, 120, 90), np.uint8)
    pixels[:, 60:] = (0, 0, 255)
    veiled = paint_masks(pixels, [Mask("box", 35, 35, 30, 30, style="veil")], crop=(0, 0, 58, 100))
    assert veiled.shape == (100, 58, 3)
    assert np.abs(veiled[50, 50].astype(int) - (180, 120, 90)).max() <= 2


def test_a_large_veil_is_rasterised_in_strips():
    """Same shape, however many rows are done at a time."""
    mask = Mask("ellipse", 3, 5, 50, 600, 12.0)
    whole = hidden_by([mask], 640, 64)
    before = paint.STRIP
    try:
        paint.STRIP = 7
        assert (hidden_by([mask], 640, 64) == whole).all()
    finally:
        paint.STRIP = before
