"""Guess of the language in which a case is written: from its words alone, so that it is the same at any time."""

from __future__ import annotations

import re
from typing import Final

from vocabulary.folding import fold

LEAST_HITS: Final = 1
_WORD: Final = re.compile(r"[^\W\d_]+")
# Letters that of these languages Turkish alone has, and the commonest small words of each, folded.
_TURKISH_LETTERS: Final = frozenset("ığşİĞŞ")
_SMALL_WORDS: Final = {
    "en": (
        "the of and with on in for a an is was were are no not since after which it has had have from by to old year"
        " years day days week weeks month months growing slowly left right patient history lesion"
    ),
    "tr": (
        "ve ile bir bu da de icin olan var yok yasinda gun gunluk hafta haftadir ay aydir yil yildir once sonra sol"
        " sag uzerinde hasta hastada kadin erkek lezyon lezyonu plak kasintili agrisiz sirt yuz kol bacak olarak"
    ),
}
_COMMON: Final = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
KNOWN: Final = tuple(_COMMON)


def guess(text: str) -> str:
    """Return "en", "tr", or "" when the words do not tell."""
    hits = dict.fromkeys(_COMMON, 0)
    for word in _WORD.findall(text):
        if not _TURKISH_LETTERS.isdisjoint(word):
            hits["tr"] += 2
        folded = fold(word)
        for language, common in _COMMON.items():
            hits[language] += folded in common
    best, other = sorted(hits, key=lambda language: hits[language], reverse=True)[:2]
    return best if hits[best] >= LEAST_HITS and hits[best] > hits[other] else ""
