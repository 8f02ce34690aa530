"""Numbers of members, short enough to be read off a photograph of a screen.

A page draws the number of whoever looks over each picture, so that a picture of the screen says whose screen it was.
It is drawn by lot: nothing of a member follows from it, and only privacy officers can ask whose it is.
"""

import re
from typing import Final

from django.utils.crypto import get_random_string

LENGTH: Final = 8
UNREADABLE: Final = "?"
FEWEST_READ: Final = 4  # symbols; with fewer, too many members would be named who have nothing to do with it
_SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is mistaken for another
_MISTAKEN: Final = str.maketrans("OILU", "011V")


class UnreadableNumber(Exception):
    """The input is not a member's number, or too little of it was read."""


def new_number() -> str:
    """Draw a number by lot."""
    return get_random_string(LENGTH, _SYMBOLS)


def in_two(number: str) -> str:
    """Return a number as it is shown: in two halves."""
    return f"{number[: LENGTH // 2]}-{number[LENGTH // 2 :]}"


def pattern_of(text: str) -> str:
    """Return a regular expression for a number as somebody read it, with a question mark for each unreadable symbol.

    Raises UnreadableNumber.
    """
    symbols = re.sub(r"[\s·–-]", "", text).upper().translate(_MISTAKEN)
    read = symbols.replace(UNREADABLE, "")
    if len(symbols) != LENGTH or len(read) < FEWEST_READ or set(read) - set(_SYMBOLS):
        raise UnreadableNumber
    return "^" + symbols.replace(UNREADABLE, ".") + "$"
