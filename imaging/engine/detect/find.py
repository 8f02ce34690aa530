"""Finder of all regions to hide in one picture: the models, the views and their order."""

from __future__ import annotations

import ctypes
import dataclasses
from collections.abc import Iterator

import cv2
import numpy as np

from imaging.engine.decode import Pixels
from imaging.engine.detect.asking import ask, drop_same, is_moot, move
from imaging.engine.detect.eyenet import EyeNet
from imaging.engine.detect.faces import (
    CERTAIN,
    Cluster,
    Guess,
    cluster,
    drop_duplicates,
    drop_echoes,
    eye_region,
    face_region,
    guess,
)
from imaging.engine.detect.fusion import fuse, scale_sight, scene
from imaging.engine.detect.panels import find_panels, is_long
from imaging.engine.detect.retinaface import RetinaFace
from imaging.engine.detect.text import TextDetector
from imaging.engine.detect.trees import load_table
from imaging.engine.detect.views import Sighting, View, detect_in_view
from imaging.engine.detect.yunet import SIDE as LARGE_SIDE
from imaging.engine.detect.yunet import YuNet
from imaging.engine.limits import PRESELECT_SCORE
from imaging.engine.output.encode import shrink
from imaging.engine.types import Options, PictureType, Region

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", int)
"""glibc's function; other C libraries return memory on their own."""
LOWEST = 0.02
"""Lowest score of a guess about eyes: other views and the eye net may confirm it."""
FLOOR = 0.05
"""Lowest score of a guess about a face; below the reported minimum, because views that agree raise it."""
WORK_SIDE = 640
SHORT_SIDE = 800
"""The short side (px) of a long picture's copy for small faces."""
SMALLEST_SIDE = 12
"""Pictures with a shorter side (px) are not searched: nothing in them is recognisable."""
PLAIN = tuple(View(320, turn) for turn in range(4))
FIRST = View(640), PLAIN[0]
"""Views for whole faces; if they are certain, fewer other views are needed."""
CLOSE = tuple(
    tuple(
        View(side, turn, border, glue, gamma)
        for side, border, glue, gamma in (
            (320, 0.0, "", 0.5),
            (320, 0.0, "after", 1.0),
            (320, 0.0, "before", 1.0),
            (320, 0.3, "after", 1.0),
            (320, 0.3, "before", 1.0),
            (160, 0.3, "after", 1.0),
            (160, 0.3, "before", 1.0),
        )
    )
    for turn in range(4)
)
"""Views for each quarter turn: dark pictures, faces beyond the frame, one eye (glued to its mirror image), one eye out
of focus (the same, seen small)."""
MIDDLE_GREY = 128
"""Median below which brightened views are used too; in bright pictures they only overexpose skin."""
WHOLE_SIZE = (0.15, 0.75)
WHOLE_ROOM = 0.03
WHOLE_SCORE = 0.9


class Finder:
    """The loaded models. Created once per process; `find` may be called any number of times."""

    def __init__(self) -> None:
        """Load the models. Raises DetectorMissing when one is absent or altered."""
        self._retina, self._yunet, self._text = RetinaFace(), YuNet(), TextDetector()
        self._eyes = EyeNet()
        load_table()

    def find(
        self,
        pixels: Pixels,
        options: Options,
        large: Pixels | None = None,
        guessed: PictureType | None = None,
    ) -> tuple[Region, ...]:
        """Return regions of an upright H×W×3 picture in its px: faces, eyes, text, each best first.

        large is the same picture with its longest side at most LARGE_SIDE, if the caller has it; guessed its type as it
        looks. In a type that a person has stated doubtful eyes are dropped where there are hardly any.
        """
        height, width = pixels.shape[:2]
        if min(height, width) < SMALLEST_SIDE:
            return ()
        regions: list[Region] = []
        large = shrink(pixels, LARGE_SIDE) if large is None else large
        if options.faces or options.eyes:
            long = is_long(width, height)
            regions += (
                self._faces_in_pieces(pixels, options) if long else self._find_faces(large, options, width, height)
            )
            release_memory()
        if options.text:
            regions += self._text.find(pixels, large)
            release_memory()
        kept = [region for region in regions if region.score >= options.minimum_score and region.width * region.height]
        kept = [region for region in kept if not is_moot(region.kind, region.score, options.picture_type)]
        order = {"face": 0, "eye": 1, "text": 2}
        asked = [ask(region, width, height, options.picture_type or guessed) for region in kept]
        return tuple(sorted(asked, key=lambda region: (order[region.kind], -region.score)))

    def _find_faces(self, large: Pixels, options: Options, width: int, height: int) -> list[Region]:
        guesses = self.guesses(large, width)
        faces = faces_of(guesses, width, height)
        regions = self._find_eyes(large, guesses, faces, width, height) if options.eyes else []
        for group in faces:
            regions += _faces(group, options, width, height)
        return regions

    def _faces_in_pieces(self, pixels: Pixels, options: Options) -> list[Region]:
        """Return faces and eyes in a long picture: of any size in its photographs, small ones everywhere."""
        height, width = pixels.shape[:2]
        scale = min(1.0, SHORT_SIDE / min(width, height))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        copy = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8) if scale < 1 else pixels
        seen = [guess(_scale_sighting(one, width / copy.shape[1])) for one in self._yunet.detect(copy)]
        regions: list[Region] = []
        for group in cluster(seen):
            regions += _faces(group, options, width, height)
            if options.eyes and group.shows_eyes(width, height):
                regions.append(eye_region(group, width, height, "yunet"))
        for left, top, right, bottom in find_panels(pixels):
            piece = shrink(pixels[top:bottom, left:right], LARGE_SIDE)
            found = self._find_faces(piece, options, right - left, bottom - top)
            regions += [move(region, left, top) for region in found]
            release_memory()
        return drop_same(regions)

    def _find_eyes(
        self, large: Pixels, guesses: list[Guess], faces: list[Cluster], width: int, height: int
    ) -> list[Region]:
        small = shrink(large, WORK_SIDE)
        sights = [scale_sight(one, width / small.shape[1]) for one in self._eyes.detect(small)]
        groups = cluster(guesses, max(width, height))
        return fuse(scene(small, (width, height), groups, faces, sights))

    def guesses(self, large: Pixels, width: int) -> list[Guess]:
        """Return guesses from LOWEST on in px of the full picture, which has this width."""
        small = shrink(large, WORK_SIDE)
        scale = width / small.shape[1]
        height = round(small.shape[0] * scale)
        guesses: list[Guess] = []

        def look_at(*views: View) -> None:
            for view in views:
                guesses.extend(
                    guess(_scale_sighting(one, scale)) for one in detect_in_view(self._retina, small, view, LOWEST)
                )

        dark = float(np.median(small[::4, ::4])) < MIDDLE_GREY
        close = [[view for view in views if dark or view.gamma == 1] for views in CLOSE]
        look_at(*FIRST, *close[0])
        whole = any(shows_whole_face(group, width, height) for group in cluster(candidates(guesses)))
        for turn in (1, 2, 3):
            look_at(PLAIN[turn], *(() if whole else close[turn]))
        scale = width / large.shape[1]
        release_memory()
        guesses += [guess(_scale_sighting(one, scale)) for one in self._yunet.detect(large)]
        return guesses


def candidates(guesses: list[Guess]) -> list[Guess]:
    """Return the guesses that may be faces by themselves."""
    return [one for one in guesses if one.score >= FLOOR]


def faces_of(guesses: list[Guess], width: int, height: int) -> list[Cluster]:
    """Return groups of guesses in a picture of this size (px), likeliest first."""
    return drop_duplicates(drop_echoes(cluster(candidates(guesses), max(width, height))), width, height)


def _faces(group: Cluster, options: Options, width: int, height: int) -> Iterator[Region]:
    """Yield the face, if faces are asked for and it is likely and no mirror image."""
    if options.faces and not group.best.sighting.straddles and group.score >= PRESELECT_SCORE:
        detector = "yunet" if group.best.sighting.view.side == LARGE_SIDE else "retinaface"
        yield face_region(group, width, height, detector)


def release_memory() -> None:
    """Return freed memory to the system, so that the nets' memory does not add up."""
    _TRIM(0)


def shows_whole_face(group: Cluster, width: float, height: float) -> bool:
    """Whether a group is a certain, large face in both plain views with room on all sides, so no close-up of one eye.

    Views for close-ups are then not needed in the other quarter turns.
    """
    x0, y0, x1, y1 = group.best.sighting.box
    room_x, room_y = WHOLE_ROOM * width, WHOLE_ROOM * height
    low, high = WHOLE_SIZE
    sure = {one.sighting.view for one in group.guesses if one.score >= WHOLE_SCORE}
    return (
        group.agreement >= CERTAIN
        and sure.issuperset(FIRST)
        and max(x1 - x0, y1 - y0) >= low * max(width, height)
        and x1 - x0 <= high * width
        and min(x0 - room_x, y0 - room_y, width - room_x - x1, height - room_y - y1) > 0
    )


def _scale_sighting(sighting: Sighting, scale: float) -> Sighting:
    x0, y0, x1, y1 = (edge * scale for edge in sighting.box)
    points = (sighting.points * scale).astype(np.float32)
    return dataclasses.replace(sighting, points=points, box=(x0, y0, x1, y1))
