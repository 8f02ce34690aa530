"""Pages of a list without a count."""

from collections.abc import Sequence

import pytest

from core.paging import window


def of(n: int, asked: str | None) -> tuple[int, list[int], bool, bool]:
    def read(first: int, most: int) -> Sequence[int]:
        return list(range(n))[first : first + most]

    page = window(read, asked=asked, size=2)
    return page.number, list(page.rows), page.has_previous, page.has_next


@pytest.mark.parametrize(
    ("n", "asked", "page"),
    [
        (0, None, (1, [], False, False)),
        (2, None, (1, [0, 1], False, False)),
        (3, None, (1, [0, 1], False, True)),
        (3, "2", (2, [2], True, False)),
        (5, "2", (2, [2, 3], True, True)),
        (2, "2", (1, [0, 1], False, False)),  # the last of that page was decided meanwhile
        (0, "2", (1, [], False, False)),
        *((3, words, (1, [0, 1], False, True)) for words in ("", "0", "-1", "x", "²", "9" * 30)),
    ],
)
def test_a_page_is_read_with_one_row_more(n: int, asked: str | None, page: object) -> None:
    assert of(n, asked) == page


def test_its_neighbours_have_numbers() -> None:
    page = window(lambda first, most: range(first, first + most), asked="3", size=2)

    assert (page.previous_page_number, page.next_page_number, page.has_other_pages) == (2, 4, True)
