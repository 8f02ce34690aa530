"""The texts: the same structure in both languages, complete, plain, short, and drawn."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils.html import escape
from reportlab.pdfbase.pdfmetrics import stringWidth

from accounts.conduct import content, drawings
from accounts.conduct.content import BadContent, ConductCase, load
from consent.forms import readability
from core import pdf

LANGUAGES = ("en", "tr")
PAIRS = [(language, key) for language in LANGUAGES for key in load().cases]
WORDS_A_MINUTE = 200


def words_of(text: str) -> int:
    return len(readability.split_words(text))


def texts(case: ConductCase) -> list[str]:
    options = [words for option in case.options for words in (option.text, option.why)]
    return [case.topic, *case.guide, case.title, case.story, case.question, case.picture, *options]


def test_there_are_twelve_cases_in_every_language_of_the_site() -> None:
    assert set(LANGUAGES) == set(content.LANGUAGES) == {code for code, _name in settings.LANGUAGES}
    assert [len(load(language).cases) for language in LANGUAGES] == [12, 12]
    assert len({(load(language).version, load(language).minutes) for language in LANGUAGES}) == 1


def test_the_languages_share_their_structure() -> None:
    english, turkish = (load(language).cases for language in LANGUAGES)
    assert list(english) == list(turkish)
    for key, case in english.items():
        other = turkish[key]
        assert [option.key for option in case.options] == [option.key for option in other.options]
        assert (case.right, case.sources, case.drawing) == (other.right, other.sources, other.drawing)
        assert set(case.labels) == set(other.labels)
        assert len(case.guide) == len(other.guide)


@pytest.mark.parametrize(("language", "key"), PAIRS)
def test_a_case_is_complete(language: str, key: str) -> None:
    case = load(language).cases[key]
    assert 3 <= len(case.options) <= 4
    assert 1 <= len(case.right) < len(case.options)
    assert case.sources
    assert 2 <= len(case.guide) <= 4
    assert [text for text in texts(case) if text != text.strip() or not text] == []
    assert [text for text in texts(case) if text not in (case.topic, case.title) and text[-1] not in ".?!”"] == []
    assert len({option.text for option in case.options}) == len(case.options)
    assert len({option.why for option in case.options}) == len(case.options)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_was_left_in_the_other_language(language: str) -> None:
    mine = [text for case in load(language).cases.values() for text in texts(case)]
    others = [
        text for other in LANGUAGES if other != language for case in load(other).cases.values() for text in texts(case)
    ]
    assert set(mine) & set(others) == set()


@pytest.mark.parametrize(("language", "key"), PAIRS)
def test_a_case_is_as_easy_to_read_as_what_patients_sign(language: str, key: str) -> None:
    case = load(language).cases[key]
    found = readability.assess_readability(title=case.title, text=" ".join(texts(case)), language=language)
    assert found.easy_enough, found.value


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_takes_ten_minutes(language: str) -> None:
    module = load(language)
    read = 0
    for case in module.cases.values():
        why = [option.why for option in case.options if option.is_right]
        options = [option.text for option in case.options]
        read += sum(map(words_of, [*case.guide, case.title, case.story, case.question, *options, *why]))
    assert read <= module.minutes * WORDS_A_MINUTE


def test_the_right_answer_is_not_always_at_the_same_place() -> None:
    places = [
        next(n for n, o in enumerate(case.options) if o.is_right)
        for case in load().cases.values()
        if not case.takes_several
    ]
    assert {places.count(place) for place in range(4)} <= {1, 2, 3, 4}
    assert len(places) >= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_right_answer_is_not_to_be_known_by_its_length(language: str) -> None:
    singles = [case for case in load(language).cases.values() if not case.takes_several]
    longest = [case.key for case in singles if max(case.options, key=lambda option: len(option.text)).is_right]
    assert len(longest) <= len(singles) / 3, longest


def test_every_source_is_named_whole_and_used() -> None:
    raw = content._read("module")
    used = {name for case in raw["cases"] for name in case["sources"]}
    assert used == set(raw["sources"])
    for case in load().cases.values():
        for source in case.sources:
            assert source.body
            assert source.title
            assert 1948 <= source.year <= 2026


@pytest.mark.parametrize(
    "text", ["AMA", "GDPR", "KVKK", "HIPAA", "World Medical", "General Medical Council", "State Medical Boards"]
)
def test_the_sources_that_dermatologists_ask_for_are_there(text: str) -> None:
    raw = (content.FOLDER / "module.toml").read_text(encoding="utf-8")
    assert text in raw.replace("American Medical Association", "AMA").replace(
        "General Data Protection Regulation", "GDPR"
    )


def test_another_language_gets_english() -> None:
    assert load("de") is load("en")
    assert load("") is load("en")


BROKEN: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda text: text["cases"].pop("child"), "en: child"),
    (lambda text: text["cases"].update(more={}), "en: more"),
    (lambda text: text["cases"]["child"]["options"].pop("unnoticed"), "en, child: unnoticed"),
]


@pytest.mark.parametrize(("spoil", "says"), BROKEN)
def test_texts_that_do_not_fit_are_refused(
    monkeypatch: pytest.MonkeyPatch, spoil: Callable[[dict[str, Any]], object], says: str
) -> None:
    found = {name: content._read(name) for name in ("module", "en")}
    spoil(found["en"])
    monkeypatch.setattr(content, "_read", found.__getitem__)
    with pytest.raises(BadContent, match=re.escape(says)):
        load.__wrapped__("en")


def test_a_right_answer_that_is_no_option_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {name: content._read(name) for name in ("module", "en")}
    found["module"]["cases"][0]["right"] = ["forged"]
    monkeypatch.setattr(content, "_read", found.__getitem__)
    with pytest.raises(BadContent, match="forged"):
        load.__wrapped__("en")


# --- Drawings


def test_every_case_has_a_drawing_of_its_own() -> None:
    used = [case.drawing for case in load().cases.values()]
    assert sorted(used) == sorted(drawings.names())


@pytest.mark.parametrize(("language", "key"), PAIRS)
def test_a_drawing_is_always_the_same_and_uses_every_label(language: str, key: str) -> None:
    case = load(language).cases[key]
    drawn = [drawings.draw(case.drawing, labels=case.labels, description=case.picture) for _time in range(2)]
    assert drawn[0] == drawn[1]
    assert 'role="img"' in drawn[0]
    assert "style=" not in drawn[0]
    for words in (*case.labels.values(), case.picture):
        assert escape(words) in drawn[0]


SIZES = {"label": 12, "small": 12, "shout": 18, "on-device": 11}  # as in conduct.css; others have 13
BOLD = ("bold", "shout")


@pytest.mark.parametrize(("language", "key"), PAIRS)
def test_words_stay_inside_what_they_are_written_on(language: str, key: str) -> None:
    pdf.register_fonts()
    case = load(language).cases[key]
    drawn = drawings.draw(case.drawing, labels=case.labels, description="")
    number = r'"([\d.]+)"'
    boxes = [
        tuple(map(float, found))
        for found in re.findall(rf"<rect [^>]*x={number} y={number} width={number} height={number}", drawn)
    ]
    for css, x, foot, anchor, words in re.findall(
        rf'<text class="k-([\w-]+)" x={number} y={number} text-anchor="(\w+)">([^<]*)</text>', drawn
    ):
        size = SIZES.get(css, 13)
        width = stringWidth(unescape(words), pdf.BOLD if css in BOLD else pdf.TEXT, size)
        left = float(x) - width / 2 if anchor == "middle" else float(x)
        on = [box for box in boxes if box[0] < float(x) < box[0] + box[2] and box[1] < float(foot) < box[1] + box[3]]
        box = min(on, key=lambda box: box[2] * box[3], default=(0, 0, drawings.WIDTH, drawings.HEIGHT))
        assert box[0] + 3 <= left, words
        assert left + width <= box[0] + box[2] - 3, words
        assert float(foot) + 3 <= box[1] + box[3], words


def test_labels_are_escaped() -> None:
    drawn = drawings.draw("guardian_and_child", labels={"no": "<script>"}, description='"><script>')
    assert "<script" not in drawn


def test_an_unknown_drawing_and_a_missing_label_raise() -> None:
    with pytest.raises(drawings.UnknownDrawing):
        drawings.draw("nothing", labels={}, description="")
    with pytest.raises(KeyError):
        drawings.draw("pair", labels={}, description="")


def test_every_class_of_a_drawing_has_its_colour() -> None:
    styles = Path(settings.BASE_DIR, "static", "accounts", "conduct.css").read_text(encoding="utf-8")
    for case in load().cases.values():
        drawn = drawings.draw(case.drawing, labels=case.labels, description="")
        shapes = set(re.findall(r'<(?:rect|ellipse|path) class="(k-[a-z0-9-]+)"', drawn))
        assert {css for css in shapes if not re.search(rf"\.{css}\b(?!-)", styles)} == set()
