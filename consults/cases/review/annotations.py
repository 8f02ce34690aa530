"""Places that a second reader drew on a picture: read from the page, shown to the author."""

import json
import math
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from consults.cases.review.models import Place
from consults.models import Case, CasePhoto, CaseState, Mark, SecondRead
from imaging.models import State

MOST = 40


class Unreadable(Exception):
    """Not a list of places on pictures."""


def parse(text: str) -> list[Place]:
    """Places from JSON: [{"photo", "x", "y", "width", "height"}, …]; "" is none. Raises Unreadable."""
    try:
        rows = json.loads(text) if text else []
        if not isinstance(rows, list) or len(rows) > MOST:
            raise Unreadable
        return [_place(row) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise Unreadable from error


def _place(row: dict[str, object]) -> Place:
    x, y, width, height = (float(row[name]) for name in ("x", "y", "width", "height"))  # type: ignore[arg-type]
    if not all(math.isfinite(number) and 0 <= number <= 1 for number in (x, y, width, height)):
        raise Unreadable
    # Rounding in a browser may put an edge a hair outside.
    return Place(UUID(str(row["photo"])), x, y, min(width, 1 - x), min(height, 1 - y))


@dataclass(frozen=True)
class Drawn:
    """One mark as an SVG draws it, px of the picture it lies on; its `centre` in per cent, for words."""

    number: int
    is_point: bool
    x: int
    y: int
    width: int
    height: int
    centre: tuple[int, int]


@dataclass(frozen=True)
class Marked:
    """A picture with marks. `href` is None while it cannot be shown, `mended` when it was sealed again since."""

    number: int
    photo_id: UUID
    href: str | None
    width: int
    height: int
    mended: bool
    marks: list[Drawn]

    @property
    def point_radius(self) -> int:
        """Of the circle around a point, px."""
        return max(self.width, self.height) // 30


@dataclass(frozen=True)
class SentBack:
    """The second reader's last word on a case that came back, with the pictures it is about."""

    read: SecondRead
    pictures: list[Marked]

    def on(self, photo_id: UUID) -> Marked | None:
        """The marks of one picture; None when the reader drew none on it."""
        return next((marked for marked in self.pictures if marked.photo_id == photo_id), None)


def sent_back(case: Case) -> SentBack | None:
    """Why this case came back to its author; None when it did not."""
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
            _marked(number, picture, by_photo[picture.photo_id], read)
            for number, picture in enumerate(placed, start=1)
            if picture.photo_id in by_photo
        ],
    )


def _marked(number: int, picture: CasePhoto, marks: list[Mark], read: SecondRead) -> Marked:
    photo, display = picture.photo, picture.photo.display
    mended = photo.sealed_at is not None and photo.sealed_at > read.decided_at
    href, width, height = None, photo.width, photo.height
    if photo.state == State.SEALED and display is not None:
        href, width, height = reverse("consults:picture", args=[display.pk]), display.width, display.height
    elif photo.state == State.REVIEW:
        href = reverse("consults:preview", args=[picture.case_id, photo.pk])
    return Marked(
        number=number,
        photo_id=photo.pk,
        href=None if mended else href,
        width=width,
        height=height,
        mended=mended,
        marks=[_drawn(place, mark, width, height) for place, mark in enumerate(marks, start=1)],
    )


def _drawn(number: int, mark: Mark, width: int, height: int) -> Drawn:
    return Drawn(
        number=number,
        is_point=not (mark.width and mark.height),
        x=round(mark.x * width),
        y=round(mark.y * height),
        width=round(mark.width * width),
        height=round(mark.height * height),
        centre=(round(100 * (mark.x + mark.width / 2)), round(100 * (mark.y + mark.height / 2))),
    )
