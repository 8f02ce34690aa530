"""Recognition of colleagues in free text: who stands after “@” or a doctor's title, and is known, is no patient.

Pure: whoever calls passes the names. `calls` finds the places where somebody could be named, `end_of_name` says how far
a known name reaches there, `is_explained` whether a finding of `screening.identifiers` is a colleague and nothing else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vocabulary.folding import fold

MOST_WORDS: Final = 5  # of a name as it is written in a text
# Folded. Before a colleague's name: doctors' titles; people in the thread are also addressed as everybody is.
TITLES: Final = frozenset(
    ("assoc", "asst", "doc", "docent", "doctor", "dr", "op", "prof", "professor", "uz", "uzm", "yrd")
)
COURTESIES: Final = frozenset(
    ("bay", "bayan", "bey", "frau", "hanim", "herr", "miss", "mme", "mr", "mrs", "ms", "mx", "nurse", "sayin",
     "sister", "sn")
)  # fmt: skip
_NAME_WORD: Final = r"[^\W\d_](?:[^\W\d_]|[-.'’](?=[^\W\d_])){0,40}\.?"
_NAME_WORDS: Final = re.compile(rf"{_NAME_WORD}(?:[ \t]{{1,3}}{_NAME_WORD}){{0,{MOST_WORDS - 1}}}")
_SIGN: Final = re.compile(r"(?<![\w.@/])@(?=[^\W\d_])")
_TITLE: Final = re.compile(
    r"(?<![\w@])(?:(?:doç|doc|docent|doctor|dr|op|prof|professor|uzm?|yrd)\b\.?[ \t]{0,3}){1,4}(?=[^\W\d_])",
    re.IGNORECASE,
)
# What Turkish and English hang on a name: Soydan'ın, Soydan’a, Miller's.
_SUFFIX: Final = re.compile(r"['’]([^\W\d_]{1,6})\Z")


@dataclass(frozen=True, slots=True)
class Call:
    """A place where somebody may be named: `start` is the first letter, after the sign or the title."""

    start: int
    after_sign: bool  # "@", not a title
    words: tuple[tuple[int, str], ...]  # where each word ends, and the word without a suffix


def calls(text: str) -> list[Call]:
    """Find the places after “@” and after a doctor's title, in order."""
    found = [_call(text, match.end(), after_sign=True) for match in _SIGN.finditer(text)]
    found += [_call(text, match.end(), after_sign=False) for match in _TITLE.finditer(text)]
    return sorted((call for call in found if call.words), key=lambda call: call.start)


def _call(text: str, start: int, *, after_sign: bool) -> Call:
    words: list[tuple[int, str]] = []
    stretch = _NAME_WORDS.match(text, start)
    for match in re.finditer(r"[^ \t]+", stretch.group() if stretch else ""):
        word = _without_suffix(match.group())
        bare = word.rstrip(".") or word
        end = start + match.start() + len(bare)
        if re.match(r"[\w]", text[end : end + 1]):
            break  # a longer word, such as an account's name
        words.append((end, bare))
        if word != match.group():
            break  # a name ends where a suffix hangs on it
    return Call(start, after_sign, tuple(words))


def _without_suffix(word: str) -> str:
    """Return a word without what hangs on it: in small letters, or all of it in capitals; O'Brien is whole."""
    found = _SUFFIX.search(word)
    hangs = found is not None and (found[1].islower() or (word.isupper() and found.start() > 1))
    return word[: found.start()] if found is not None and hangs else word


def key_of(name: str) -> tuple[str, ...]:
    """Return the folded words of a name, its titles left out."""
    words = name.replace("-", " ").replace(".", " ").split()
    folded = [part for word in words for part in (fold(word) or word.casefold()).split()]
    while len(folded) > 1 and folded[0] in TITLES | COURTESIES:
        folded.pop(0)
    return tuple(folded)


def names(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether folded words name the bearer of `name`: some of its words in order, all but the last as a letter too."""
    rest = iter(name)
    if not words or len(words[-1]) < 2:
        return False
    return all(any(part == word or (len(word) == 1 and part[0] == word) for part in rest) for word in words)


def end_of_name(call: Call, name: str) -> int | None:
    """Return where a name ends that is written at this place, the longest way that it can be read; None if it is not.

    A part of a name with another name behind it is somebody else: “Leyla Kaya” is not Leyla Soydan.
    """
    key = key_of(name)
    for number in range(len(call.words), 0, -1):
        written = _key_of_call(call, number)
        if names(written, key):
            following = call.words[number][1] if number < len(call.words) else ""
            return None if len(written) < len(key) and following[:1].isupper() else call.words[number - 1][0]
    return None


def end_of_title(call: Call, title: str) -> int | None:
    """Return where the whole of a group's or role's name ends that is written at this place; None if it is not."""
    key = key_of(title)
    for number in range(len(call.words), 0, -1):
        if _key_of_call(call, number) == key:
            return call.words[number - 1][0]
    return None


def _key_of_call(call: Call, number: int) -> tuple[str, ...]:
    return key_of(" ".join(word for _end, word in call.words[:number]))


def is_named(text: str, start: int, *, people: Iterable[str], titles: Iterable[str] = ()) -> bool:
    """Whether one of these people, or a group or role, stands after the “@” at `start`."""
    call = _call(text, start + 1, after_sign=True)
    return any(end_of_name(call, name) for name in people) or any(end_of_title(call, title) for title in titles)


def is_explained(stretch: str, *, colleagues: Iterable[str], authors: Iterable[str], plain: frozenset[str]) -> bool:
    """Whether a stretch found as a person's name is one of these people, titles and plain words aside.

    `colleagues` are known after a doctor's title; `authors`, who take part in the thread, however they are addressed.
    """
    written = (_without_suffix(word) for word in stretch.replace(".", " ").split())
    words = [part for word in written for part in fold(word).split()]
    titled = any(word in TITLES for word in words)
    if not titled and not any(word in COURTESIES for word in words):
        return False
    known = [key_of(name) for name in ([*colleagues, *authors] if titled else authors)]
    left = [word for word in words if word not in TITLES | COURTESIES]
    while left:
        if any(names(tuple(left), name) for name in known):
            return True
        if left.pop() not in plain:
            return False
    return False
