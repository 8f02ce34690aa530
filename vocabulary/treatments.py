"""Coded treatments of dermatology: classes, and the agents or procedures of each, in English and Turkish.

The list (treatments.tsv) is our own; a released code never changes its meaning. It recommends nothing and holds no
doses: an answer names what a colleague would think of.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

MAX_CODE_LENGTH: Final = 40
COLUMNS: Final = ("code", "label", "turkish", "class")


@dataclass(frozen=True, slots=True)
class Treatment:
    """A class of treatments, or an agent in one; `class_code` is the code of its class, "" for a class."""

    code: str
    label: str
    turkish: str
    class_code: str

    @property
    def is_class(self) -> bool:
        """Whether this is a class and not an agent."""
        return not self.class_code

    def label_in(self, language: str) -> str:
        """Return the label in a language ("tr", "tr-TR"), in English for other languages."""
        return self.turkish if language.lower().startswith("tr") else self.label


class UnknownTreatment(LookupError):
    """A code that no treatment has."""


class InvalidVocabulary(ValueError):
    """An inconsistent list of treatments; the message names the row."""


def get(code: str) -> Treatment:
    """Return the class or agent with this code. Raises UnknownTreatment."""
    try:
        return _by_code()[code]
    except KeyError as missing:
        raise UnknownTreatment(code) from missing


def all() -> tuple[Treatment, ...]:
    """Return every class followed by its agents, in the order of the list."""
    return tuple(_by_code().values())


def is_known(code: str) -> bool:
    """Whether a member may choose this code."""
    return code in _by_code()


def class_of(code: str) -> str:
    """Return the code of the class that a treatment is in, of a class its own. Raises UnknownTreatment."""
    found = get(code)
    return found.class_code or found.code


def choices(language: str, *, any_of: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return choices grouped by class for a <select>: [(class, [(code, label), ...]), ...].

    Each group begins with the class itself, called by the words `any_of` with "%s" for its name.
    """
    grouped: list[tuple[str, list[tuple[str, str]]]] = []
    for one in all():
        label = one.label_in(language)
        if one.is_class:
            grouped.append((label, [(one.code, any_of % label)]))
        else:
            grouped[-1][1].append((one.code, label))
    return grouped


def load(lines: Iterable[str]) -> dict[str, Treatment]:
    """Parse tab-separated rows below a header of COLUMNS into code -> treatment. Raises InvalidVocabulary."""
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(next(reader, ())) != COLUMNS:
        raise InvalidVocabulary("the first line must name the columns")
    found: dict[str, Treatment] = {}
    last_class = ""
    for row in reader:
        if len(row) != len(COLUMNS) or "" in row[:3] or len(row[0]) > MAX_CODE_LENGTH:
            raise InvalidVocabulary(f"{row[:1]}: not a code and two labels")
        one = Treatment(*row)
        if one.code in found:
            raise InvalidVocabulary(f"{one.code}: the code is used twice")
        if one.is_class:
            last_class = one.code
        elif one.class_code != last_class:
            raise InvalidVocabulary(f"{one.code}: it does not stand below its class")
        found[one.code] = one
    return found


@cache
def _by_code() -> dict[str, Treatment]:
    text = files("vocabulary").joinpath("treatments.tsv").read_text(encoding="utf-8")
    return load(text.splitlines())
