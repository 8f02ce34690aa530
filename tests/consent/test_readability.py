"""Readability figures against counts made by hand, and the standard form against its own aim."""

import pytest

from consent.forms import standard_form
from consent.forms.readability import (
    assess_readability,
    atesman_score,
    count_english_syllables,
    count_sentences,
    count_turkish_syllables,
    flesch_kincaid_grade,
    split_words,
)


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("cat", 1),
        ("use", 1),
        ("table", 2),
        ("covered", 2),
        ("painted", 2),
        ("pictures", 2),
        ("noses", 2),
        ("dermatologist", 5),
        ("the", 1),
        ("hm", 1),
        ("2024", 1),
    ],
)
def test_english_syllables(word: str, syllables: int) -> None:
    assert count_english_syllables(word) == syllables


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("göz", 1), ("hekim", 2), ("IŞIK", 2), ("İzin", 2), ("fotoğraflarınız", 6), ("KVKK", 1), ("hâlâ", 2)],
)
def test_turkish_syllables(word: str, syllables: int) -> None:
    assert count_turkish_syllables(word) == syllables


def test_words_and_sentences() -> None:
    said = "It’s well-known. Is it?\n\nRead this:\n- One\n- Two wrapped\nlines."
    assert split_words("It’s well-known.") == ["It’s", "well-known"]
    assert count_sentences(said) == 5
    assert (count_sentences(""), split_words("— …")) == (1, [])


def test_figures_by_hand() -> None:
    # 6 words, 1 sentence, 6 syllables; 4 words, 1 sentence, 9 syllables.
    assert flesch_kincaid_grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)
    assert atesman_score("Hekim gözlerinizi dikkatle kapatır.") == pytest.approx(198.825 - 40.175 * 13 / 4 - 2.610 * 4)
    assert (flesch_kincaid_grade(""), atesman_score("")) == (0.0, 100.0)
    assert atesman_score("a. b.") == 100.0


@pytest.mark.parametrize("language", standard_form.TEXTS)
@pytest.mark.parametrize("code", standard_form.ALL_TEXTS)
def test_the_standard_form_is_easy_enough_for_each_reader(code: str, language: str) -> None:
    title, words = standard_form.ALL_TEXTS[code][language]
    assert assess_readability(title=title, text=words, language=language).easy_enough


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            "Notwithstanding aforementioned dermatopathological considerations, possibilities remain.",
        ),
        (
            "tr",
            "Değerlendirilebilirliği dermatopatolojik değerlendirmelerin kişiselleştirilmesi gerekmektedir.",
        ),
    ],
)
def test_hard_words_are_called_hard(language: str, words: str) -> None:
    reading = assess_readability(title=words, text=words, language=language)
    assert not reading.easy_enough
    assert str(reading.words)
