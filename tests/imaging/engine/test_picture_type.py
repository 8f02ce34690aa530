"""A picture's type: guessed from its frame and colours, and what follows from it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from demo.drawings import catalogue
from imaging.engine import Asked, Options, PictureType, Region, deidentify
from imaging.engine.decode import Picture, decode
from imaging.engine.detect.asking import ask
from imaging.engine.messages import ADVICE, advice_for
from imaging.engine.operations import load_finder
from imaging.engine.quality.checks import find_warnings
from imaging.engine.quality.picture_type import guess_type
from imaging.engine.sandbox import wire
from tests.imaging.engine import pictures

# ruff: noqa: E501 - the tables are read across


def scope(centre=(400, 300), radius=280, *, light=(190, 140, 120), around=4, lesion=60):
    """A round field with a lesion, as a dermatoscope shows it."""
    paper = np.full((600, 800, 3), around, np.uint8)
    cv2.circle(paper, centre, radius, light, -1, cv2.LINE_AA)
    cv2.circle(paper, centre, lesion, (40, 30, 25), -1, cv2.LINE_AA)
    return paper


@pytest.mark.parametrize(
    ("paper", "guess"),
    [(scope(), PictureType.DERMOSCOPY), (scope((430, 310), 380), PictureType.DERMOSCOPY), (scope(light=(200, 160, 190)), PictureType.HISTOLOGY),
     (scope(around=120), None), (scope(lesion=270), None), (scope((400, 300), 90), None), (np.full((600, 800, 3), (196, 150, 130), np.uint8), None),
     (np.zeros((600, 800, 3), np.uint8), None)],
)  # fmt: skip
def test_a_round_field_in_the_dark_is_taken_through_an_instrument(paper, guess):
    assert guess_type(paper) == guess


def test_light_in_a_dark_room_is_no_round_field():
    square = np.zeros((600, 800, 3), np.uint8)
    square[80:520, 180:620] = (190, 140, 120)
    corner = scope((700, 500), 280)
    spots = scope()
    spots[:120, :120] = 200
    assert [guess_type(paper) for paper in (square, corner, spots)] == [None] * 3


@pytest.mark.parametrize(
    ("name", "guess"),
    [("bcc_histology_high", "histology"), ("haemangioma_dermoscopy", "dermoscopy"), ("scc_close_up", None)],
)
def test_drawings_are_guessed(name, guess):
    assert guess_type(np.asarray(catalogue.PICTURES[name].draw())) == guess


@pytest.mark.parametrize("data", [pictures.astronaut(), pictures.hopper(), pictures.coffee()])
def test_people_and_things_are_not_guessed(data):
    assert guess_type(decode(data).pixels) is None


def test_the_guess_is_part_of_the_inspection():
    done = deidentify(pictures.encoded(scope(), "PNG"), Options(text=False))
    assert done.inspection.picture_type is PictureType.DERMOSCOPY
    assert done.masks == ()


def test_a_type_that_is_none_is_malformed():
    row = wire.dump(
        deidentify(pictures.encoded(scope(), "PNG"), Options(faces=False, eyes=False, text=False)).inspection
    )
    with pytest.raises(wire.Malformed):
        wire.load_inspection({**row, "picture_type": "selfie"}, b"", None)


@pytest.mark.parametrize(
    ("kind", "score", "picture_type", "why"),
    [("eye", 0.7, "dermoscopy", Asked.UNLIKELY), ("face", 0.9, "histology", Asked.UNLIKELY), ("face", 0.99, "dermoscopy", None),
     ("text", 0.7, "dermoscopy", None), ("eye", 0.7, "clinical", None), ("eye", 0.7, None, None)],
)  # fmt: skip
def test_through_an_instrument_only_certain_faces_are_suggested(kind, score, picture_type, why):
    assert ask(Region(kind, 0, 0, 9, 9, score, "x"), 100, 100, picture_type).why_asked == why


@pytest.mark.parametrize(
    ("picture_type", "kept"), [("dermoscopy", []), ("clinical", [Asked.DOUBTFUL]), (None, [Asked.DOUBTFUL])]
)
def test_doubtful_eyes_are_dropped_in_a_stated_type(monkeypatch, picture_type, kept):
    finder = load_finder()
    monkeypatch.setattr(finder, "_find_faces", lambda *_: [Region("eye", 0, 0, 9, 9, 0.2, "x")])
    found = finder.find(scope(), Options(text=False, picture_type=picture_type))
    assert [region.why_asked for region in found] == kept


@pytest.mark.parametrize(
    ("codes", "instrument", "said"),
    [(["small", "blurred", "dark", "bright", "colour_cast", "screen"], True, ["small", "blurred_instrument", "screen"]),
     (["small", "blurred", "dark"], False, ["small", "blurred", "dark"]), (["blurred_instrument"], False, ["blurred"])],
)  # fmt: skip
def test_advice_that_cannot_be_followed_is_not_given(codes, instrument, said):
    assert advice_for(codes, instrument=instrument) == said
    assert set(said) <= set(ADVICE)


def test_warnings_follow_the_type():
    blue = np.full((600, 800, 3), (60, 90, 200), np.uint8)
    picture = Picture(blue, "png", True, (), ())
    assert find_warnings(picture, blue) == ["blurred", "colour_cast"]
    assert find_warnings(picture, blue, PictureType.DERMOSCOPY) == ["blurred_instrument"]
