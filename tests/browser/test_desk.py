"""A moderator's desk: evidence beside the form, and a half-filled decision that survives whatever the browser does."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, SIZES, Site, Visit

APPLIED = """
import uuid
from tests.accounts.makers import CLEAN, claim, join
made = join(email=f"{uuid.uuid4()}@lake.example", said=claim(evidence_kind="picture"), picture=CLEAN)
print(made.pk)
"""
WORDS = "The register has another first name."


@pytest.fixture
def address(site: Site) -> str:
    """The page of an application with a picture."""
    return f"/applications/{site.run(APPLIED).split()[-1]}/"


def fill(page: Page) -> None:
    page.get_by_label("I looked the number up").check()
    page.get_by_label("Your decision").select_option("different")
    page.get_by_label("In your words").fill(WORDS)


def expect_filled(page: Page) -> None:
    expect(page.get_by_label("I looked the number up")).to_be_checked()
    expect(page.get_by_label("Your decision")).to_have_value("different")
    expect(page.get_by_label("In your words")).to_have_value(WORDS)


def test_nothing_of_a_half_filled_decision_is_lost(sign_in: Visit, address: str) -> None:
    page = sign_in("mod1", **DESKTOP)
    page.goto(address)
    fill(page)
    expect(page.locator("[data-autosave-status]")).to_have_attribute("data-state", "saved")
    page.get_by_role("button", name="Open the picture").click()
    expect(page.get_by_role("img", name="Licence or certificate")).to_be_visible()
    expect_filled(page)
    page.reload()
    expect_filled(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open it large").click()
    opened.value.close()
    second = page.context.new_page()
    second.goto(page.url)
    expect_filled(second)
    second.close()
    page.context.clear_cookies()
    page.get_by_label("In your words").fill("After the session went.")
    expect(page.locator("[data-autosave-status]")).to_contain_text("You are signed out.")
    expect(page.get_by_label("In your words")).to_have_value("After the session went.")


@pytest.mark.parametrize("size", SIZES)
def test_evidence_lies_beside_the_form_or_above_it(sign_in: Visit, address: str, size: dict[str, int]) -> None:
    page = sign_in("mod1", **size)
    page.goto(address)
    evidence = page.get_by_role("heading", name="Evidence").bounding_box()
    form = page.get_by_role("heading", name="Decide").bounding_box()
    assert evidence is not None
    assert form is not None
    assert (form["x"] > evidence["x"] + 100) is (size == DESKTOP)
    assert (form["y"] > evidence["y"]) is (size == PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
