"""Pages of a list that grows: what follows is known from one row more, and nothing is counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row")
Stored = TypeVar("Stored", bound=Model)


@dataclass(frozen=True)
class Window(Generic[Row]):
    """One page of rows, numbered from 1, as templates/partials/pages.html takes it."""

    number: int
    rows: Sequence[Row]
    has_next: bool

    @property
    def has_previous(self) -> bool:
        """Whether a page lies before it."""
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        """Whether a page lies before or after it."""
        return self.has_previous or self.has_next

    @property
    def previous_page_number(self) -> int:
        """The number of the page before it."""
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        """The number of the page after it."""
        return self.number + 1


def window(read: Callable[[int, int], Sequence[Row]], *, asked: str | None, size: int) -> Window[Row]:
    """Return the page asked for, of `size` rows; the first one when there is no such page.

    `read(first, most)` returns at most `most` rows after the `first` ones.
    """
    # Six digits: what is longer is not a page that anybody turned to, and would overflow in the database.
    number = int(asked) if asked and asked.isascii() and asked.isdecimal() and len(asked) <= 6 else 1
    rows = read((max(number, 1) - 1) * size, size + 1)
    if not rows and number > 1:
        number, rows = 1, read(0, size + 1)
    return Window(number=max(number, 1), rows=rows[:size], has_next=len(rows) > size)


def window_of(rows: QuerySet[Stored], *, asked: str | None, size: int) -> Window[Stored]:
    """Return the same of an ordered query."""
    return window(lambda first, most: list(rows[first : first + most]), asked=asked, size=size)
