"""The pictures of a case and its follow-ups in the order of time, and the pairs to compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import OuterRef, QuerySet

from consults.cases import gate
from consults.cases.followup import comparisons
from consults.cases.followup.models import PicturePair
from consults.cases.models import Case
from consults.cases.presenters import ViewerPicture, when_in_words
from core.nested import Counted


@dataclass(frozen=True)
class Moment:
    """What was photographed at one time. `when` is relative, never a date."""

    when: str
    kind: str
    note: str
    pictures: list[ViewerPicture]


@dataclass(frozen=True)
class Pair:
    """An earlier and a later picture side by side; `sentences` say what differs in how they were taken.

    `scale` > 1: the later one shows the place larger; shown by 1 / scale both are at equal scale. 0 when the two
    cannot be compared.
    """

    before: ViewerPicture
    after: ViewerPicture
    before_when: str
    after_when: str
    sentences: list[str]
    comparable: bool
    scale: float


def moments(pictures: Sequence[ViewerPicture]) -> list[Moment]:
    """Return the pictures, which are in the order of time, by the case or follow-up that they belong to."""
    found = []
    for part, group in groupby(pictures, key=lambda picture: picture.part):
        words = "" if part is None or part.follows_id is None else part.get_addition_display()
        note = "" if part is None or part.follows_id is None else part.note
        found.append(Moment(when_in_words(part) if part else "", words, note, list(group)))
    return found


def pairs(pictures: Sequence[ViewerPicture]) -> list[Pair]:
    """Return the comparisons among these pictures, latest first. No query: they came with the pictures."""
    by_photo = {picture.photo_id: picture for picture in pictures}
    later = [picture for picture in pictures if picture.part and picture.part.follows_id is not None]
    rows = [row for picture in later for row in picture.compared if row.earlier_id in by_photo]
    held = comparisons.current(rows, displays={pk: picture.sha256 for pk, picture in by_photo.items()})
    found = [_pair(row, by_photo[row.earlier_id], by_photo[row.later_id]) for row in held]
    places = {picture.photo_id: place for place, picture in enumerate(pictures)}
    return sorted(found, key=lambda pair: (-places[pair.after.photo_id], -places[pair.before.photo_id]))


def _pair(row: PicturePair, before: ViewerPicture, after: ViewerPicture) -> Pair:
    return Pair(
        before=before,
        after=after,
        before_when=when_in_words(before.part) if before.part else "",
        after_when=when_in_words(after.part) if after.part else "",
        sentences=comparisons.in_words(row),
        comparable=not row.incomparable,
        scale=0.0 if row.incomparable else float(row.measured["scale"]),
    )


def with_additions(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the same cases with `additions_shown`: how many follow-ups some of their readers see today."""
    return cases.annotate(additions_shown=Counted(gate.additions_of(OuterRef("pk")).order_by().values("pk")))


def context(found: Case, *, pictures: Sequence[ViewerPicture], is_open: bool) -> dict[str, Any]:
    """Return what the case page needs about follow-ups, of a case that `with_additions` counted. No query."""
    if not is_open:
        return {"timeline": [], "pairs": [], "additions_closed": found.additions_shown}  # type: ignore[attr-defined]
    in_time = moments(pictures)
    has_more = any(picture.part and picture.part.follows_id is not None for picture in pictures)
    return {"timeline": in_time if has_more else [], "pairs": pairs(pictures), "additions_closed": 0}
