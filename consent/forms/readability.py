"""Readability of a text: Flesch-Kincaid grade for English, Ateşman's score for Turkish.

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
# A single line end inside a paragraph is only an editor's line wrap.
_SENTENCE_END = re.compile(r"(?<![.!?…:])[.!?…:]++(?=\s|$)|\n(?:[^\S\n]*+\n)++|\n(?=- )")
_ENGLISH_GROUP = re.compile(r"[aeiouy]+")
_TURKISH_VOWEL = re.compile(r"[aeıioöuüâîû]")

GRADE_AIM = 8.0
ATESMAN_AIM = 50.0  # Ateşman calls a text below it difficult

_BANDS: tuple[tuple[float, Promise], ...] = (
    (90.0, _("very easy")),
    (70.0, _("easy")),
    (50.0, _("of medium difficulty")),
    (30.0, _("difficult")),
)


@dataclass(frozen=True)
class Readability:
    """A text's score, its meaning in words, and whether it is easy enough for patients.

    `value` is a school grade for English, a score from 0 (hard) to 100 (easy) for Turkish.
    """

    language: str
    value: float
    words: str | Promise
    easy_enough: bool


def assess_readability(*, title: str, text: str, language: str) -> Readability:
    """Return the readability of a form. Raises KeyError for a language without a formula."""
    return _FORMULAS[language](f"{title}.\n{text}")


def flesch_kincaid_grade(text: str) -> float:
    """Return the school grade, 0 for an empty text.

    0.39 words a sentence + 11.8 syllables a word - 15.59.
    """
    words = split_words(text)
    if not words:
        return 0.0
    syllables = sum(count_english_syllables(word) for word in words)
    return 0.39 * len(words) / count_sentences(text) + 11.8 * syllables / len(words) - 15.59


def atesman_score(text: str) -> float:
    """Return the score from 0 (hard) to 100 (easy), 100 for an empty text.

    198.825 - 40.175 syllables a word - 2.610 words a sentence.
    """
    words = split_words(text)
    if not words:
        return 100.0
    syllables = sum(count_turkish_syllables(word) for word in words)
    score = 198.825 - 40.175 * syllables / len(words) - 2.610 * len(words) / count_sentences(text)
    return min(100.0, max(0.0, score))


def split_words(text: str) -> list[str]:
    """Split into runs of letters and digits; a hyphen or apostrophe inside does not end a word."""
    return _WORD.findall(text)


def count_sentences(text: str) -> int:
    """Count the stretches that hold a word between full stops, question marks, colons, paragraphs and list items.

    At least 1.
    """
    return max(1, sum(bool(_WORD.search(part)) for part in _SENTENCE_END.split(text)))


def count_english_syllables(word: str) -> int:
    """Count groups of vowels without a silent ending; a rule of thumb, right for about nine words in ten."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    count = len(_ENGLISH_GROUP.findall(letters))
    silent_e = re.search(r"[^aeiouy]e$", letters) and not re.search(r"[^aeiouy]le$", letters)
    silent_ed = re.search(r"[^aeiouytd]ed$", letters)
    silent_es = re.search(r"[^aeiouyscxzgh]es$", letters)
    return max(1, count - bool(silent_e or silent_ed or silent_es))


def count_turkish_syllables(word: str) -> int:
    """Count the vowels: a Turkish syllable has exactly one; a word without any counts as 1."""
    lower = word.replace("I", "ı").replace("İ", "i").lower()
    return max(1, len(_TURKISH_VOWEL.findall(lower)))


def _assess_english(text: str) -> Readability:
    grade = round(flesch_kincaid_grade(text), 1)
    return Readability("en", grade, _("years of school"), grade <= GRADE_AIM)


def _assess_turkish(text: str) -> Readability:
    score = round(atesman_score(text), 1)
    words = next((words for least, words in _BANDS if score >= least), _("very difficult"))
    return Readability("tr", score, words, score >= ATESMAN_AIM)


_FORMULAS = {"en": _assess_english, "tr": _assess_turkish}
