"""Tags: two tiers that name no disease, found by code and name in both languages; the guess of a text's language."""

import pytest

from vocabulary import diagnoses, interests, tags, terms, text_language
from vocabulary.folding import fold


def test_no_tag_of_an_open_case_names_a_diagnosis() -> None:
    names = {
        fold(name)
        for one in diagnoses.all()
        if not one.is_heading
        for name in (one.code, one.label, one.turkish, *one.synonyms)
    }
    for code in tags.codes():
        assert not names & {fold(code), fold(tags.label(code))}, code


def test_codes_are_unique_and_no_more_than_fit() -> None:
    assert len(set(tags.codes())) == len(tags.codes())
    longest = sorted(tags.codes(), key=len)[-tags.MOST :]
    assert len(" ".join(longest)) <= 160
    assert len(" ".join(terms.Stain.values)) <= 240
    assert len(" ".join(terms.DermoscopyMode.values)) <= 80


def test_topics_that_members_are_interested_in_have_the_same_code() -> None:
    same = set(tags.Topic.values) & set(interests.Subspecialty.values)

    assert {"hair", "nails", "oral", "genital", "paediatric", "wounds", "surgery"} <= same
    assert set(tags.codes()) <= set(tags.topics_to_follow())
    assert all(tags.name_of_topic(code) != code for code in tags.topics_to_follow())


@pytest.mark.parametrize(
    ("query", "language", "first"),
    [
        ("#hair", "en", "tag:hair"),
        ("hai", "en", "tag:hair"),
        ("pigment", "en", "tag:pigmented-lesions"),
        ("lesions", "en", "tag:pigmented-lesions"),  # the beginning of a later word
        ("plaq", "en", "morphology:plaque"),
        ("melanoma", "en", "diagnosis:melanoma"),
        ("dermpath", "tr", "tag:dermpath"),
        ("wounds", "de", "tag:wounds"),  # another language gets English
    ],
)
def test_search(query: str, language: str, first: str) -> None:
    assert tags.search(query, language=language)[0].code == first


@pytest.mark.parametrize("query", ["", "#", "  ", "qqqqqq"])
def test_search_that_finds_nothing(query: str) -> None:
    assert tags.search(query) == []


def test_search_returns_no_more_than_asked() -> None:
    assert tags.search("hair", limit=0) == []
    assert len(tags.search("a", limit=3)) <= 3


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("#hair", ("tag", "hair")),
        ("#Hair", ("tag", "hair")),
        ("#pigmentedlesions", ("tag", "pigmented-lesions")),
        ("#pigmented-lesions", ("tag", "pigmented-lesions")),
        ("#plaque", ("morphology", "plaque")),
        ("#melanoma", ("diagnosis", "melanoma")),
        ("#xyzzy", None),
        ("#", None),
        ("", None),
    ],
)
def test_what_a_word_with_a_hash_means(word: str, meant: tuple[str, str] | None) -> None:
    found = tags.meant_by(word)

    assert (found and (found.facet, found.value)) == meant


@pytest.mark.parametrize(
    ("code", "above"), [("melanoma", "melanocytic-tumour"), ("melanocytic-tumour", "melanocytic-tumour")]
)
def test_groups_of_a_diagnosis(code: str, above: str) -> None:
    assert tags.groups_of(code)[0] == code
    assert tags.groups_of(code)[-1] == above


def test_an_unknown_diagnosis_has_no_groups() -> None:
    assert tags.groups_of("unknown") == tags.groups_of("") == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Slowly growing plaque on the shin", "en"),
        ("Bacakta yavaş büyüyen plak, iki yıldır var", "tr"),
        ("Yüzde kaşıntılı lezyon", "tr"),
        ("Plaque", ""),
        ("", ""),
        ("123 ++ 4", ""),
    ],
)
def test_guess_of_a_language(text: str, language: str) -> None:
    assert text_language.guess(text) == language


@pytest.mark.parametrize(
    ("monk", "tone"), [(None, ""), (1, "light"), (3, "light"), (4, "medium"), (6, "medium"), (7, "dark"), (10, "dark")]
)
def test_tone(monk: int | None, tone: str) -> None:
    assert terms.tone_of(monk) == tone
