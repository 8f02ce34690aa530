"""Places on a picture, in fractions of its sides from its upper left: a point, or a closed outline."""

import json
import math
from dataclasses import dataclass
from typing import Final

from consults.pins.models import FEWEST_CORNERS, MOST_CORNERS

DIGITS: Final = 4  # of a fraction: a tenth of a pixel at 1,000 px


class UnreadablePlace(Exception):
    """The input is no place on a picture."""


@dataclass(frozen=True)
class Place:
    """Where the number of a pin stands, and the corners of its outline; none for a point."""

    x: float
    y: float
    outline: tuple[tuple[float, float], ...] = ()


def place(*, x: float, y: float, outline: str = "") -> Place:
    """Return a place from fractions and from the corners as JSON, [[x, y], …] or "". Raises UnreadablePlace.

    With an outline the number stands at its first corner.
    """
    corners = _corners(outline)
    if corners:
        return Place(*corners[0], outline=corners)
    return Place(_fraction(x), _fraction(y))


def _corners(text: str) -> tuple[tuple[float, float], ...]:
    try:
        rows = json.loads(text) if text else []
    except (ValueError, RecursionError) as error:
        raise UnreadablePlace from error
    if not rows:
        return ()
    if not isinstance(rows, list) or not FEWEST_CORNERS <= len(rows) <= MOST_CORNERS:
        raise UnreadablePlace
    corners = tuple(_corner(row) for row in rows)
    if len(set(corners)) < FEWEST_CORNERS:
        raise UnreadablePlace
    return corners


def _corner(row: object) -> tuple[float, float]:
    if not isinstance(row, list) or len(row) != 2:
        raise UnreadablePlace
    return _fraction(row[0]), _fraction(row[1])


def _fraction(number: object) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise UnreadablePlace
    if not math.isfinite(number) or not 0 <= number <= 1:
        raise UnreadablePlace
    return round(float(number), DIGITS)
