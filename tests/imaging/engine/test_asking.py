"""Which regions get a mask and which a question, and faces in pictures that are too long for one view."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from imaging.engine import Asked, Options, Region
from imaging.engine.decode import decode
from imaging.engine.detect.asking import ask, drop_same, is_moot, move
from imaging.engine.detect.panels import MOST_PIECES, cut, find_panels, is_long
from imaging.engine.operations import load_finder, suggest_masks
from imaging.engine.sandbox import wire
from tests.imaging.engine import pictures

# ruff: noqa: E501 - the tables are read across


def region(score, width=100.0, height=100.0, *, kind="eye", **more):
    return Region(kind, 0.0, 0.0, width, height, score, "retinaface", **more)


@pytest.mark.parametrize(
    ("found", "why"),
    [(region(0.5), None), (region(0.3), Asked.DOUBTFUL), (region(0.97, 300, 300), Asked.COVERS_MUCH), (region(0.99, 300, 300), None),
     (region(0.2, 300, 300), Asked.COVERS_MUCH), (region(0.9, why_asked=Asked.UNREAD), Asked.UNREAD),
     (region(0.9, turned=(-900.0, 0.0, 1000.0, 400.0)), None),  # most of it lies outside the picture
     (region(0.9, angle=90.0, turned=(-100.0, 100.0, 600.0, 200.0)), Asked.COVERS_MUCH)],
)  # fmt: skip
def test_what_covers_much_and_is_not_certain_is_asked(found, why):
    assert ask(found, 400, 400).why_asked == why


@pytest.mark.parametrize(
    ("found", "options", "painted"),
    [(region(0.3, why_asked=Asked.DOUBTFUL), Options(), True), (region(0.3, why_asked=Asked.COVERS_MUCH), Options(), False),
     (region(0.3, why_asked=Asked.UNREAD), Options(), False), (region(0.3, why_asked=Asked.UNREAD), Options(paint_asked=True), True),
     (region(0.9, kind="face"), Options(), True), (region(0.9, kind="face"), Options(keep_faces=True), False)],
)  # fmt: skip
def test_a_question_is_not_painted_and_a_doubt_is(found, options, painted):
    assert (len(suggest_masks([found], options)) == 1) == painted


def test_a_face_that_is_kept_is_no_question():
    found = region(0.9, kind="face", why_asked=Asked.COVERS_MUCH)
    assert found.is_left_visible(Options())
    assert not found.is_left_visible(Options(keep_faces=True))


@pytest.mark.parametrize("why", [None, *Asked])
def test_a_question_crosses_the_protocol(why):
    there = dataclasses.replace(region(0.5), why_asked=why)
    assert wire.load_region(wire.dump(there)) == there


def test_a_reason_that_is_none_is_malformed():
    with pytest.raises(wire.Malformed):
        wire.load_region({**wire.dump(region(0.5)), "why_asked": "boredom"})


# --- Long pictures


def chat(turn=0, *, photo=None):
    """A screenshot of lettering, with a photograph in it."""
    paper = np.full((3600, 540, 3), (236, 229, 221), np.uint8)
    for y in range(120, 3600, 190):
        cv2.putText(paper, "Good morning 12:45", (30, y), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (30, 30, 40), 2, cv2.LINE_AA)
    if photo is not None:
        paper[1500 : 1500 + photo.shape[0], 20 : 20 + photo.shape[1]] = photo
    return np.ascontiguousarray(np.rot90(paper, turn))


QUICK = Options(text=False)


def test_lettering_is_no_face():
    assert load_finder().find(chat(), QUICK) == ()


@pytest.mark.parametrize("turn", [0, 1])
def test_a_face_in_a_long_screenshot_is_found_once(turn):
    photo = decode(pictures.astronaut()).pixels[:, 80:480]
    found = load_finder().find(chat(turn, photo=photo), QUICK)
    assert [one.kind for one in found].count("face") == 1
    for one in (found[0], found[1]):  # the face and the likeliest eyes
        assert one.score > 0.9
        x, y = one.x + one.width / 2, one.y + one.height / 2
        assert 1500 < (y, x)[turn] < 1760
        assert one.width * one.height < 300 * 300


@pytest.mark.parametrize(("size", "long"), [((300, 100), False), ((100, 301), True), ((301, 100), True)])
def test_which_pictures_are_long(size, long):
    assert is_long(*size) == long


@pytest.mark.parametrize(
    ("panel", "pieces"),
    [((0, 0, 200, 100), 1), ((0, 0, 1000, 100), 10), ((5, 0, 105, 600), 6)],
)
def test_a_long_panel_is_cut_into_pieces_that_overlap(panel, pieces):
    got = list(cut(panel))
    assert len(got) == pieces
    assert (min(one[0] for one in got), min(one[1] for one in got)) == panel[:2]
    assert (max(one[2] for one in got), max(one[3] for one in got)) == panel[2:]


def test_photographs_are_told_from_lettering_and_a_panorama_is_one():
    photo = decode(pictures.coffee()).pixels[:400, :500]
    (panel,) = find_panels(chat(photo=photo))
    assert abs(panel[1] - 1500) < 60
    assert abs(panel[3] - 1900) < 60
    assert len(find_panels(pictures.noise(1600, 100))) == MOST_PIECES


def test_what_two_pieces_show_is_one_region():
    one = region(0.9)
    again = move(region(0.8, turned=(0.0, 0.0, 100.0, 100.0)), 4, 3)
    assert again.turned == (4, 3, 100, 100)
    elsewhere = move(region(0.7), 300, 0)
    assert drop_same([again, elsewhere, region(0.5, kind="face"), one]) == [one, elsewhere, region(0.5, kind="face")]


@pytest.mark.parametrize(
    ("kind", "score", "picture_type", "moot"),
    [("eye", 0.79, "dermoscopy", True), ("face", 0.44, "histology", True), ("eye", 0.8, "dermoscopy", False),
     ("text", 0.1, "dermoscopy", False), ("eye", 0.1, "clinical", False), ("face", 0.1, None, False)],
)  # fmt: skip
def test_what_is_not_worth_a_question(kind, score, picture_type, moot):
    assert is_moot(kind, score, picture_type) is moot
