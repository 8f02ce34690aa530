"""Lines of text in pictures that are drawn here: found, read, masked, asked about."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imaging.engine import Asked, Options
from imaging.engine.decode import decode
from imaging.engine.detect import lines, strokes, text
from imaging.engine.detect.lines import Line
from imaging.engine.detect.text import classify_text
from imaging.engine.masking.paint import hidden_by
from imaging.engine.operations import load_finder, suggest_masks
from tests.imaging.engine import pictures

pytestmark = pytest.mark.slow

# ruff: noqa: E501 - the tables are read across
TEXT = Options(faces=False, eyes=False)
INK = (20, 20, 30)
SKIN = (196, 150, 130)


def blank(width, height, colour=SKIN):
    return np.full((height, width, 3), colour, np.uint8)


def write(paper, words, x, y, scale=1.0, thickness=2, colour=INK):
    cv2.putText(paper, words, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thickness, cv2.LINE_AA)


def find(paper):
    return load_finder().find(np.ascontiguousarray(paper), TEXT)


def visible(paper, ground):
    """The share of the ink that the command line leaves visible."""
    ink = (np.abs(paper.astype(int) - np.array(ground)).max(axis=2) > 60).astype(bool)
    hidden = hidden_by(suggest_masks(find(paper), TEXT), *paper.shape[:2])
    return float((ink & ~hidden).sum() / ink.sum())


def label(words, turn=0):
    paper = blank(1200, 900)
    cv2.rectangle(paper, (350, 400), (900, 520), (250, 250, 245), -1)
    write(paper, words, 380, 480, 1.8, 4)
    return np.ascontiguousarray(np.rot90(paper, turn))


@pytest.mark.parametrize(("words", "note"), [("14.03.1957", "date"), ("Anna Miller", "name"), ("7734512", "number")])
def test_labels_are_found_and_said_to_look_like(words, note):
    region = find(label(words))[0]
    assert (region.note, region.why_asked) == (note, None)
    assert region.x < 400
    assert region.x + region.width > 600
    assert region.y < 450 < region.y + region.height


def test_upright_text_is_found():
    assert find(label("14.03.1957", 1))


def test_plain_skin_has_no_text():
    assert find(blank(1200, 900)) == ()


@pytest.mark.parametrize(
    ("words", "certainty", "code"),
    [("12/05/1980", 0.9, "date"), ("12/05/1980", 0.3, ""), ("  ", 0.9, ""), ("10 mm", 0.9, "text"), ("00412877", 0.9, "number"),
     ("MILLER, ANNA", 0.9, "name")],
)  # fmt: skip
def test_what_a_line_looks_like(words, certainty, code):
    assert classify_text(words, certainty) == code


# --- What fills the picture


@pytest.mark.parametrize(
    ("size", "words", "turn"), [((900, 600), "MEYER", 0), ((900, 600), "Anna", 2), ((600, 900), "Anna", 1), ((900, 140), "14.03.1957", 0)]
)  # fmt: skip
def test_letters_that_fill_the_frame_are_masked(size, words, turn):
    ((wide, high), _base), ground = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, 1, 5), (240, 240, 230)
    width, height = max(size), min(size)
    scale = min(0.94 * width / wide, 0.8 * height / high)
    paper = blank(width, height, ground)
    write(paper, words, round((width - wide * scale) / 2), round((height + high * scale) / 2), scale, round(5 * scale))
    assert visible(np.rot90(paper, turn), ground) < 0.02


def quarters(width, height):
    return cv2.resize(pictures.chart(), (width, height), interpolation=cv2.INTER_NEAREST)


def panels():
    coffee = cv2.resize(decode(pictures.coffee()).pixels, (560, 420))
    paper = blank(1180, 900, (255, 255, 255))
    for x, y in ((10, 10), (610, 10), (10, 470), (610, 470)):
        paper[y : y + 420, x : x + 560] = coffee
    return paper


@pytest.mark.parametrize("paper", [quarters(960, 720), quarters(1200, 400), panels()])
def test_fields_of_colour_and_panels_are_not_barred(paper):
    masks = suggest_masks(find(paper), TEXT)
    assert hidden_by(masks, *paper.shape[:2]).mean() < 0.02


@pytest.mark.parametrize(
    ("read", "size", "whys"),
    [(("Anna", 0.95), (600, 200), [None]), (("αλ1", 0.6), (600, 200), [None]), (("αλ1", 0.6), (300, 200), []), (("", 0.0), (600, 150), [Asked.UNREAD]),
     (("oe", 0.8), (300, 200), [Asked.UNREAD]), (("", 0.0), (300, 200), []), (("8", 0.97), (300, 200), []),
     (("CO", 0.95), (300, 200), [Asked.UNREAD]), (("Anna", 0.95), (300, 200), [None]), (("Li", 0.95), (600, 150), [None]),
     (("CO", 0.95), (700, 230), [Asked.UNREAD]), (("αλ1", 0.6), (700, 230), [Asked.UNREAD]), (("Ann", 0.95), (700, 230), [None])],
)  # fmt: skip
def test_a_large_box_is_text_if_something_is_read(monkeypatch, read, size, whys):
    box = Line(lines.grow((400.0, 300.0), *map(float, size), 0.0, 0.0), 0.9)
    reader = load_finder()._text
    monkeypatch.setattr(reader, "_recognise", lambda picture, ways: [read] * len(ways))
    assert [region.why_asked for region in reader._large_regions(blank(800, 600), [box, box])] == whys


def test_a_box_around_text_that_was_read_is_not_asked_about(monkeypatch):
    line = Line(lines.grow((400.0, 300.0), 500.0, 120.0, 0.0, 0.0), 0.8)
    around = Line(lines.grow((400.0, 300.0), 600.0, 150.0, 0.0, 0.0), 0.9)
    reader = load_finder()._text
    monkeypatch.setattr(
        reader, "_recognise", lambda picture, ways: [("Anna" if np.ptp(way[:, 0]) < 550 else "", 0.95) for way in ways]
    )
    assert [region.why_asked for region in reader._large_regions(blank(800, 600), [around, line])] == [None]


# --- Bent, small, long


def bent(words, radius):
    """A line on an arc about a point below it, over white."""
    paper = blank(900, 600, (245, 245, 240))
    for index, sign in enumerate(words):
        turn = (index - len(words) / 2) * 26 / radius
        tile = np.zeros((60, 60), np.uint8)
        cv2.putText(tile, sign, (18, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 255, 3, cv2.LINE_AA)
        matrix = cv2.getRotationMatrix2D((30, 30), -np.degrees(turn), 1)
        matrix[:, 2] += 450 + radius * np.sin(turn) - 30, 200 + radius * (1 - np.cos(turn)) - 30
        cover = cv2.warpAffine(tile, matrix, (900, 600))[..., None] / 255
        paper = (paper * (1 - cover) + np.array(INK) * cover).astype(np.uint8)
    return paper


@pytest.mark.parametrize("radius", [260, 420, 900])
def test_a_bent_number_is_covered_from_end_to_end(radius):
    assert visible(bent("4429718 0031 W 1961", radius), (245, 245, 240)) < 0.02


def test_a_bent_line_is_covered_by_pieces_and_a_straight_one_by_one():
    heat = np.zeros((300, 400), np.uint8)
    cv2.ellipse(heat, (200, 280), (150, 150), 0, 200, 340, 255, 14)
    cv2.line(heat, (20, 20), (300, 60), 255, 14)
    straight, arc = sorted(lines.find_lines(heat), key=lambda line: line.corners[:, 1].mean())
    assert straight.pieces == ()
    covered = np.zeros(heat.shape, np.uint8)
    for box in arc.pieces:
        cv2.fillConvexPoly(covered, box.round().astype(np.int32), 1)
    assert (covered[100:] >= heat[100:].clip(max=1)).all()
    assert covered.sum() < 0.75 * cv2.contourArea(arc.corners)
    low = np.zeros((40, 40), np.uint8)
    low[20, 5:30] = 255
    assert lines.find_lines(low) == []


def test_small_letters_in_a_large_picture_are_found():
    """Ten pixels high in twelve megapixels: gone from the reduced view."""
    paper = blank(4000, 3000)
    write(paper, "Anna Miller 14.03.1957", 3300, 2600, 0.6, 1)
    assert visible(paper, SKIN) < 0.02


def test_small_letters_inside_a_large_box_are_looked_for(monkeypatch):
    """A lesion that fills the frame, taken for a line, hid them from the search."""
    paper = blank(1500, 1000)
    write(paper, "Anna 14.03.1957", 700, 500, 0.6, 1)
    around = Line(lines.grow((750.0, 500.0), 1400.0, 900.0, 0.0, 0.0), 0.9).moved(0, 0, 960 / 1500)
    reader, seen = load_finder()._text, []
    monkeypatch.setattr(text, "find_lines", lambda heat: [around] if heat.shape == (640, 960) else [])
    monkeypatch.setattr(reader, "_heat", lambda picture: seen.append(picture) or np.zeros(picture.shape[:2], np.uint8))
    reader._usual(paper, 1500)
    assert len(seen) == 3  # the whole, the small copy, the place


def test_noise_is_no_small_text(monkeypatch):
    """And of many doubtful places only some are looked at."""
    noise = cv2.resize(pictures.noise(200, 150), (1600, 1200), interpolation=cv2.INTER_NEAREST)
    assert sum(letters >= strokes.FEWEST for _place, letters in strokes.find_places(noise, [])) > 0
    reader, seen = load_finder()._text, []
    monkeypatch.setattr(text, "DOUBTFUL_AREA", 0)
    monkeypatch.setattr(text, "SURE_AREA", 0)
    monkeypatch.setattr(reader, "_heat", lambda picture: seen.append(picture) or np.zeros(picture.shape[:2], np.uint8))
    assert reader._fine(noise, []) == []
    assert seen == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("turn", [0, 1])
def test_every_line_of_a_long_screenshot_is_masked(dark, turn):
    ground, ink = ((18, 27, 33), (230, 235, 240)) if dark else ((236, 229, 221), INK)
    paper = blank(720, 6000, ground)
    for y in range(200, 6000, 1400):
        write(paper, "Anna Miller 0532 555 01 20", 60, y, 0.9, 2, ink)
    assert visible(np.rot90(paper, turn), ground) < 0.02


def test_text_at_the_border_is_reported_inside_the_picture():
    regions = find(label("14.03.1957")[405:515, 370:760])
    assert regions
    for region in regions:
        assert region.x >= 0
        assert region.y >= 0
        assert region.x + region.width <= 390
        assert region.y + region.height <= 110


# --- Rare ways


def test_of_very_many_lines_only_the_clearest_are_read(monkeypatch):
    paper = blank(1200, 900, (250, 250, 250))
    for row in range(4):
        write(paper, "14.03.1957", 300, 150 + 200 * row, 1.2, 3)
    monkeypatch.setattr(text, "MOST_READ", 2)
    regions = find(paper)
    assert sorted(region.note for region in regions) == ["", "", "date", "date"]


def test_a_line_inside_another_is_left_out():
    line = Line(lines.grow((40.0, 20.0), 50.0, 20.0, 0.0, 0.0), 0.9)
    again = Line(line.corners + np.float32(0.5), 0.8)
    other = Line(line.corners + np.float32(12), 0.7)
    assert lines.drop_repeated([other, again, line]) == [line, other]


def test_an_illegible_strip_reads_as_nothing():
    reader = load_finder()._text
    assert reader._recognise(blank(300, 60), [lines.grow((150.0, 30.0), 280.0, 40.0, 0.0, 0.0)]) == [("", 0.0)]


@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("clockwise", [True, False])
def test_corners_are_read_from_the_top_left_however_they_come(first, clockwise):
    corners = np.array([[10, 10], [90, 12], [89, 32], [9, 30]], np.float32)
    given = np.roll(corners if clockwise else corners[::-1], first, axis=0)
    assert np.array_equal(lines.order_corners(given), corners)
