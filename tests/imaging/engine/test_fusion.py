"""Fusing of what two kinds of nets see: evidence, regions, and what is drawn when they overlap."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from imaging.engine.detect.eyenet import Sight, Spot
from imaging.engine.detect.faces import cluster, guess
from imaging.engine.detect.fusion import (
    arrange,
    describe_group,
    describe_sight,
    fuse,
    logit,
    scale_sight,
    scene,
    sight_region,
)
from imaging.engine.detect.trees import load_table, probability
from imaging.engine.detect.views import Sighting, View
from imaging.engine.types import Region

ONE = (View(320),)
MANY = tuple(View(320, turn, glue=glue) for turn in range(4) for glue in ("", "after", "before"))
SKIN = np.full((300, 400, 3), (205, 150, 125), np.uint8)


def sight(x=150.0, y=120.0, score=0.9, length=28.0, angle=0.0, sides=(96, 160, 256)):
    spots = [
        Spot((x, y), length, length * 0.62, angle, score * k, score * k, score, s)
        for k, s in zip((1, 0.9, 0.8), sides, strict=False)
    ]
    return Sight(tuple(spots))


def seen(score=0.6, x=150.0, y=120.0, apart=100.0, views=ONE, straddles=False):
    """Return guesses about a face whose first eye is at x, y."""
    points = np.array([(0, 0), (1, 0), (0.5, 0.6), (0.2, 1.1), (0.8, 1.1)], np.float32) * apart + (x, y)
    box = (x - 0.6 * apart, y - 0.9 * apart, x + 1.6 * apart, y + 1.9 * apart)
    return [guess(Sighting(points.astype(np.float32), box, score, view, straddles)) for view in views]


def where(guesses=(), sights=()):
    groups = cluster(list(guesses), 400)
    return scene(SKIN, (400, 300), groups, groups, list(sights))


def chance(guesses, sights=()):
    full = where(guesses, sights)
    return probability(load_table().group.odds(describe_group(full.groups[0], full)))


def test_each_net_confirms_what_the_other_doubts():
    doubtful = seen(0.3)
    alone = chance(doubtful)
    confirmed = chance(doubtful, [sight()])
    assert alone < confirmed
    weak = sight(score=0.3)
    full, bare = where(seen(0.9, views=MANY), [weak]), where([], [weak])
    model = load_table().sight
    assert model.odds(describe_sight(weak, bare)) < model.odds(describe_sight(weak, full))


def test_a_sight_of_another_size_confirms_nothing():
    small = sight(length=4)
    full = where(seen(0.5), [small])
    assert describe_group(full.groups[0], full)["net"] == logit(0)
    assert describe_sight(small, full)["face score"] == logit(0)


def test_nostrils_in_a_certain_face_are_astray():
    face = seen(0.999, views=MANY)
    nostril = sight(x=190, y=180, score=0.5, length=10)
    full = where(face, [nostril, sight(), sight(x=250)])
    numbers = describe_sight(nostril, full)
    assert numbers["astray in a face"] == 1
    assert numbers["certain face here"] == 0
    assert numbers["rival"] > 0
    assert describe_sight(full.sights[1], full)["certain face here"] == 1
    inner = seen(0.2, x=180, y=180, apart=20)
    full = where([*face, *inner])
    assert describe_group(full.groups[1], full)["in a face"] == 1
    assert describe_group(full.groups[0], full)["in a face"] == 0


def test_two_eyes_side_by_side_are_partners():
    full = where([], [sight(), sight(x=250), sight(x=150, y=280)])
    assert describe_sight(full.sights[0], full)["partner"] == pytest.approx(logit(0.9))
    alone = where([], [sight()])
    assert describe_sight(alone.sights[0], alone)["partner"] == logit(0)


def test_one_weak_view_is_less_than_many():
    assert chance(seen(0.03)) < chance(seen(0.6, views=MANY))


def test_skin_is_told_from_cloth():
    blue = np.full_like(SKIN, (40, 90, 160))
    numbers = [describe_sight(sight(), scene(p, (400, 300), [], [], [sight()])) for p in (SKIN, blue)]
    assert numbers[0]["skin about"] > 0.5 > numbers[1]["skin about"]


def test_a_candidate_outside_the_picture_is_described_too():
    far = sight(x=-500, y=-500, length=20)
    assert describe_sight(far, where([], [far]))["room"] < 0


def test_eyes_outside_the_picture_get_no_band():
    beyond = seen(0.9, x=100, y=-200, views=MANY)
    assert fuse(where(beyond)) == []


def test_faces_too_small_for_the_eye_net_keep_their_score():
    tiny = seen(0.9, x=150, apart=12, views=MANY)
    (found,) = fuse(where(tiny))
    assert found.score == cluster(tiny, 400)[0].score
    assert fuse(where(seen(0.9, x=-60, apart=12, views=MANY))) == []


def test_doubtful_small_faces_count_in_a_crowd_only():
    doubtful = seen(0.5, x=300, apart=12)
    assert len(where([*seen(0.95, x=150, apart=12, views=MANY), *doubtful]).small) == 2
    assert where(doubtful).small == []


def test_both_nets_together_draw_one_band():
    found = fuse(where(seen(0.95, views=MANY), [sight(), sight(x=250)]))
    assert len([one for one in found if one.score >= 0.4]) == 1
    assert found[0].detector == "retinaface"
    assert found[0].score > 0.8


def test_an_eye_that_only_the_eye_net_sees_is_drawn():
    found = fuse(where([], [sight(score=0.97, length=90)]))
    assert [one.detector for one in found] == ["eyenet"]
    assert found[0].score > 0.4


def region(x, y, width, height, score=0.5):
    return Region("eye", x, y, width, height, score, "retinaface", 0.0, (x, y, width, height))


def test_a_band_takes_the_score_of_the_eye_under_it():
    band, eye = region(50, 50, 200, 80), region(60, 60, 60, 40)
    assert [(r.x, r.score) for r in arrange([(0.5, band)], [(0.9, eye)], 400, 300)] == [(50, 0.9)]


def test_an_unlikely_band_gives_way_to_the_eye_under_it():
    band, eye = region(50, 50, 200, 80), region(60, 60, 60, 40)
    assert [(r.x, r.score) for r in arrange([(0.1, band)], [(0.9, eye)], 400, 300)] == [(60, 0.9)]


def test_of_regions_over_each_other_the_likeliest_is_drawn():
    bands = [(0.4, region(20, 20, 300, 200)), (0.8, region(100, 80, 100, 40)), (0.3, region(350, 250, 40, 40))]
    eyes = [(0.6, region(300, 20, 60, 40)), (0.5, region(305, 22, 60, 40))]
    assert [r.score for r in arrange(bands, eyes, 400, 300)] == [0.8, 0.6, 0.3]


def test_what_lies_outside_the_picture_is_not_drawn():
    outside, inside = region(500, 20, 30, 30), region(100, 100, 50, 50)
    found = arrange([(0.9, outside), (0.8, inside)], [(0.9, outside)], 400, 300)
    assert [r.score for r in found] == [0.8]


def test_the_region_over_an_eye_is_turned_with_it():
    one = sight_region(sight(angle=120), 400, 300, 0.7)
    assert one.angle == -60
    assert one.score == 0.7
    assert one.turned is not None
    assert one.height > one.width


def test_a_sight_grows_with_its_picture():
    big = scale_sight(sight(), 2.0).best
    assert big.centre == (300, 240)
    assert (big.half_length, big.score) == (56, 0.9)
    assert dataclasses.replace(big, half_length=28.0).half_length == 28
