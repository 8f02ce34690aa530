"""Names of people, folded for search and order, and their initials. No database."""

import unicodedata
from typing import Final

from vocabulary.folding import fold

MOST_BYTES: Final = 200
MOST_WORDS: Final = 8
# In front of a name, in the languages of members so far; nobody is looked for under them.
_TITLES: Final = frozenset(
    (
        "assistant", "assoc", "associate", "asst", "doc", "docent", "doctor", "dott", "dr", "dra", "herr", "med",
        "miss", "mr", "mrs", "ms", "op", "prof", "professor", "uz", "uzm", "yrd",
    )
)  # fmt: skip


def fold_name(name: str) -> str:
    """Fold a name as the vocabulary folds words; words of other scripts keep their letters, without accents."""
    words = (fold(word) or _plain(word) for word in name.replace("-", " ").replace(".", " ").split())
    return " ".join(" ".join(words).split())


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def without_titles(name: str) -> str:
    """Return a name without the titles in front of it; the whole name if it is nothing else."""
    words = name.split()
    kept = list(words)
    while kept and all(part in _TITLES for part in fold_name(kept[0]).split()):
        kept.pop(0)
    return " ".join(kept or words)


def order_key(name: str) -> bytes:
    """Return the bytes by which a name takes its place in the directory."""
    return as_key(fold_name(without_titles(name)))


def search_keys(name: str) -> list[bytes]:
    """Return the beginnings under which a name is found: the name from each of its words on."""
    words = fold_name(without_titles(name)).split()[:MOST_WORDS]
    return list(dict.fromkeys(as_key(" ".join(words[at:])) for at in range(len(words))))


def as_key(folded: str) -> bytes:
    """Return folded words as they are compared."""
    return folded.encode()[:MOST_BYTES]


def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name, for want of a portrait."""
    words = [word for word in without_titles(name).split() if word[0].isalpha()]
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0].upper() for word in ends)
