"""Plans, own words and urgency in a browser: at both sizes, by keyboard, and without scripts."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SIZES, Site, Visit

PLANT = """
import json
from consults.discussion import answers
from consults.models import Plan
from tests import factories
from tests.consent import making
made = making.published(title="%s", question="%s")
second = dict(biopsy="no") if "%s" == "biopsy" else dict(observe="6w")
for plan in (dict(biopsy="punch", biopsy_where="the edge"), second):
    answers.answer(case=made.case, by=factories.member(), plan=Plan(**plan))
print(json.dumps({"case": str(made.case.pk)}))
"""


def plant(site: Site, title: str, question: str) -> str:
    """The address of a released case with two plans."""
    return f"/cases/{json.loads(site.run(PLANT % (title, question, question)))['case']}/"


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("size", SIZES)
def test_a_plan_is_given_blind_and_counted(sign_in: Visit, site: Site, size: dict[str, int]) -> None:
    address = plant(site, f"Plan {size['width']}", "management")
    page = sign_in("bob", **size)
    page.goto(address)
    expect(page.get_by_role("heading", name="What colleagues would do")).to_have_count(0)
    assert fits(page)
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    page.get_by_label("Biopsy", exact=True).select_option("punch")
    page.get_by_label("Treat with").select_option("clobetasol")
    page.get_by_label("In your own words").fill("Biopsy first.")
    page.get_by_role("button", name="Save my answer").press("Enter")
    expect(page.get_by_role("heading", name="What colleagues would do")).to_be_visible()
    expect(page.get_by_text("2 of 3").first).to_be_visible()
    expect(page.get_by_text("Clobetasol propionate").first).to_be_visible()
    assert fits(page)
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []


def test_own_words_wait_and_are_decided(sign_in: Visit, site: Site) -> None:
    address = plant(site, "Wooden", "biopsy")
    page = sign_in("bob", width=360, height=780)
    page.goto(address)
    page.get_by_label("Excisional biopsy").check()
    page.get_by_text("The list lacks my diagnosis").press("Enter")
    page.get_by_label("Your diagnosis", exact=True).fill("Wooden skin disease")
    page.locator("#own-confidence-sure").check()
    page.get_by_role("button", name="Save my answer").click()
    expect(page.get_by_text("“Wooden skin disease” waits for a moderator.")).to_be_visible()

    other = sign_in("mod1", width=360, height=780)
    other.goto("/moderation/terms/")
    expect(other.get_by_text("that you may still answer")).to_be_visible()  # those of other tests too
    expect(other.get_by_role("link", name="Wooden skin disease")).to_have_count(0)
    other.goto(address)
    other.get_by_role("button", name="I only want to read").click()
    other.get_by_role("button", name="Only read").click()
    expect(other.get_by_role("heading", name="What colleagues would do")).to_be_visible()
    other.goto("/moderation/terms/")
    assert violations(other) == []
    other.get_by_role("link", name="Wooden skin disease").click()
    for theme in ("light", "dark"):
        assert violations(other, theme=theme) == []
    assert fits(other)
    other.get_by_label("The name that is meant").fill("lichen planus")
    other.locator("[role=listbox] [role=option]").first.click()
    other.get_by_role("button", name="This one is meant").click()
    expect(other.get_by_text("Decided. The member is told.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("waits for a moderator")).to_have_count(0)
    expect(page.get_by_text("Lichen planus").first).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_a_case_is_marked_and_not_any_more(sign_in: Visit, site: Site, size: dict[str, int]) -> None:
    address = plant(site, f"Urgent {size['width']}", "management")
    page = sign_in("alice", **size)
    page.goto(address)
    page.get_by_role("link", name="I need an answer soon").click()
    assert fits(page)
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    page.get_by_label("This week").check()
    page.get_by_label("A procedure is planned").check()
    page.get_by_role("button", name="Mark the case").click()
    expect(page.get_by_text("Rete is no emergency service")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="It is not urgent any more").click()
    expect(page.get_by_text("A procedure is planned")).to_have_count(0)
    for other in ("/me/rota/", "/cases/waiting/"):
        page.goto(other)
        assert fits(page)
        for theme in ("light", "dark"):
            assert violations(page, theme=theme) == []


def test_without_scripts(chromium, site: Site, sign_in: Visit) -> None:
    address = plant(site, "No scripts", "management")
    cookies = sign_in("bob").context.cookies()
    context = chromium.new_context(base_url=site.address, java_script_enabled=False, locale="en-GB")
    try:
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(address)
        page.get_by_role("button", name="Save my answer").click()
        expect(page.get_by_text("Choose at least one: observe, biopsy, treat or refer.")).to_be_visible()
        page.get_by_label("Refer to").select_option("mohs")
        page.get_by_text("The list lacks my diagnosis").click()
        page.get_by_label("Your diagnosis", exact=True).fill("Another skin disease")
        page.locator("#own-confidence-guess").check()
        page.get_by_role("button", name="Save my answer").click()
        expect(page.get_by_text("“Another skin disease” waits for a moderator.")).to_be_visible()
        expect(page.get_by_text("Mohs surgery").first).to_be_visible()
    finally:
        context.close()
