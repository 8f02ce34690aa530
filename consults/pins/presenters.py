"""Presentation of pins: beside the pictures as text, and as the figures that the viewer's script and the pages draw.

Nothing here checks access: as in `reading`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Member
from consults.cases.models import Case
from consults.cases.presenters import ViewerPicture
from consults.pins.models import Pin
from consults.pins.reading import pins_of


@dataclass(frozen=True)
class ShownPin:
    """One pin as its reader sees it; `left` and `top` in whole percent of the picture's sides."""

    pin: Pin
    picture: str
    left: int
    top: int
    outline: str
    is_mine: bool
    may_remove: bool

    @property
    def where(self) -> str:
        """The place in words."""
        words = _("outlined from %(left)s %% from the left, %(top)s %% from the top") if self.pin.outline else ""
        words = words or _("%(left)s %% from the left, %(top)s %% from the top")
        return words % {"left": self.left, "top": self.top}

    def points(self, width: int, height: int) -> str:
        """Return the corners of its outline in px of a picture of this size, as SVG writes them."""
        return " ".join(f"{x * width:.1f},{y * height:.1f}" for x, y in self.pin.outline)


@dataclass(frozen=True)
class DrawnPin:
    """One pin in px of its picture, as an SVG draws it."""

    number: int
    x: float
    y: float
    points: str


@dataclass(frozen=True)
class PinnedPicture:
    """A picture with the pins on it, for pages without scripts."""

    picture: ViewerPicture
    pins: list[DrawnPin]

    @property
    def radius(self) -> int:
        """The radius of a number's disc, px of the picture."""
        return max(self.picture.width, self.picture.height) // 40


def pins_context(case: Case, *, reader: Member, pictures: Sequence[ViewerPicture], may_pin: bool) -> dict[str, Any]:
    """Return what a page shows of a case's pins. One query.

    For a case of the policy's `case.discuss` only; `may_pin`: whether the reader may put some.
    """
    pins = shown(pins_of(case.pk).values(), reader=reader, pictures=pictures, may_pin=may_pin)
    return {
        "pins": pins,
        "pin_numbers": [one.pin.number for one in pins],
        "may_pin": may_pin,
        "shows_pins": bool(pins) or may_pin,
    }


def shown(pins: Iterable[Pin], *, reader: Member, pictures: Sequence[ViewerPicture], may_pin: bool) -> list[ShownPin]:
    """Return the pins that lie on one of these pictures, in their order."""
    labels: dict[UUID, str] = {picture.rendition_id: picture.label for picture in pictures}
    return [
        ShownPin(
            pin=pin,
            picture=labels[pin.rendition_id],
            left=round(100 * pin.x),
            top=round(100 * pin.y),
            outline=json.dumps(pin.outline) if pin.outline else "",
            is_mine=pin.by_id == reader.pk,
            may_remove=may_pin and (pin.by_id == reader.pk or reader.may_moderate),
        )
        for pin in pins
        if pin.rendition_id in labels
    ]


def drawn(pins: Sequence[ShownPin], *, pictures: Sequence[ViewerPicture]) -> list[PinnedPicture]:
    """Return every picture with its pins in px."""
    return [
        PinnedPicture(
            picture=picture,
            pins=[
                DrawnPin(
                    number=one.pin.number,
                    x=round(one.pin.x * picture.width, 1),
                    y=round(one.pin.y * picture.height, 1),
                    points=one.points(picture.width, picture.height),
                )
                for one in pins
                if one.pin.rendition_id == picture.rendition_id
            ],
        )
        for picture in pictures
    ]
