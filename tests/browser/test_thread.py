"""The thread in a browser: addressing with the keyboard, a reply that quotes, agreeing, and what arrives by itself."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SIZES, Site, Visit

PLANT = """
import json
from tests import factories
from tests.consent import making
from tests.consults import reading
made = making.published(title="Thread plaque")
reading.answer(made.case, factories.person("bob"), "bcc")
print(json.dumps({"case": str(made.case.pk)}))
"""
WRITE = """
from consults.discussion import comments
from consults.models import Case
from tests import factories
comments.add_comment(case=Case.objects.get(pk="%s"), by=factories.person("alice"), text="%s")
"""


@pytest.fixture
def case(site: Site) -> str:
    """A released case of alice's that bob has answered."""
    return str(json.loads(site.run(PLANT))["case"])


def write(page: Page, text: str) -> None:
    page.get_by_label("Your comment").fill(text)
    page.get_by_role("button", name="Write", exact=True).click()


@pytest.mark.parametrize("size", SIZES)
def test_a_thread(sign_in: Visit, site: Site, case: str, size: dict[str, Any]) -> None:
    page = sign_in("bob", **size)
    page.goto(f"/cases/{case}/")
    field = page.get_by_label("Your comment")
    field.press_sequentially("@ali")
    expect(page.get_by_role("listbox", name="Whom to address").get_by_role("option").first).to_contain_text("Alice")
    field.press("Enter")
    expect(field).to_have_value("@Alice ")
    field.press_sequentially("please look. **Border** and see doi:10.1000/182")
    page.get_by_role("button", name="Write", exact=True).click()
    said = page.locator("#thread .comment").first
    expect(said.get_by_role("link", name="@Alice")).to_be_visible()
    expect(said.locator("strong", has_text="Border")).to_be_visible()
    expect(said.get_by_role("link", name="doi:10.1000/182")).to_have_attribute("rel", "noopener noreferrer")

    # A refused text stays, with the sentence.
    write(page, "@Nobody Known saw her")
    expect(page.get_by_text("must name a colleague")).to_be_visible()
    expect(field).to_have_value("@Nobody Known saw her")
    field.fill("")

    # What alice writes arrives while bob types.
    page.goto(f"/cases/{case}/")
    field.fill("Half a thou")
    site.run(WRITE % (case, "It itches at night like nothing else."))
    page.evaluate("window.htmx.trigger(document.getElementById('thread'), 'rete:news')")
    expect(page.get_by_text("It itches at night")).to_be_visible()
    expect(page.locator("#comment-count")).to_have_text("2")
    expect(field).to_have_value("Half a thou")

    # Agreeing, by keyboard, and taking it back.
    agree = page.get_by_role("button", name="Agree 0")
    agree.press("Enter")
    agreed = page.get_by_role("button", name="Agree 1")
    expect(agreed).to_have_attribute("aria-pressed", "true")
    box = agreed.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # A reply that quotes what was selected.
    page.evaluate(
        """() => {
          const text = document.querySelectorAll('#thread .said')[1].querySelector('p').firstChild;
          const range = document.createRange();
          range.setStart(text, text.data.indexOf('at night'));
          range.setEnd(text, text.data.indexOf(' like'));
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    page.locator("#thread .comment").nth(1).locator("[data-act=quote]").click()
    expect(page.get_by_text("Your comment quotes it.")).to_be_visible()
    write(page, "Only then?")
    reply = page.locator(".replies .comment")
    reply.locator("summary").click()
    expect(reply.locator("blockquote")).to_have_text("at night")

    # Keys, from comment to comment.
    page.locator("#thread .comment").first.focus()
    page.keyboard.press("j")
    expect(page.locator("#thread .comment").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Change your comment")).to_be_visible()
