"""One opinion from two kinds of nets: RetinaFace's groups, from low scores on, and the eye net's sights.

Each is described by numbers of its own and by what the other net says about the same place; boosted trees, fitted on
development pictures (training/eyes/fit.py), turn them into the probability that an eye is there. So each
net may confirm or veto what the other doubts, and a score means what it says.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imaging.engine.decode import Pixels
from imaging.engine.detect.eyenet import Sight
from imaging.engine.detect.faces import CERTAIN, Cluster, eye_region
from imaging.engine.detect.faces import clip as clip_hull
from imaging.engine.detect.trees import Numbers, Table, load_table
from imaging.engine.limits import PRESELECT_SCORE
from imaging.engine.types import Region

LEAST = 0.002
"""Scores below are the same as unseen."""
CLEAR = 0.05
"""Guesses from this score on count as views that see something."""
GROWTH = (1.25, 1.35)
"""Half length and height of the region drawn over a sight, in its own."""
SKIN_SIDE = 160
EYE_IN_BAND = (0.12, 0.75)
"""Length of an eye in the length of a band over both: anything else is another thing."""
PAIR_APART = (2.2, 5.5)
"""Distance of two eyes in half lengths of one."""
SMALL = 0.06
"""Half length of a band, as a share of the longest side, below which the eye net sees nothing."""
COVERED = 0.7
"""Share of a sight's region under a band from which both are about one eye."""
SHARED = 0.55
"""Share of the smaller of two regions that may lie under the other."""
GIVES_WAY = 0.3
"""A band with less than this share of the score of a single eye under it is left out."""
Shape = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Scene:
    """What all candidates of one picture share: its size (px), both nets' findings, where skin is (0 to 1).

    small: faces of which one is beyond doubt and whose eyes the eye net cannot see; groups: of all other guesses.
    """

    width: int
    height: int
    groups: Sequence[Cluster]
    small: Sequence[Cluster]
    sights: Sequence[Sight]
    skin: npt.NDArray[np.float32]
    grey: npt.NDArray[np.float32]

    @property
    def longest(self) -> int:
        """Return the longest side in px."""
        return max(self.width, self.height)


def scene(
    picture: Pixels,
    size: tuple[int, int],
    groups: Sequence[Cluster],
    faces: Sequence[Cluster] = (),
    sights: Sequence[Sight] = (),
) -> Scene:
    """Return the scene of a picture of this width and height (px), in which groups, faces and sights lie.

    picture may be a smaller copy of it; faces are the groups that RetinaFace and YuNet are sure of by themselves.
    """
    width, height = size
    scale = SKIN_SIDE / max(picture.shape[:2])
    shape = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    copy = cv2.resize(picture, shape, interpolation=cv2.INTER_AREA)
    parts = cv2.cvtColor(copy, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    red, blue = parts[..., 1] - 128, 128 - parts[..., 2]
    # skin of all tones lies about one direction of chroma, away from grey
    skin = np.clip(1 - np.abs(red - 1.1 * blue) / (12 + 0.7 * np.abs(red)), 0, 1) * np.clip(red / 8, 0, 1)
    small = [one for one in faces if is_small_face(one, max(size))]
    if all(one.score < PRESELECT_SCORE for one in small):
        small = []  # no face beyond doubt: no crowd in which doubtful ones are likely
    rest = [one for one in groups if not any(one.best is face.best for face in small)]
    return Scene(width, height, rest, small, sights, skin.astype(np.float32), parts[..., 0])


def is_small_face(group: Cluster, longest: int) -> bool:
    """Whether a group may be a face whose eyes are too small for the eye net, in px of this longest side."""
    return not group.best.sighting.straddles and group.half_sizes()[0] < SMALL * longest


def logit(score: float) -> float:
    """Return the logarithm of the odds, limited at LEAST."""
    score = min(max(score, LEAST), 1 - LEAST)
    return math.log(score / (1 - score))


def describe_group(group: Cluster, where: Scene) -> Numbers:
    """Return the numbers of one group of RetinaFace's and YuNet's guesses."""
    clear = [one for one in group.guesses if one.score >= CLEAR]
    views = {one.sighting.view for one in clear}
    best = group.best
    half_length, half_height = group.half_sizes()
    share = half_length / where.longest
    sight = max((one for one in where.sights if _in_band(one, group)), key=lambda one: one.best.score, default=None)
    outside = max((one.best.score for one in where.sights if not _in_band(one, group)), default=0.0)
    faces = _certain(where, group)
    low, high = np.array((0.0, 0.0)), np.array((where.width, where.height), float)
    inside = [bool(((point >= low) & (point <= high)).all()) for point in best.sighting.points]
    return {
        "score": logit(best.score),
        "agreement": logit(group.agreement) if clear else logit(best.score * 0.6),
        "views": math.log2(1 + len(views)),
        "all views": math.log2(1 + group.views),
        "turns": len({view.turn for view in views}) / 4,
        "plain views": math.log2(1 + sum(not view.glue for view in views)),
        "straddles": float(best.sighting.straddles),
        "size": math.log(max(share, 1e-3)),
        "large": max(0.0, math.log(max(share, 1e-3) / 0.25)) * (not best.sighting.straddles),
        "net": logit(sight.best.score if sight else 0.0),
        "net least": logit(sight.best.least if sight else 0.0),
        "net filled": sight.best.filled if sight else 0.0,
        "net sides": float(len({spot.side for spot in sight.spots})) if sight else 0.0,
        "net elsewhere": max(0.0, logit(outside) - logit(sight.best.score if sight else 0.0)),
        "in a face": float(any(_holds(other.best.box, best.centre) for other in faces)),
        "face elsewhere": float(bool(faces)),
        "eyes shown": sum(inside[:2]) / 2,
        "rest shown": sum(inside[2:]) / 3,
        **_surroundings(best.centre, half_length, half_height, best.angle, where),
    }


def describe_sight(sight: Sight, where: Scene) -> Numbers:
    """Return the numbers of one sight of the eye net."""
    best = sight.best
    about = [group for group in where.groups if _in_band(sight, group)]
    group = max(about, key=lambda one: one.agreement, default=None)
    faces = [one for one in where.groups if one.agreement >= CERTAIN and not one.best.sighting.straddles]
    others = [one for one in where.sights if one is not sight]
    room = min(best.centre[0], best.centre[1], where.width - best.centre[0], where.height - best.centre[1])
    astray = any(_holds(face.best.box, best.centre) and not _in_band(sight, face) for face in faces)
    sides = sorted({spot.side for spot in sight.spots})
    share = best.half_length / where.longest
    scores = sorted((max(s.score for s in sight.spots if s.side == side) for side in sides), reverse=True)
    return {
        "score": logit(best.score),
        "second": logit(scores[1] if len(scores) > 1 else 0.0),
        "least": logit(best.least),
        "filled": best.filled,
        "sides": float(len(sides)),
        "size": math.log(max(share, 1e-3)),
        "large": max(0.0, math.log(max(share, 1e-3) / 0.3)),
        "flat": math.log(best.half_height / best.half_length),
        "room": min(1.0, room / best.half_length),
        "face score": logit(group.best.score if group else 0.0),
        "face agreement": logit(group.agreement if group else 0.0),
        "face views": math.log2(1 + group.views) if group else 0.0,
        "certain face here": float(any(_in_band(sight, face) for face in faces)),
        "astray in a face": float(astray),
        "face elsewhere": float(bool(faces)),
        "rival": max(0.0, max((logit(one.best.score) for one in others), default=logit(0)) - logit(best.score)),
        "partner": max((logit(one.best.score) for one in others if _is_pair(sight, one)), default=logit(0)),
        **_surroundings(best.centre, best.half_length * 1.3, best.half_height * 1.3, best.angle, where),
    }


def _certain(where: Scene, group: Cluster) -> list[Cluster]:
    return [
        other
        for other in where.groups
        if other is not group and other.agreement >= CERTAIN and not other.best.sighting.straddles
    ]


def _holds(box: tuple[float, float, float, float], point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _in_band(sight: Sight, group: Cluster) -> bool:
    """Whether a sight may be one of the eyes that a group is about: in its band, and of a fitting size."""
    half_length, half_height = group.half_sizes()
    angle = math.radians(group.best.angle)
    x, y = sight.best.centre[0] - group.best.centre[0], sight.best.centre[1] - group.best.centre[1]
    along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    low, high = EYE_IN_BAND
    fits = low <= sight.best.half_length / max(half_length, 1e-6) <= high
    return fits and abs(along) <= half_length and abs(across) <= half_height


def _is_pair(one: Sight, other: Sight) -> bool:
    lengths = sorted((one.best.half_length, other.best.half_length))
    apart = math.dist(one.best.centre, other.best.centre) / max(sum(lengths) / 2, 1e-6)
    return lengths[1] < 1.5 * lengths[0] and PAIR_APART[0] <= apart <= PAIR_APART[1]


def _surroundings(
    centre: tuple[float, float], half_length: float, half_height: float, angle: float, where: Scene
) -> Numbers:
    """Return how much about a region looks like skin, and how uneven and dark the region is."""
    scale = where.skin.shape[1] / where.width
    middle = centre[0] * scale, centre[1] * scale
    inner, outer = (np.zeros(where.skin.shape, np.uint8) for _ in range(2))
    size = 2 * half_length * scale, 2 * half_height * scale
    cv2.ellipse(inner, (middle, size, angle), 1, -1)
    cv2.ellipse(outer, (middle, (1.8 * size[0], 1.8 * size[1]), angle), 1, -1)
    rim = (outer > 0) & (inner == 0)
    rim = rim if rim.any() else np.ones(rim.shape, bool)
    within = inner > 0 if inner.any() else rim
    light = where.grey[within]
    return {
        "skin about": float(where.skin[rim].mean()),
        "contrast": math.log(2 + float(light.std())),
        "darker": float(where.grey[rim].mean() - np.percentile(light, 10)) / 64,
    }


def sight_region(sight: Sight, width: int, height: int, score: float) -> Region:
    """Return the band over one eye as a region of a picture of this size (px)."""
    best = sight.best
    half_length, half_height = GROWTH[0] * best.half_length, GROWTH[1] * best.half_height
    angle = (best.angle + 90) % 180 - 90
    cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    reach_x, reach_y = half_length * cos + half_height * sin, half_length * sin + half_height * cos
    x, y = best.centre
    turned = (x - half_length, y - half_height, 2 * half_length, 2 * half_height)
    x, y, wide, high = clip_hull((x - reach_x, y - reach_y, x + reach_x, y + reach_y), width, height)
    return Region("eye", x, y, wide, high, score, "eyenet", angle, turned)


def fuse(where: Scene, table: Table | None = None) -> list[Region]:
    """Return the regions over eyes, likeliest first, with probabilities as scores. Raises DetectorMissing."""
    table = table or load_table()
    bands, spots = [], []
    for group in where.groups:
        if group.shows_eyes(where.width, where.height):
            score = table.calibrated(table.group.odds(describe_group(group, where)))
            bands.append((score, eye_region(group, where.width, where.height, "retinaface")))
    for group in where.small:
        if group.shows_eyes(where.width, where.height):
            bands.append((group.score, eye_region(group, where.width, where.height, "retinaface")))
    for sight in where.sights:
        score = table.calibrated(table.sight.odds(describe_sight(sight, where)))
        spots.append((score, sight_region(sight, where.width, where.height, score)))
    return arrange(bands, spots, where.width, where.height)


def arrange(
    bands: Sequence[tuple[float, Region]], spots: Sequence[tuple[float, Region]], width: int, height: int
) -> list[Region]:
    """Return what is drawn in a picture of this size (px), likeliest first.

    A band over both eyes in which the other net sees an eye takes the higher score of the two, and the single eye is
    not drawn again; unless the band is itself unlikely: then it gives way to the single eye.
    """
    whole = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    singles = [(score, region, shape) for score, region in spots if (shape := _visible(region, whole)) is not None]
    drawn: list[tuple[float, Region, Shape]] = []
    for score, region in bands:
        shape = _visible(region, whole)
        if shape is None:
            continue
        best = max((one[0] for one in singles if _under(one[2], shape) > COVERED), default=0.0)
        if score >= GIVES_WAY * best:
            drawn.append((max(score, best), region, shape))
    kept: list[tuple[float, Region, Shape]] = []
    for one in [*sorted(drawn, key=lambda one: -one[0]), *sorted(singles, key=lambda one: -one[0])]:
        if not any(max(_under(one[2], other[2]), _under(other[2], one[2])) > SHARED for other in kept):
            kept.append(one)
    regions = [dataclasses.replace(region, score=score) for score, region, _ in kept]
    return sorted(regions, key=lambda region: -region.score)


def _visible(region: Region, whole: Shape) -> Shape | None:
    """Return the corners of the part of a turned region that lies in the picture, None where nothing does."""
    x, y, width, height = region.turned or (region.x, region.y, region.width, region.height)
    box = ((x + width / 2, y + height / 2), (width, height), region.angle)
    area, shape = cv2.intersectConvexConvex(np.asarray(cv2.boxPoints(box), np.float32), whole)
    return np.asarray(shape, np.float32) if area > 0 else None


def _under(one: Shape, other: Shape) -> float:
    """Return the share of one shape that lies under another."""
    return float(cv2.intersectConvexConvex(one, other)[0]) / max(float(cv2.contourArea(one)), 1e-6)


def scale_sight(sight: Sight, scale: float) -> Sight:
    """Return a sight in px of a picture `scale` times as large."""
    return Sight(
        tuple(
            dataclasses.replace(
                spot,
                centre=(spot.centre[0] * scale, spot.centre[1] * scale),
                half_length=spot.half_length * scale,
                half_height=spot.half_height * scale,
            )
            for spot in sight.spots
        )
    )
