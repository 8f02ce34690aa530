"""The one door between cases and members.

Members see a picture only through a `Release` row that still matches: same bytes, same words, an active
consent that covers the audience, an author who is still verified. Every page, list, search, count, notice
and the byte-streaming view asks `visible_cases` or `visible_renditions` and nothing else, so that a
withdrawal acts on the next request.

`visibility` says who sees what, `blockers` what is still missing, `release` opens the door.
"""

from consults.cases.gate.blockers import LOST, REQUIRED, Blocker, blockers, blockers_of, placed_in
from consults.cases.gate.release import Blocked, NotYours, basis_of, release, send_back
from consults.cases.gate.visibility import (
    SOMEBODY,
    own_cases,
    pictures_of,
    reviewable_cases,
    servable_rendition,
    servable_renditions,
    uncovered,
    uncovered_photos,
    visible_cases,
    visible_renditions,
)

__all__ = [
    "LOST",
    "REQUIRED",
    "SOMEBODY",
    "Blocked",
    "Blocker",
    "NotYours",
    "basis_of",
    "blockers",
    "blockers_of",
    "own_cases",
    "pictures_of",
    "placed_in",
    "release",
    "reviewable_cases",
    "send_back",
    "servable_rendition",
    "servable_renditions",
    "uncovered",
    "uncovered_photos",
    "visible_cases",
    "visible_renditions",
]
