"""Grouping of sightings into the regions that a person would draw: one band over the eyes and one box per face."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from imaging.engine.detect.retinaface import Points
from imaging.engine.detect.views import Sighting
from imaging.engine.limits import PRESELECT_SCORE
from imaging.engine.types import Region

# Sizes in eye distances and face widths, measured on 825 hand-marked photographs.
BAND_LENGTH = (1.05, 0.55)
BAND_HEIGHT = (0.42, 0.2)
BROWS = 0.25
FACE_GROWTH = 0.18
HAIRLINE = 0.12
PROFILE = 0.25
"""Share of the face width; eyes closer together belong to a profile, whose eye line is meaningless."""
SAME_FACE = 0.45
SECOND_VOICE = 0.5
ALONE = 0.6
"""Factor on the score of a doubtful candidate that only one view has seen."""
EVEN_VIEWS = 2
"""Number of views that leaves the odds unchanged; more raise them, a single one lowers them."""
LARGE = 0.25
LARGE_VIEWS = 3
"""Views expected to see a pair of eyes whose band is at least half as long as the picture."""
CERTAIN = 0.98
DUPLICATE = 0.7
"""Share of its visible part under a likelier band from which a band is a duplicate."""
ECHO_SIZE = 0.3
HEARD = 0.3
"""Share of the best score from which a member of a group may widen the band."""
WIDEST = 1.35
LID = 0.24
"""Half the height of an eye in eye distances, with a margin."""


@dataclass(frozen=True)
class Guess:
    """Geometry of one sighting: centre of the eyes, angle of the eye line (degrees), half sizes of the band (px)."""

    centre: tuple[float, float]
    angle: float
    half_length: float
    half_height: float
    box: tuple[float, float, float, float]
    sighting: Sighting

    @property
    def score(self) -> float:
        """Return the net's own score."""
        return self.sighting.score


def guess(sighting: Sighting) -> Guess:
    """Return band and face box for one sighting."""
    points, box = sighting.points, sighting.box
    left, right = points[0], points[1]
    middle = (left + right) / 2
    sides = box[2] - box[0], box[3] - box[1]
    width = sides[sighting.view.turn % 2]
    distance = float(np.hypot(*(right - left)))
    down = (points[3] + points[4]) / 2 - middle
    angle = math.atan2(*reversed(right - left))
    if distance < PROFILE * width:
        angle = math.atan2(down[1], down[0]) - math.pi / 2
    half_length = max(BAND_LENGTH[0] * distance, BAND_LENGTH[1] * width)
    half_height = max(BAND_HEIGHT[0] * distance, BAND_HEIGHT[1] * width)
    up = np.array([math.sin(angle), -math.cos(angle)])
    up = -up if float(up @ down) > 0 else up
    middle = middle + up * half_height * BROWS / 2
    return Guess(
        (float(middle[0]), float(middle[1])),
        math.degrees(angle),
        half_length,
        half_height * (1 + BROWS / 2),
        _grow(box, up),
        sighting,
    )


def _grow(box: tuple[float, float, float, float], up: Points) -> tuple[float, float, float, float]:
    """Return the face's box with a margin, larger towards the hair."""
    width, height = box[2] - box[0], box[3] - box[1]
    left = box[0] - width * (FACE_GROWTH / 2 + HAIRLINE * max(0.0, -float(up[0])))
    right = box[2] + width * (FACE_GROWTH / 2 + HAIRLINE * max(0.0, float(up[0])))
    top = box[1] - height * (FACE_GROWTH / 2 + HAIRLINE * max(0.0, -float(up[1])))
    bottom = box[3] + height * (FACE_GROWTH / 2 + HAIRLINE * max(0.0, float(up[1])))
    return left, top, right, bottom


@dataclass
class Cluster:
    """Guesses about one face, best first; longest is the picture's longest side (px)."""

    guesses: list[Guess]
    longest: float = math.inf

    @property
    def best(self) -> Guess:
        """Return the guess that is drawn."""
        return self.guesses[0]

    @property
    def views(self) -> int:
        """Return how many views have seen it."""
        return len({one.sighting.view for one in self.guesses})

    @property
    def score(self) -> float:
        """Return the reported score, 0 to 1: the odds by the scores alone, times half the number of views that saw it.

        Many views see an eye; few see a mole that its mirror image turns into a pair of eyes. A lesion that one view
        takes for a face that fills the picture is seen by that view alone.
        """
        agreed = min(self.agreement, 1 - 1e-6)
        odds = agreed / (1 - agreed) * self.views / EVEN_VIEWS
        if not self.best.sighting.straddles and self.half_sizes()[0] >= LARGE * self.longest:
            odds *= min(1.0, self.views / LARGE_VIEWS) ** 3
        return odds / (1 + odds)

    def shows_eyes(self, width: float, height: float) -> bool:
        """Whether any part of an eye lies in a picture of this size (px); a face may be found by its mouth alone."""
        for one in self.guesses:
            eyes = one.sighting.points[:2]
            room = LID * float(np.hypot(*(eyes[1] - eyes[0])))
            if any(_inside((x, y), (-room, -room, width + room, height + room)) for x, y in eyes.tolist()):
                return True
        return False

    @property
    def agreement(self) -> float:
        """Return the best score, raised by those of up to three other views: they rarely agree on nothing."""
        others: dict[object, float] = {}
        for one in self.guesses[1:]:
            if one.sighting.view != self.best.sighting.view:
                others[one.sighting.view] = max(others.get(one.sighting.view, 0.0), one.score)
        if not others:
            return self.best.score * ALONE if self.best.score < PRESELECT_SCORE else self.best.score
        doubt = 1 - self.best.score
        for voice in sorted(others.values(), reverse=True)[:3]:
            doubt *= 1 - SECOND_VOICE * voice
        return 1 - doubt

    def half_sizes(self) -> tuple[float, float]:
        """Return half length and height (px) of the best band, widened to include eyes that other views saw."""
        best = self.best
        length, height = best.half_length, best.half_height
        cos, sin = math.cos(math.radians(best.angle)), math.sin(math.radians(best.angle))
        for one in self.guesses:
            if one.score < HEARD * best.score:
                break
            eyes = one.sighting.points[:2]
            room = LID * float(np.hypot(*(eyes[1] - eyes[0])))
            for right, down in (eyes - np.array(best.centre)).tolist():
                length = max(length, abs(right * cos + down * sin) + room)
                height = max(height, abs(down * cos - right * sin) + room)
        return min(length, WIDEST * best.half_length), min(height, WIDEST * best.half_height)


def cluster(guesses: Sequence[Guess], longest: float = math.inf) -> list[Cluster]:
    """Group guesses about the same eyes, best first; longest is the picture's longest side (px)."""
    clusters: list[Cluster] = []
    for one in sorted(guesses, key=lambda item: -item.score):
        for group in clusters:
            if is_same_face(one, group.best):
                group.guesses.append(one)
                break
        else:
            clusters.append(Cluster([one], longest))
    return clusters


def drop_echoes(clusters: Sequence[Cluster]) -> list[Cluster]:
    """Drop groups inside a certain face: nostrils and mouths are mistaken for eyes.

    A doubtful group is always dropped; a likelier one if it is about as large as the face and at most half as many
    views have seen it. A second face in front of the first is seen by as many.
    """
    certain = [group for group in clusters if group.agreement >= CERTAIN and not group.best.sighting.straddles]
    return [group for group in clusters if not any(_is_echo(group, other) for other in certain if other is not group)]


def _is_echo(group: Cluster, other: Cluster) -> bool:
    if not _inside(group.best.centre, other.best.box):
        return False
    alike = group.best.half_length > ECHO_SIZE * other.best.half_length
    return group.score < PRESELECT_SCORE or (alike and 2 * group.views <= other.views)


def drop_duplicates(clusters: Sequence[Cluster], width: int, height: int) -> list[Cluster]:
    """Drop groups outside a picture of this size (px), or with their band under a likelier one; likeliest first.

    A face whose eyes lie outside the picture needs no band, and hides no other.
    """
    picture = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    kept: list[Cluster] = []
    bands: list[Points] = []
    for group in sorted(clusters, key=lambda one: -one.score):
        if not group.shows_eyes(width, height):
            _x, _y, wide, high = clip(group.best.box, width, height)
            if wide * high:
                kept.append(group)
            continue
        half_length, half_height = group.half_sizes()
        corners = cv2.boxPoints((group.best.centre, (2 * half_length, 2 * half_height), group.best.angle))
        band = np.asarray(corners, np.float32)
        area, visible = cv2.intersectConvexConvex(picture, band)
        if area and not any(cv2.intersectConvexConvex(visible, other)[0] >= DUPLICATE * area for other in bands):
            kept.append(group)
            bands.append(band)
    return kept


def _inside(point: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def is_same_face(one: Guess, other: Guess) -> bool:
    """Whether two bands overlap: close centres, and lengths that differ by less than three times."""
    reach = max(one.half_length, other.half_length)
    distance = math.dist(one.centre, other.centre)
    ratio = max(one.half_length, other.half_length) / max(min(one.half_length, other.half_length), 1e-6)
    return distance < SAME_FACE * reach and ratio < 3


def eye_region(group: Cluster, width: int, height: int, detector: str) -> Region:
    """Return the band over the eyes as a region of a picture of this size (px)."""
    best = group.best
    half_length, half_height = group.half_sizes()
    turned = (best.centre[0] - half_length, best.centre[1] - half_height, 2 * half_length, 2 * half_height)
    angle = (best.angle + 90) % 180 - 90  # a band looks the same after half a turn
    cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    reach_x, reach_y = (
        half_length * cos + half_height * sin,
        half_length * sin + half_height * cos,
    )
    hull = (best.centre[0] - reach_x, best.centre[1] - reach_y, best.centre[0] + reach_x, best.centre[1] + reach_y)
    x, y, wide, high = clip(hull, width, height)
    return Region("eye", x, y, wide, high, group.score, detector, angle, turned)


def face_region(group: Cluster, width: int, height: int, detector: str) -> Region:
    """Return the face's box as a region of a picture of this size (px)."""
    x, y, wide, high = clip(group.best.box, width, height)
    return Region("face", x, y, wide, high, group.score, detector)


def clip(hull: tuple[float, float, float, float], width: int, height: int) -> tuple[float, float, float, float]:
    """Clip x0 y0 x1 y1 to x, y, width, height inside the picture; width or height is 0 when outside."""
    left, right = (min(max(edge, 0.0), float(width)) for edge in (hull[0], hull[2]))
    top, bottom = (min(max(edge, 0.0), float(height)) for edge in (hull[1], hull[3]))
    return left, top, right - left, bottom - top
