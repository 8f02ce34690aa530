"""A member fills in the profile on a phone, and a colleague finds it; the same without scripts."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Site, Visit
from tests.imaging.engine import pictures


def add_position(page: Page, title: str, year: str) -> None:
    page.get_by_role("link", name="Add a position").click()
    page.get_by_label("Position").fill(title)
    page.get_by_label("From (year)").fill(year)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="My profile", level=1)).to_be_visible()


def test_a_profile_is_filled_in_and_found(sign_in: Visit, site: Site) -> None:
    page = sign_in("bob", width=360, height=780)
    page.goto("/me/")
    page.get_by_role("link", name="My profile", exact=True).last.click()
    for title, year in (("Registrar", "2010"), ("Consultant", "2016")):
        add_position(page, title, year)
    lines = page.locator("#position strong")
    expect(lines).to_have_text(["Consultant", "Registrar"])
    page.locator("#position").get_by_role("button", name="Move down").click()
    expect(lines).to_have_text(["Registrar", "Consultant"])
    page.get_by_label("About me").fill("I work with hair.")
    page.get_by_text("Fields that interest me").first.click()
    page.get_by_label("Hair and scalp").press("Space")
    expect(page.get_by_label("Hair and scalp")).to_be_checked()
    page.get_by_label("Add a language").select_option("tr")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    picture = {"name": "me.png", "mimeType": "image/png", "buffer": pictures.encoded(pictures.chart(400, 500), "PNG")}
    page.get_by_label("A picture of you").set_input_files([picture])  # type: ignore[list-item]
    page.get_by_role("button", name="Send the picture").click()
    expect(page.locator("#portrait-shown img")).to_be_visible(timeout=90_000)  # a job makes it; the page asks
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    reader = sign_in("alice", width=1440, height=900)
    reader.locator("summary[aria-label=Account]").click()
    reader.get_by_role("link", name="Members", exact=True).click()
    reader.get_by_label("Name", exact=True).fill("bo")
    reader.get_by_role("button", name="Search").click()
    for theme in ("light", "dark"):
        assert violations(reader, theme=theme) == []
    reader.get_by_role("link", name="Dr Bob", exact=True).click()
    expect(reader.get_by_role("heading", name="Dr Bob", level=1)).to_be_visible()
    expect(reader.get_by_text("I work with hair.")).to_be_visible()
    assert reader.locator(".portrait-256").evaluate("image => image.naturalWidth") == 256
    for theme in ("light", "dark"):
        assert violations(reader, theme=theme) == []
    reader.get_by_role("button", name="Follow Dr Bob", exact=True).click()
    expect(reader.get_by_role("button", name="Stop following Dr Bob")).to_be_visible()


def test_lines_move_and_go_without_scripts(chromium: Browser, site: Site, sign_in: Visit) -> None:
    cookies = sign_in("mod1").context.cookies()
    context = chromium.new_context(base_url=site.address, java_script_enabled=False, locale="en-GB")
    try:
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto("/me/profile/")
        for title, year in (("First", "2010"), ("Second", "2016")):
            add_position(page, title, year)
        page.locator("#position").get_by_role("button", name="Move up").click()
        expect(page.locator("#position strong")).to_have_text(["First", "Second"])
        page.locator("#position").get_by_role("button", name="Delete").first.click()
        expect(page.locator("#position strong")).to_have_text(["Second"])
    finally:
        context.close()
