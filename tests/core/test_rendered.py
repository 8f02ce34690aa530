"""Pieces of pages that are rendered once: nobody gets another's, none outlives its time."""

import pytest
from django.utils import translation

from consults.browse.facets import Chip, Facet
from consults.browse.feed import Badge, CaseCard
from core import rendered as module
from core.rendered import rendered


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which pieces were really rendered."""
    asked: list[str] = []
    real = module.get_template
    monkeypatch.setattr(module, "get_template", lambda name: asked.append(name) or real(name))
    monkeypatch.setattr(module, "_kept", module._Kept())
    return asked


def card(title: str, *badges: Badge) -> CaseCard:
    from uuid import UUID

    return CaseCard(
        pk=UUID(int=1), href="/", title=title, site="Elbow", age_band="Adult", question="What?", answers=1,
        answered="1 answer", posted="now", badges=badges,
    )  # fmt: skip


def test_the_same_value_is_rendered_once(counted: list[str]) -> None:
    assert card("One").html == card("One").html
    assert len(counted) == 1


@pytest.mark.parametrize("other", [card("Two"), card("One", Badge("Yours"))])
def test_whatever_differs_is_rendered_anew(other: CaseCard) -> None:
    assert card("One").html != other.html


def test_words_are_escaped() -> None:
    assert "&lt;b&gt;" in card("<b>").html


def test_each_language_has_its_own(counted: list[str]) -> None:
    for language in ("en", "tr", "en"):
        with translation.override(language):
            _ = card("One").html
    assert len(counted) == 2


def test_a_facet_leads_to_the_cases() -> None:
    chip = Chip(value="open", label="Open", count=3, on=False, href="?status=open")
    facet = Facet(name="status", title="Status", chips=(chip,))
    assert 'hx-get="/cases/?status=open"' in facet.html
    assert "3+" not in facet.html


def test_what_was_kept_is_forgotten_after_a_while(counted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _ = card("One").html
    now = module.time.monotonic() + module.KEPT_SECONDS + 1
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    _ = card("Two").html
    assert [key[3] for key in module._kept._pieces] == [card("Two")]


def test_no_more_is_kept_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    for number in range(5):
        _ = card(str(number)).html
    assert len(module._kept._pieces) <= 3


def test_the_value_is_the_only_variable() -> None:
    assert rendered("partials/case_card.html", "other", card("One")).count("One") == 0
