"""The conduct module on a phone, by keyboard alone: guidelines, a wrong answer, all cases, the certificate."""

import json
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Site, Visit
from tests.services import missing

FORGET = """
from accounts.models import ConductRun, Member
ConductRun.objects.all().delete()
Member.objects.filter(email="bob@hospital.example").update(conduct_until=None)
"""
RESTORE = """
from datetime import date, timedelta
from accounts.models import ConductRun, Member
ConductRun.objects.all().delete()
Member.objects.filter(email="bob@hospital.example").update(conduct_until=date.today() + timedelta(days=300))
"""
STRUCTURE = """
import json
from accounts.conduct.content import load
cases = {
    language: {
        key: {"title": case.title, "right": sorted(case.right), "several": case.takes_several,
              "options": [option.key for option in case.options]}
        for key, case in load(language).cases.items()
    }
    for language in ("en", "tr")
}
print(json.dumps(cases))
"""


@pytest.fixture
def newcomer(site: Site) -> Iterator[None]:
    """Bob has never passed the module; afterwards he has again."""
    site.run(FORGET)
    yield
    site.run(RESTORE)


def tab_to(page: Page, selector: str, *, most: int = 60) -> None:
    """Press Tab until what is focused matches."""
    for _press in range(most):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"The keyboard does not reach {selector}")


def choose(page: Page, keys: list[str], case: dict[str, object]) -> None:
    """Choose these options by keyboard: arrows among radio buttons, the space bar on boxes."""
    if case["several"]:
        for key in keys:
            tab_to(page, f"#option-{key}")
            page.keyboard.press("Space")
    else:
        tab_to(page, "[name=chosen]")
        page.keyboard.press("Space")
        for _press in case["options"]:
            if page.locator(f"#option-{keys[0]}").is_checked():
                break
            page.keyboard.press("ArrowDown")
    for key in keys:
        expect(page.locator(f"#option-{key}")).to_be_checked()
    tab_to(page, "form[action$='/me/conduct/case/'] button[type=submit]")
    page.keyboard.press("Enter")


def test_the_whole_module_by_keyboard(sign_in: Visit, site: Site, newcomer: None) -> None:
    cases = json.loads(site.run(STRUCTURE))
    page = sign_in("bob", **PHONE)
    page.goto("/cases/mine/")
    tab_to(page, "main a[href='/me/conduct/']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Conduct module", level=1)).to_be_visible()
    looked_at(page)
    tab_to(page, "main a.btn-primary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Guidelines", level=1)).to_be_visible()
    looked_at(page)
    tab_to(page, "main form button[type=submit]")
    page.keyboard.press("Enter")
    for number, (key, case) in enumerate(cases["en"].items()):
        expect(page.get_by_role("heading", name=case["title"], level=1)).to_be_visible()
        if number == 0:
            looked_at(page)
            tab_to(page, "form[action$='/me/conduct/case/'] button[type=submit]")
            page.keyboard.press("Enter")
            expect(page.get_by_role("alert")).to_have_text("Choose an answer first.")
            looked_at(page)
        wrong = [name for name in case["options"] if name not in case["right"]][:1]
        choose(page, wrong if key == "closed_group" else case["right"], case)
        verdict = "Not quite." if key == "closed_group" else "Right."
        expect(page.locator("main .notice strong")).to_have_text(verdict)
        if key in ("location", "closed_group", "consent"):
            looked_at(page)
        if number == 6:
            page.goto("/")  # left in the middle, and back again
            page.goto("/me/conduct/")
        tab_to(page, "main a.btn-primary")
        page.keyboard.press("Enter")
    expect(page.get_by_text("This case once more.")).to_be_visible()
    choose(page, cases["en"]["closed_group"]["right"], cases["en"]["closed_group"])
    expect(page.locator("main .notice strong")).to_have_text("Right.")
    tab_to(page, "main a.btn-primary")
    page.keyboard.press("Enter")
    expect(page.get_by_text("11 cases right at once")).to_be_visible()
    looked_at(page)
    words = certificate_of(page)
    assert "Dr Bob" in words
    number = next(word for word in words.split() if word.count("-") == 3)
    page.goto("/certificate/")
    page.get_by_label("Number").fill(number)
    page.get_by_label("Name").fill("dr bob")
    looked_at(page)
    page.get_by_role("button", name="Check it").press("Enter")
    expect(page.get_by_role("heading", name="This certificate is genuine", level=1)).to_be_visible()
    looked_at(page)


def speak(page: Page, site: Site, language: str) -> None:
    """Change the language of the pages, as its menu does."""
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    form = {"language": language, "csrfmiddlewaretoken": str(token)}
    page.request.post("/language/", form=form, headers={"Referer": f"{site.address}/"})


def looked_at(page: Page) -> None:
    """Nothing breaks WCAG in light or dark, and nothing is wider than the phone."""
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def certificate_of(page: Page) -> str:
    """The words of the PDF behind the link, as another program reads them."""
    if shutil.which("pdftotext") is None:
        missing("pdftotext (poppler-utils)")
    address = page.get_by_role("link", name="Certificate").first.get_attribute("href")
    pdf = page.request.get(str(address)).body()
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return " ".join(text.decode().split())


def test_another_language_midway_and_the_figures(sign_in: Visit, site: Site, newcomer: None) -> None:
    cases = json.loads(site.run(STRUCTURE))
    page = sign_in("bob", **PHONE)
    page.goto("/me/conduct/guidelines/")
    page.locator("main form button[type=submit]").click()
    first, second = list(cases["en"])[:2]
    page.locator(f"#option-{cases['en'][first]['right'][0]}").check()
    page.locator("form[action$='/me/conduct/case/'] button[type=submit]").click()
    speak(page, site, "tr")
    page.goto("/me/conduct/case/")
    expect(page.get_by_role("heading", name=cases["tr"][second]["title"], level=1)).to_be_visible()
    looked_at(page)
    speak(page, site, "en")
    moderator = sign_in("mod1", **PHONE)
    moderator.goto("/conduct/figures/")
    expect(moderator.get_by_role("heading", name="Figures of the conduct module", level=1)).to_be_visible()
    looked_at(moderator)
