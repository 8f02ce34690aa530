"""The gate: the only access of members to cases.

Members see a picture only through a `Release` row that still matches: same bytes, same words, an active
consent that covers the audience, an author who is still verified. Every page, list, search, count, notice
and the byte-streaming view asks `visible_cases` or `visible_renditions` and nothing else, so that a
withdrawal takes effect on the next request.

`visibility` decides who sees what, `blockers` lists what is missing, `release` makes a case visible.
"""

from consults.cases.gate import listing
from consults.cases.gate.audience import members_who_see
from consults.cases.gate.blockers import REQUIRED_FACTS, Blocker, blockers, blockers_of, pictures_by_case
from consults.cases.gate.release import (
    ASKED_BEFORE,
    ATTACHED,
    PROBATION,
    TO_ACCEPT,
    Blocked,
    NotYours,
    basis_of,
    lock_consents,
    release,
    send_back,
    to_accept,
)
from consults.cases.gate.shown_pictures import (
    covered_more_since,
    differs_from_shown,
    shows_more_than_shown,
)
from consults.cases.gate.visibility import (
    SOMEBODY,
    additions_of,
    asked_by,
    audience_not_allowed,
    cases_to_look_at,
    cases_to_second_read,
    held_additions,
    held_cases,
    own_cases,
    photos_not_allowed,
    pictures_of,
    servable_rendition,
    servable_renditions,
    visible_additions,
    visible_cases,
    visible_cases_with_thumbnails,
    visible_renditions,
)

__all__ = [
    "ASKED_BEFORE",
    "ATTACHED",
    "PROBATION",
    "REQUIRED_FACTS",
    "SOMEBODY",
    "TO_ACCEPT",
    "Blocked",
    "Blocker",
    "NotYours",
    "additions_of",
    "asked_by",
    "audience_not_allowed",
    "basis_of",
    "blockers",
    "blockers_of",
    "cases_to_look_at",
    "cases_to_second_read",
    "covered_more_since",
    "differs_from_shown",
    "held_additions",
    "held_cases",
    "listing",
    "lock_consents",
    "members_who_see",
    "own_cases",
    "photos_not_allowed",
    "pictures_by_case",
    "pictures_of",
    "release",
    "send_back",
    "servable_rendition",
    "servable_renditions",
    "shows_more_than_shown",
    "to_accept",
    "visible_additions",
    "visible_cases",
    "visible_cases_with_thumbnails",
    "visible_renditions",
]
