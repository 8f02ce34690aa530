"""Folding of all spellings of a medical word into one form, for comparison."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS: Final = str.maketrans({"ı": "i", "æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d"})
_POSSESSIVE: Final = re.compile(r"['’]s\b")
_SEPARATORS: Final = re.compile(r"[^a-z0-9+]+")
# British to American: naevus nevus, oedema edema, tumour tumor, localised localized, leucocytoclastic leuko-.
_SPELLINGS: Final = (
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"our\b"), "or"),
    (re.compile(r"is(?=(?:e|ed|ing|ation)\b)"), "iz"),
    (re.compile(r"\bleuc"), "leuk"),
    (re.compile(r"centre\b"), "center"),
)


def fold(text: str) -> str:
    """Fold to lower case, no accents, American spelling, single spaces; "+" stays, as in CD30+."""
    # Accents go first: to put thousands of them in order, Unicode's rule compares each with each.
    bare = "".join(letter for letter in text if not unicodedata.combining(letter))
    plain = unicodedata.normalize("NFKD", bare.casefold().translate(_LETTERS))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = _SEPARATORS.sub(" ", _POSSESSIVE.sub("", plain))
    for british, american in _SPELLINGS:
        plain = british.sub(american, plain)
    return plain.strip()
