"""A site in which nobody is yet, by the lines of docs/operations.md, "The first people of a new site"."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, mail_path, running_site
from tests.browser.test_factors import add_passkey, with_password
from tests.browser.test_first_week import PASSWORD, apply, begin_a_case, choose_password

LINES = """
from django.core.management import call_command
call_command("appoint", "anna@lake.example", "administrator", name="Anna Lake")
call_command("appoint", "piet@lake.example", "officer", name="Piet Lake")
for name in ("alva", "tora"):
    call_command("appoint", f"{name}@lake.example", "member", name=f"Dr {name.title()}", profession="dermatologist",
                 institution="Lake Hospital", country="DE")
for name, house in (("mara", "Harbour Clinic"), ("noor", "Hill Clinic"), ("omid", "Bay Clinic")):
    call_command("appoint", f"{name}@{name}.example", "moderator", name=f"Dr {name.title()}",
                 profession="dermatologist", institution=house, country="DE")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Site]:
    """Nobody is in it but whom the commands appoint."""
    with running_site(tmp_path_factory.mktemp("empty"), prepared, people=LINES) as site:
        yield site


def test_from_the_first_command_to_the_first_member(site: Site, visit_by_name: Callable[..., Page]) -> None:
    anna = enter(visit_by_name(), site, "anna")
    appoint_a_second_administrator(anna)
    piet = enter(visit_by_name(), site, "piet")
    piet.goto("/consent-forms/")
    expect(piet.get_by_text("In use")).to_have_count(3)
    berk = visit_by_name()
    apply(berk, "berk")
    berk.goto(mail_path(site, "berk@lake.example", "/join/finish/"))
    choose_password(berk, "berk")
    for name in ("mara", "noor"):
        accept_the_applicant(enter(visit_by_name(), site, name, name), "Dr Berk")
    with_password(berk, "berk", PASSWORD)
    berk.goto("/me/application/")
    berk.get_by_role("link", name="Go to the cases").click()
    add_passkey(berk)
    berk.goto("/cases/")
    expect(berk.get_by_text("Be the first to ask your colleagues.")).to_be_visible()
    begin_a_case(berk)


def enter(page: Page, site: Site, name: str, house: str = "lake") -> Page:
    """Open the link in the mail, choose a password, sign in, add a passkey."""
    page.goto(mail_path(site, f"{name}@{house}.example", "/password/reset/"))
    page.get_by_role("textbox", name="New password", exact=True).fill(PASSWORD)
    page.get_by_role("textbox", name="New password once more").fill(PASSWORD)
    page.get_by_role("button", name="Set the new password").click()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    with_password(page, name, PASSWORD, house)
    add_passkey(page)
    return page


def once_more_with_the_passkey(page: Page, button: str) -> None:
    """Press a button that asks who one is first: what was typed is still there afterwards."""
    page.get_by_role("button", name=button).click()
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_text("What you typed here was not sent yet. It is back.").first).to_be_visible()
    page.get_by_role("button", name=button).click()


def appoint_a_second_administrator(page: Page) -> None:
    """It is in force at once, as long as there is one; the page says who is missing before and after."""
    page.goto("/people/")
    expect(page.get_by_text("There is one administrator.")).to_be_visible()
    expect(page.get_by_text("There is no trusted person.")).to_be_visible()
    page.get_by_label("E-mail address of the member").fill("alva@lake.example")
    page.get_by_role("radio", name="Administrator").check()
    once_more_with_the_passkey(page, "Propose")
    expect(page.get_by_text("Done: you are the only administrator.")).to_be_visible()
    expect(page.get_by_text("There is one administrator.")).to_have_count(0)
    page.get_by_label("E-mail address of the member").fill("tora@lake.example")
    page.get_by_role("radio", name="Trusted person").check()
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_text("Another administrator confirms it on this page.")).to_be_visible()


def accept_the_applicant(page: Page, name: str) -> None:
    page.goto("/applications/")
    page.get_by_role("link", name=name).click()
    page.get_by_label("I looked the number up at the register myself").check()
    page.get_by_label("Your decision").select_option(label="The register entry and the evidence agree.")
    once_more_with_the_passkey(page, "Record my decision")
    expect(page.get_by_role("heading", name="Nothing to decide")).to_be_visible()
