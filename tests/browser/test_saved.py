"""Saving a case by keyboard, finding it again, and losing it when its patient takes it back."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import Site, Visit

PLANT = """
import json
from tests.consent import making
made = making.published(title="Zebra plaque")
print(json.dumps({"case": str(made.case.pk), "consent": str(made.consent.pk)}))
"""
WITHDRAW = """
from consent.models import WithdrawnBy
from consent.records.lookup import withdraw
withdraw(consent_id="%s", by=WithdrawnBy.PATIENT)
"""
BUTTON = "Save for later"


@pytest.fixture
def planted(site: Site) -> dict[str, str]:
    """A released case and its consent."""
    return dict(json.loads(site.run(PLANT)))


def test_a_case_is_saved_found_and_lost(sign_in: Visit, site: Site, planted: dict[str, str]) -> None:
    page = sign_in("bob", width=360, height=780)
    page.goto(f"/cases/{planted['case']}/")
    button = page.get_by_role("button", name=BUTTON, exact=True)
    for pressed, said in (("true", "Saved."), ("false", "No longer"), ("true", "Saved.")):
        button.press("Enter")
        expect(button).to_have_attribute("aria-pressed", pressed)
        expect(button).to_be_focused()
        expect(page.locator("#announcer")).to_contain_text(said)
    assert page.url.endswith(f"/cases/{planted['case']}/")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    page.locator("summary[aria-label=Account]").click()
    page.get_by_role("link", name="Saved cases").click()
    expect(page.get_by_role("heading", name="Saved cases", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Zebra plaque")).to_be_visible()
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    site.run(WITHDRAW % planted["consent"])
    page.reload()
    expect(page.get_by_role("heading", name="Nothing saved yet")).to_be_visible()
    assert violations(page) == []


def test_without_scripts_the_button_is_a_form(chromium, site: Site, sign_in: Visit, planted: dict[str, str]) -> None:
    cookies = sign_in("bob").context.cookies()
    context = chromium.new_context(base_url=site.address, java_script_enabled=False, locale="en-GB")
    try:
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(f"/cases/{planted['case']}/")
        page.get_by_role("button", name=BUTTON, exact=True).click()
        expect(page.get_by_text("Saved. It is in your saved cases.")).to_be_visible()
        expect(page.get_by_role("button", name=BUTTON, exact=True)).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name=BUTTON, exact=True).click()
        expect(page.get_by_role("button", name=BUTTON, exact=True)).to_have_attribute("aria-pressed", "false")
    finally:
        context.close()
