"""Finder of all regions to hide in one picture: the models, the views and their order."""

from __future__ import annotations

import ctypes
import dataclasses

import numpy as np

from imaging.engine.decode import Pixels
from imaging.engine.detect.eyenet import EyeNet
from imaging.engine.detect.faces import (
    CERTAIN,
    Cluster,
    Guess,
    cluster,
    drop_duplicates,
    drop_echoes,
    face_region,
    guess,
)
from imaging.engine.detect.fusion import fuse, scale_sight, scene
from imaging.engine.detect.retinaface import RetinaFace
from imaging.engine.detect.text import TextDetector
from imaging.engine.detect.trees import load_table
from imaging.engine.detect.views import Sighting, View, detect_in_view
from imaging.engine.detect.yunet import SIDE as LARGE_SIDE
from imaging.engine.detect.yunet import YuNet
from imaging.engine.limits import PRESELECT_SCORE
from imaging.engine.output.encode import shrink
from imaging.engine.types import Options, Region

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", int)
"""glibc's function; other C libraries return memory on their own."""
LOWEST = 0.02
"""Lowest score of a guess about eyes: other views and the eye net may confirm it."""
FLOOR = 0.05
"""Lowest score of a guess about a face; below the reported minimum, because views that agree raise it."""
WORK_SIDE = 640
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

    def find(self, pixels: Pixels, options: Options, large: Pixels | None = None) -> tuple[Region, ...]:
        """Return regions of an upright H×W×3 picture in its px: faces, eyes, text, each best first.

        large is the same picture with its longest side at most LARGE_SIDE, if the caller has it.
        """
        height, width = pixels.shape[:2]
        if min(height, width) < SMALLEST_SIDE:
            return ()
        regions: list[Region] = []
        large = shrink(pixels, LARGE_SIDE) if large is None else large
        if options.faces or options.eyes:
            regions += self._find_faces(large, options, width, height)
            release_memory()
        if options.text:
            scale = width / large.shape[1]
            regions += [_scale_region(region, scale) for region in self._text.find(large)]
            release_memory()
        kept = [region for region in regions if region.score >= options.minimum_score and region.width * region.height]
        order = {"face": 0, "eye": 1, "text": 2}
        return tuple(sorted(kept, key=lambda region: (order[region.kind], -region.score)))

    def _find_faces(self, large: Pixels, options: Options, width: int, height: int) -> list[Region]:
        guesses = self.guesses(large, width)
        regions = self._find_eyes(large, guesses, width, height) if options.eyes else []
        for group in faces_of(guesses, width, height) if options.faces else ():
            detector = "yunet" if group.best.sighting.view.side == LARGE_SIDE else "retinaface"
            if not group.best.sighting.straddles and group.score >= PRESELECT_SCORE:
                regions.append(face_region(group, width, height, detector))
        return regions

    def _find_eyes(self, large: Pixels, guesses: list[Guess], width: int, height: int) -> list[Region]:
        small = shrink(large, WORK_SIDE)
        sights = [scale_sight(one, width / small.shape[1]) for one in self._eyes.detect(small)]
        groups = cluster(guesses, max(width, height))
        return fuse(scene(small, (width, height), groups, faces_of(guesses, width, height), sights))

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


def _scale_region(region: Region, scale: float) -> Region:
    x, y, width, height = (value * scale for value in region.turned or (0, 0, 0, 0))
    return dataclasses.replace(
        region,
        x=region.x * scale,
        y=region.y * scale,
        width=region.width * scale,
        height=region.height * scale,
        turned=(x, y, width, height),
    )
