"""How hard a text is to read: Flesch-Kincaid grade for English, Ateşman's score for Turkish.

Sources: Kincaid, Fishburne, Rogers, Chissom (1975), Derivation of new readability formulas for Navy enlisted
personnel; Ateşman (1997), Türkçede okunabilirliğin ölçülmesi, Dil Dergisi 58. Both count words, sentences and
syllables. Patient texts should not need more than eight years of school (AHRQ, Health Literacy Universal
Precautions Toolkit).
"""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# A lone line end inside a paragraph is only where somebody's editor wrapped it.
_SENTENCE_END = re.compile(r"[.!?…:]+(?=\s|$)|\n\s*\n|\n(?=- )")
_ENGLISH_GROUP = re.compile(r"[aeiouy]+")
_TURKISH_VOWEL = re.compile(r"[aeıioöuüâîû]")

GRADE_AIM = 8.0
ATESMAN_AIM = 50.0  # below it a text is difficult in Ateşman's own words

_BANDS: tuple[tuple[float, Promise], ...] = (
    (90.0, _("very easy")),
    (70.0, _("easy")),
    (50.0, _("of medium difficulty")),
    (30.0, _("difficult")),
)


@dataclass(frozen=True)
class Reading:
    """A text's figure, what it means, and whether it is easy enough for patients.

    `value` is a school grade for English, a score from 0 (hard) to 100 (easy) for Turkish.
    """

    language: str
    value: float
    words: str | Promise
    easy_enough: bool


def reading_of(*, title: str, text: str, language: str) -> Reading:
    """The reading figure of a form. Raises KeyError for a language without a formula."""
    return _FORMULAS[language](f"{title}.\n{text}")


def flesch_kincaid_grade(text: str) -> float:
    """School grade, 0 for an empty text: 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    words = words_of(text)
    if not words:
        return 0.0
    syllables = sum(english_syllables(word) for word in words)
    return 0.39 * len(words) / sentences_in(text) + 11.8 * syllables / len(words) - 15.59


def atesman_score(text: str) -> float:
    """0 (hard) to 100 (easy): 198.825 - 40.175 syllables a word - 2.610 words a sentence; 100 for an empty text."""
    words = words_of(text)
    if not words:
        return 100.0
    syllables = sum(turkish_syllables(word) for word in words)
    score = 198.825 - 40.175 * syllables / len(words) - 2.610 * len(words) / sentences_in(text)
    return min(100.0, max(0.0, score))


def words_of(text: str) -> list[str]:
    """Runs of letters and digits; a hyphen or apostrophe inside does not end a word."""
    return _WORD.findall(text)


def sentences_in(text: str) -> int:
    """Stretches between full stops, question marks, colons, paragraphs and list items that hold a word; at least 1."""
    return max(1, sum(bool(_WORD.search(part)) for part in _SENTENCE_END.split(text)))


def english_syllables(word: str) -> int:
    """Groups of vowels without a silent ending; a rule of thumb, right for about nine words in ten."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    count = len(_ENGLISH_GROUP.findall(letters))
    silent_e = re.search(r"[^aeiouy]e$", letters) and not re.search(r"[^aeiouy]le$", letters)
    silent_ed = re.search(r"[^aeiouytd]ed$", letters)
    silent_es = re.search(r"[^aeiouyscxzgh]es$", letters)
    return max(1, count - bool(silent_e or silent_ed or silent_es))


def turkish_syllables(word: str) -> int:
    """Every Turkish syllable has exactly one vowel; a word without one counts as 1."""
    lower = word.replace("I", "ı").replace("İ", "i").lower()
    return max(1, len(_TURKISH_VOWEL.findall(lower)))


def _english(text: str) -> Reading:
    grade = round(flesch_kincaid_grade(text), 1)
    return Reading("en", grade, _("years of school"), grade <= GRADE_AIM)


def _turkish(text: str) -> Reading:
    score = round(atesman_score(text), 1)
    words = next((words for least, words in _BANDS if score >= least), _("very difficult"))
    return Reading("tr", score, words, score >= ATESMAN_AIM)


_FORMULAS = {"en": _english, "tr": _turkish}
