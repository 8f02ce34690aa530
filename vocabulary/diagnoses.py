"""Coded diagnoses with synonyms, a small hierarchy and a search that tolerates misspelling.

The list (diagnoses.tsv) is our own; a released code never changes its meaning. In-situ carcinomas and melanomas
count as malignant, lesions of uncertain potential as premalignant. Rows without a parent are headings, which
group a branch and cannot be given as an answer. Diagnoses that the site's moderators added are read from a source that
the application names (`read_added_from`); their codes begin with ADDED_PREFIX and none of the list's does.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from rapidfuzz import fuzz

from vocabulary.folding import fold

MAX_CODE_LENGTH: Final = 40
ADDED_PREFIX: Final = "x-"
COLUMNS: Final = ("code", "label", "icd10", "nature", "parent", "synonyms", "turkish")

_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ICD10: Final = re.compile(r"[A-Z][0-9]{2}(\.[0-9])?")

# Scores of a match, 0 to 100. A prefix scores less with every character still to be typed, so that "melanoma"
# ranks before "melanoma in situ"; a corrected spelling never outranks a literal match.
_EXACT: Final = 100.0
_PREFIX: Final = 94.0
_WORDS: Final = 86.0
_TYPO: Final = 80.0
_OTHER_LANGUAGE: Final = 3.0  # deducted for a label in the language not asked for
_MIN_SIMILARITY: Final = 76.0  # of two words, 0 to 100, to count as a typing error
_MIN_TYPO_LENGTH: Final = 4  # characters; shorter words are abbreviations, and one letter makes another of them


# The order of a diagnosis's names: its labels in these languages, then the synonyms.
_LABELS: Final = ("en", "tr")


class Nature(StrEnum):
    """Nature of a disease, as coarse as the benign and malignant of statistics."""

    MALIGNANT = "malignant"
    PREMALIGNANT = "premalignant"
    BENIGN = "benign"
    INFLAMMATORY = "inflammatory"
    INFECTIOUS = "infectious"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis. `parent` is the code above it, "" for a heading."""

    code: str
    label: str
    icd10: str
    nature: Nature
    parent: str
    synonyms: tuple[str, ...]
    turkish: str

    @property
    def is_heading(self) -> bool:
        """Whether this only groups others and cannot be an answer."""
        return not self.parent

    def label_in(self, language: str) -> str:
        """Return the preferred label in a language ("tr", "tr-TR"), in English for other languages."""
        if language.lower().startswith("tr"):
            return self.turkish
        return self.label


@dataclass(frozen=True, slots=True)
class Match:
    """A search result: `label` in the requested language, `note` the other name that matched, or ""."""

    code: str
    label: str
    note: str


class UnknownDiagnosis(LookupError):
    """A code that no diagnosis has."""


class InvalidVocabulary(ValueError):
    """An inconsistent list of diagnoses; the message names the row."""


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    folded: str
    words: tuple[str, ...]


def get(code: str) -> Diagnosis:
    """Return the diagnosis or heading with this code. Raises UnknownDiagnosis.

    A code of an added diagnosis that is not known here yet has the added ones read anew: another process added it.
    """
    known = _by_code().get(code)
    if known is None and code.startswith(ADDED_PREFIX):
        read_added()
        known = _by_code().get(code)
    if known is None:
        raise UnknownDiagnosis(code)
    return known


def all() -> tuple[Diagnosis, ...]:
    """Return every diagnosis and heading, in the order of the list."""
    return tuple(_by_code().values())


def is_answerable(code: str) -> bool:
    """Whether a member may give this code as a diagnosis: it is known and not a heading."""
    try:
        return not get(code).is_heading
    except UnknownDiagnosis:
        return False


def is_malignant(code: str) -> bool:
    """Whether the diagnosis is malignant, in situ included. Raises UnknownDiagnosis."""
    return get(code).nature is Nature.MALIGNANT


def ancestors(code: str) -> tuple[Diagnosis, ...]:
    """Return parent, grandparent and so on up to the heading, nearest first. Raises UnknownDiagnosis."""
    found: list[Diagnosis] = []
    above = get(code).parent
    while above:
        diagnosis = get(above)
        found.append(diagnosis)
        above = diagnosis.parent
    return tuple(found)


def same_branch(first: str, second: str) -> bool:
    """Whether two diagnoses are the same disease, perhaps in different detail. Raises UnknownDiagnosis.

    True for equal codes and for two that share a diagnosis at or above them (nodular and superficial BCC, or
    nodular BCC and BCC). A common heading is not enough: BCC and SCC are different answers.
    """
    return first == second or bool(_lineage(first) & _lineage(second))


def search(query: str, limit: int = 10, language: str = "en") -> list[Match]:
    """Find diagnoses that a doctor may mean by a query, best first, at most `limit`.

    Searches labels, synonyms, abbreviations and Turkish names in any language; accents, British or American
    spelling, word order and typing errors do not matter. Headings are excluded.
    """
    folded = fold(query[:200])
    words = tuple(folded.split())
    if not words or limit < 1:
        return []
    similarity = {word: _similar_words(word) for word in words}
    foreign = _LABELS.index("en") if language.lower().startswith("tr") else _LABELS.index("tr")
    ranked: list[tuple[float, int, int, Match]] = []
    for place in sorted(set.intersection(*(_places(known) for known in similarity.values()))):
        diagnosis, names = _searchable()[place]
        best_score, best_rank, best_name = 0.0, 0, names[0]
        for rank, name in enumerate(names):
            score = _score(folded=folded, words=words, similarity=similarity, name=name) - _OTHER_LANGUAGE * (
                rank == foreign
            )
            if score > best_score:
                best_score, best_rank, best_name = score, rank, name
        if best_score > 0:
            label = diagnosis.label_in(language)
            note = "" if best_name.folded == fold(label) else best_name.text
            # At equal scores a label ranks before a synonym.
            ranked.append((-best_score, min(best_rank, 2), place, Match(code=diagnosis.code, label=label, note=note)))
    ranked.sort(key=lambda entry: entry[:3])
    return [match for *_, match in ranked[:limit]]


def meant_by(query: str, limit: int) -> list[Diagnosis]:
    """Return the diagnoses that a query means as a whole, at most `limit`, to search texts by their other names.

    A name in full means itself alone. A short word or a number that is no name means none: "AK" is not the beginning
    of "akne", nor "50" of anything.
    """
    folded = fold(query[:200])
    exact = _named().get(folded, [])
    if exact or len(folded) < _MIN_TYPO_LENGTH or not any(letter.isalpha() for letter in folded):
        return exact[:limit]
    return [get(match.code) for match in search(query, limit=limit)]


def load(lines: Iterable[str]) -> dict[str, Diagnosis]:
    """Parse tab-separated rows below a header of COLUMNS into code -> diagnosis. Raises InvalidVocabulary."""
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(next(reader, ())) != COLUMNS:
        raise InvalidVocabulary("the first line must name the columns")
    found: dict[str, Diagnosis] = {}
    for row in reader:
        diagnosis = _parse(row)
        if diagnosis.code in found:
            raise InvalidVocabulary(f"{diagnosis.code}: the code is used twice")
        found[diagnosis.code] = diagnosis
    _check_hierarchy(found)
    labels = Counter(label for one in found.values() for label in {one.label, f"tr:{one.turkish}"})
    for label, times in labels.items():
        if times > 1:
            raise InvalidVocabulary(f"{label}: the label is used twice")
    return found


def _parse(row: list[str]) -> Diagnosis:
    if len(row) != len(COLUMNS):
        raise InvalidVocabulary(f"{row[:1]}: {len(row)} columns instead of {len(COLUMNS)}")
    code, label, icd10, nature, parent, synonyms, turkish = row
    if not _CODE.fullmatch(code) or len(code) > MAX_CODE_LENGTH or code.startswith(ADDED_PREFIX):
        raise InvalidVocabulary(f"{code}: not a code")
    if not label or not turkish:
        raise InvalidVocabulary(f"{code}: a label is missing")
    if not _ICD10.fullmatch(icd10):
        raise InvalidVocabulary(f"{code}: not an ICD-10 code")
    if nature not in {known.value for known in Nature}:
        raise InvalidVocabulary(f"{code}: not a nature")
    return Diagnosis(
        code=code,
        label=label,
        icd10=icd10,
        nature=Nature(nature),
        parent=parent,
        synonyms=tuple(synonyms.split("|")) if synonyms else (),
        turkish=turkish,
    )


def _check_hierarchy(found: dict[str, Diagnosis]) -> None:
    for diagnosis in found.values():
        passed = {diagnosis.code}
        above = diagnosis.parent
        while above:
            if above in passed:
                raise InvalidVocabulary(f"{diagnosis.code}: its parents run in a circle")
            if above not in found:
                raise InvalidVocabulary(f"{diagnosis.code}: its parent {above} does not exist")
            passed.add(above)
            above = found[above].parent


# --- Added diagnoses


class _Added:
    """The diagnoses that were added, as they were last read, and where they are read from."""

    source: Callable[[], Iterable[Diagnosis]] | None = None
    known: tuple[Diagnosis, ...] = ()
    edition = 0  # how often they were found changed


def read_added_from(source: Callable[[], Iterable[Diagnosis]]) -> None:
    """Name the function that returns the added diagnoses, oldest first. Nothing is read until somebody needs one."""
    _Added.source = source


def read_added() -> None:
    """Read the added diagnoses anew; what was derived from the former ones is forgotten. Calls the source once."""
    found = tuple(_Added.source()) if _Added.source else ()
    if found == _Added.known:
        return
    _Added.known = found
    _Added.edition += 1
    for derived in (_by_code, _searchable, _named, _words, _similar_words, _places_by_word):
        derived.cache_clear()


def edition() -> int:
    """Return a number that changes with the added diagnoses, for whoever keeps something derived from all names."""
    return _Added.edition


@cache
def _by_code() -> dict[str, Diagnosis]:
    return _listed() | {one.code: one for one in _Added.known}


@cache
def _listed() -> dict[str, Diagnosis]:
    text = files("vocabulary").joinpath("diagnoses.tsv").read_text(encoding="utf-8")
    return load(text.splitlines())


@cache
def _searchable() -> tuple[tuple[Diagnosis, tuple[_Name, ...]], ...]:
    answerable = [diagnosis for diagnosis in all() if not diagnosis.is_heading]
    return tuple((one, tuple(_name(text) for text in (one.label, one.turkish, *one.synonyms))) for one in answerable)


@cache
def _named() -> dict[str, list[Diagnosis]]:
    found: dict[str, list[Diagnosis]] = {}
    for one, names in _searchable():
        for folded in {name.folded for name in names}:
            found.setdefault(folded, []).append(one)
    return found


def _name(text: str) -> _Name:
    folded = fold(text)
    return _Name(text=text, folded=folded, words=tuple(folded.split()))


@cache
def _words() -> tuple[str, ...]:
    return tuple(sorted({word for _, names in _searchable() for name in names for word in name.words}))


@lru_cache(maxsize=2048)
def _similar_words(word: str) -> dict[str, float]:
    """Return vocabulary words that a typed word may stand for, scored 0 to 100: 100 for a prefix, less for typos."""
    found: dict[str, float] = {}
    for known in _words():
        if known.startswith(word):
            found[known] = 100.0
        elif len(word) >= _MIN_TYPO_LENGTH <= len(known):
            # The rest of a longer word is yet to be typed, so compare with a beginning of the same length.
            similarity = max(fuzz.ratio(word, known), fuzz.ratio(word, known[: len(word)]) - 4)
            if similarity >= _MIN_SIMILARITY:
                found[known] = similarity
    return found


def _places(known: Iterable[str]) -> set[int]:
    """Return where in `_searchable` a name has one of these words: no other can score."""
    return {place for word in known for place in _places_by_word().get(word, ())}


@cache
def _places_by_word() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for place, (_diagnosis, names) in enumerate(_searchable()):
        for word in {word for name in names for word in name.words}:
            found.setdefault(word, set()).add(place)
    return {word: frozenset(places) for word, places in found.items()}


def _score(*, folded: str, words: tuple[str, ...], similarity: dict[str, dict[str, float]], name: _Name) -> float:
    if name.folded == folded:
        return _EXACT
    untyped = min(abs(len(name.folded) - len(folded)), 60) / 10
    if name.folded.startswith(folded):
        return _PREFIX - untyped
    each = [max((similarity[word].get(known, 0.0) for known in name.words), default=0.0) for word in words]
    worst = min(each)
    if not worst:
        return 0.0
    if worst == 100.0:
        return _WORDS - untyped
    return _TYPO * (sum(each) / len(each)) / 100 - untyped


def _lineage(code: str) -> frozenset[str]:
    return frozenset(one.code for one in (get(code), *ancestors(code)) if not one.is_heading)
