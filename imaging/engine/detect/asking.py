"""Decision about each region: a suggested mask, or a question to a person. Plain Python, for callers without pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from imaging.engine.limits import ASKED_SHARE, CERTAIN_SCORE, PRESELECT_SCORE
from imaging.engine.masking import geometry
from imaging.engine.types import INSTRUMENTS, Asked, Mask, PictureType, Region

MOOT_SCORE = 0.8
"""Score below which eyes and faces are not asked about in a picture that a person calls dermoscopy or histology: they
are lesions. A face in a picture that is called so by mistake scores more."""
SAME_SHARE = 0.7
"""Share of a region under a likelier one of its kind from which it is the same, seen in two pieces."""


def ask(region: Region, width: int, height: int, picture_type: PictureType | None = None) -> Region:
    """Return the region with the reason to ask about it, if there is one, in a picture of this size (px)."""
    if region.why_asked is not None:
        return region
    if region.kind != "text" and picture_type in INSTRUMENTS and region.score < CERTAIN_SCORE:
        return dataclasses.replace(region, why_asked=Asked.UNLIKELY)
    if region.score < CERTAIN_SCORE and covered_share(region, width, height) > ASKED_SHARE:
        return dataclasses.replace(region, why_asked=Asked.COVERS_MUCH)
    if region.score < PRESELECT_SCORE:
        return dataclasses.replace(region, why_asked=Asked.DOUBTFUL)
    return region


def covered_share(region: Region, width: int, height: int) -> float:
    """Return the part (0..1) of a picture of this size (px) under the region's mask, accurate to a few percent."""
    mask = region.mask()
    visible = geometry.covered_share(mask, [Mask("box", 0, 0, width, height)])
    return visible * mask.width * mask.height / (width * height)


def is_moot(kind: str, score: float, picture_type: PictureType | None) -> bool:
    """Whether a doubtful region is not even worth a question in a picture of the type that a person has stated."""
    return kind != "text" and picture_type in INSTRUMENTS and score < MOOT_SCORE


def move(region: Region, right: float, down: float) -> Region:
    """Return the region of a piece in px of the picture that the piece lies in."""
    turned = region.turned
    if turned is not None:
        turned = turned[0] + right, turned[1] + down, turned[2], turned[3]
    return dataclasses.replace(region, x=region.x + right, y=region.y + down, turned=turned)


def drop_same(regions: Sequence[Region]) -> list[Region]:
    """Return the regions, likeliest first, without those seen in another piece too."""
    kept: list[Region] = []
    for region in sorted(regions, key=lambda one: -one.score):
        covers = [other.mask() for other in kept if other.kind == region.kind]
        if geometry.covered_share(region.mask(), covers) < SAME_SHARE:
            kept.append(region)
    return kept
