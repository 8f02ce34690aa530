"""Every pattern, and everything that reads what people write, takes time in step with the length of the text.

Threat: two texts of 400 kB kept both web workers busy for as long as anybody waited.
"""

import re
from collections.abc import Callable

import pytest

from consent.forms.readability import assess_readability
from consults.withdrawal.redaction import find_quotations
from core.logs import redact_text
from screening import identifiers, names
from screening.normalise import normalise
from tests import linear
from vocabulary import folding

PATTERNS = linear.patterns("screening", "vocabulary", "consults", "core", "consent", "accounts", "audit", "compliance")


def test_the_patterns_are_found() -> None:
    """A rule that is added is timed without anybody thinking of it."""
    assert len(PATTERNS) >= len(identifiers._RULES)
    found = {(one.pattern, one.flags) for one in PATTERNS.values()}
    assert {(rule.pattern.pattern, rule.pattern.flags) for rule in identifiers._RULES} <= found
    assert names._WORD.pattern in {text for text, _flags in found}
    assert r"\D" in {text for text, _flags in found}, "written in a call, in screening/identifiers.py"


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_linear(name: str) -> None:
    work = linear.find_all(PATTERNS[name])
    grows = {attack: linear.growth(work, make) for attack, make in linear.attacks(PATTERNS[name]).items()}
    assert {attack: round(by, 1) for attack, by in grows.items() if by > linear.MOST_GROWTH} == {}


@pytest.mark.parametrize("text", [r"\s*a?\s*b", r"(?:a|b)+c", r"(\w+)\s*,", r"\bx\s*(?:y\s*)?\s*z"])
def test_a_pattern_that_is_not_is_seen(text: str) -> None:
    pattern = re.compile(text)
    work = linear.find_all(pattern)
    assert max(linear.growth(work, make) for make in linear.attacks(pattern).values()) > linear.MOST_GROWTH


READERS: dict[str, Callable[[str], object]] = {
    "identifiers": identifiers.find,
    "names": names.find,
    "normalise": normalise,
    "quotations": lambda text: find_quotations(text, of=[text]),
    "readability of English": lambda text: assess_readability(title="", text=text, language="en"),
    "readability of Turkish": lambda text: assess_readability(title="", text=text, language="tr"),
    "folding": folding.fold,
    "paths in logs": redact_text,
}
TEXTS = (
    *("a", "A", "1", " ", ".", "-", "\n", "@", "'", "/", "e\u0301", "\u0301", "\u0301\u0323", "\u200b"),
    *("Aa ", "1 ", "a. ", "tel ", "Aa Bb. ", "a@b.de ", "www.a.de ", "doi.org/a ", "doi.org/a 01.02.2020 ", "a\n"),
    *("Mr. Aa Bb ", "Rosalind Franklin ", "see Rosalind Franklin, ", "patient 1 ", "7 ", "+1 ", "S. ", "my own "),
)


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_is_linear(reader: str) -> None:
    grows = {text: linear.growth(READERS[reader], lambda size, text=text: text * (size // len(text))) for text in TEXTS}
    assert {text: round(by, 1) for text, by in grows.items() if by > linear.MOST_GROWTH} == {}
