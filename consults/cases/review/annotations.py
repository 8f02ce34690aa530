"""A second reader's marks on pictures: parsed from the form, scaled for the author's pages."""

import json
import math
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from consults.cases.models import Case, CasePhoto, CaseState
from consults.cases.review.models import DrawnMark, Mark, SecondRead
from imaging.models import State

MAX_MARKS = 40


class UnreadableMarks(Exception):
    """The input is not a list of marks on pictures."""


def parse(text: str) -> list[DrawnMark]:
    """Parse marks from JSON, [{"photo", "x", "y", "width", "height"}, …] or "". Raises UnreadableMarks."""
    try:
        rows = json.loads(text) if text else []
        if not isinstance(rows, list) or len(rows) > MAX_MARKS:
            raise UnreadableMarks
        return [_parse_mark(row) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise UnreadableMarks from error


def _parse_mark(row: dict[str, object]) -> DrawnMark:
    x, y, width, height = (float(row[name]) for name in ("x", "y", "width", "height"))  # type: ignore[arg-type]
    if not all(math.isfinite(number) and 0 <= number <= 1 for number in (x, y, width, height)):
        raise UnreadableMarks
    # Rounding in a browser may put an edge slightly outside.
    return DrawnMark(UUID(str(row["photo"])), x, y, min(width, 1 - x), min(height, 1 - y))


@dataclass(frozen=True)
class ScaledMark:
    """One mark in px of its picture, as an SVG draws it; `centre` in per cent, for a description."""

    number: int
    is_point: bool
    x: int
    y: int
    width: int
    height: int
    centre: tuple[int, int]


@dataclass(frozen=True)
class MarkedPicture:
    """A picture with marks. `href` is None while it cannot be shown; `resealed`: sealed again since."""

    number: int
    photo_id: UUID
    href: str | None
    width: int
    height: int
    resealed: bool
    marks: list[ScaledMark]

    @property
    def point_radius(self) -> int:
        """The radius of the circle around a point, px."""
        return max(self.width, self.height) // 30


@dataclass(frozen=True)
class SentBack:
    """The second read that sent a case back, with its marked pictures."""

    read: SecondRead
    pictures: list[MarkedPicture]

    def marks_on(self, photo_id: UUID) -> MarkedPicture | None:
        """Return the marks of one picture; None when the reader drew none on it."""
        return next((marked for marked in self.pictures if marked.photo_id == photo_id), None)


def last_send_back(case: Case) -> SentBack | None:
    """Return the second read that sent this case back; None when it is not sent back."""
    if case.state != CaseState.RETURNED:
        return None
    read = case.second_reads.filter(decision=SecondRead.Decision.SENT_BACK).order_by("-decided_at").first()
    if read is None:
        return None
    by_photo: dict[UUID, list[Mark]] = {}
    for mark in read.marks.all():
        by_photo.setdefault(mark.photo_id, []).append(mark)
    placed = case.pictures.select_related("photo").prefetch_related("photo__renditions") if by_photo else []
    return SentBack(
        read=read,
        pictures=[
            _marked_picture(number, picture, by_photo[picture.photo_id], read)
            for number, picture in enumerate(placed, start=1)
            if picture.photo_id in by_photo
        ],
    )


def _marked_picture(number: int, picture: CasePhoto, marks: list[Mark], read: SecondRead) -> MarkedPicture:
    photo, display = picture.photo, picture.photo.display
    resealed = photo.sealed_at is not None and photo.sealed_at > read.decided_at
    href, width, height = None, photo.width, photo.height
    if photo.state == State.SEALED and display is not None:
        href, width, height = reverse("consults:picture", args=[display.pk]), display.width, display.height
    elif photo.state == State.REVIEW:
        href = reverse("consults:preview", args=[picture.case_id, photo.pk])
    return MarkedPicture(
        number=number,
        photo_id=photo.pk,
        href=None if resealed else href,
        width=width,
        height=height,
        resealed=resealed,
        marks=[_scale_mark(number, mark, width, height) for number, mark in enumerate(marks, start=1)],
    )


def _scale_mark(number: int, mark: Mark, width: int, height: int) -> ScaledMark:
    return ScaledMark(
        number=number,
        is_point=not (mark.width and mark.height),
        x=round(mark.x * width),
        y=round(mark.y * height),
        width=round(mark.width * width),
        height=round(mark.height * height),
        centre=(round(100 * (mark.x + mark.width / 2)), round(100 * (mark.y + mark.height / 2))),
    )
