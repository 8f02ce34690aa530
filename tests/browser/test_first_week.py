"""The first week of a member, on a phone: applying, a password, a passkey, the conduct module, the first case."""

import json
import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Site, mail_path
from tests.browser.test_conduct import STRUCTURE
from tests.browser.test_factors import add_passkey, sign_out, with_password

PASSWORD = "kettle drumming under violets"
BANNER = "Before you send your first case, pass the conduct module."
MODERATORS = """
from datetime import date, timedelta
from accounts.models import Member
for number in (1, 2):
    Member.objects.create_user(f"judge{{number}}@{name}{{number}}.example", None, name=f"Dr Judge {{number}}",
        country="TR", profession="dermatologist", institution=f"House {{number}} of {name}", is_moderator=True,
        standing="verified", verified_until=date.today() + timedelta(days=300))
"""
VOTE = """
from django.utils import timezone
from accounts.models import Application, Member
from accounts.vetting import decisions
decisions.vote(
    application=Application.objects.get(member__email="{name}@lake.example"),
    by=Member.objects.get(email="judge{number}@{name}{number}.example"),
    accept=True, reason="matches", looked_up_on=timezone.localdate(),
)
"""


@pytest.fixture
def name(site: Site) -> str:
    """A name for somebody new; two moderators who do not work with them are there."""
    name = f"nova{secrets.token_hex(4)}"
    site.run(MODERATORS.format(name=name))
    return name


def test_from_the_application_to_the_first_case(name: str, site: Site, visit_by_name: Callable[..., Page]) -> None:
    page = visit_by_name(**PHONE)
    apply(page, name)
    page.goto(mail_path(site, f"{name}@lake.example", "/join/finish/"))
    choose_password(page, name)
    with_password(page, name, PASSWORD)
    see_what_is_open_before_the_votes(page)
    for number in (1, 2):
        site.run(VOTE.format(name=name, number=number))
    page.goto("/me/application/")
    page.get_by_role("link", name="Go to the cases").click()
    add_the_passkey_that_cases_need(page)
    sign_out(page)
    sign_in_by_passkey(page)
    begin_a_case(page)
    expect(page.get_by_text(BANNER)).to_be_visible()
    page.get_by_role("link", name="To the module: ten minutes").click()
    pass_the_module(page, site)
    begin_a_case(page)
    expect(page.get_by_text(BANNER)).to_have_count(0)
    expect(page.locator("main a[href='/me/conduct/']")).to_have_count(0)
    fits(page)
    assert violations(page) == []  # last: the debugger that axe takes leaves the page without its authenticator


def fits(page: Page) -> None:
    """Nothing is wider than the phone."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def apply(page: Page, name: str) -> None:
    page.goto("/join/")
    write(page, "Your name", f"Dr {name.title()}")
    page.get_by_role("combobox", name="Profession").select_option("dermatologist")
    write(page, "Institution", "Lake Hospital")
    page.get_by_role("combobox", name="Country of the register").select_option("TR")
    write(page, "Your number in the register", name.upper())
    write(page, "Name of the register", "Medical Chamber")
    write(page, "Web address of the register", "https://register.example.org/")
    page.get_by_label("My e-mail address is at my institution").check()
    write(page, "Your e-mail address", f"{name}@lake.example")
    page.get_by_label("I accept the guidelines").check()
    fits(page)
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("heading", name="look into your mail")).to_be_visible()
    fits(page)


def write(page: Page, label: str, words: str) -> None:
    page.get_by_role("textbox", name=label).fill(words)


def choose_password(page: Page, name: str) -> None:
    """Behind the link: a password that attackers try first is refused, a good one makes the account."""
    expect(page.get_by_role("heading", name="Finish your application")).to_be_visible()
    expect(page.get_by_text(f"{name}@lake.example")).to_be_visible()
    page.get_by_label("Choose a password").first.fill("correcthorsebatterystaple")
    page.get_by_role("button", name="This is mine: finish").click()
    expect(page.get_by_role("heading", name="Finish your application")).to_be_visible()
    fits(page)
    page.get_by_label("Choose a password").first.fill(PASSWORD)
    page.get_by_role("button", name="This is mine: finish").click()
    page.wait_for_url("**/sign-in/**")


def see_what_is_open_before_the_votes(page: Page) -> None:
    """An applicant reads the state of the application, and no case."""
    page.goto("/me/application/")
    expect(page.get_by_role("heading", name="My application", level=1)).to_be_visible()
    fits(page)
    assert page.request.get("/cases/").status == 403


def add_the_passkey_that_cases_need(page: Page) -> None:
    page.goto("/cases/")
    expect(page.get_by_role("heading", name="One step before the first case")).to_be_visible()
    fits(page)
    assert len(add_passkey(page)) == 10
    page.goto("/cases/")
    expect(page).to_have_title(re.compile("Cases"))


def sign_in_by_passkey(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def begin_a_case(page: Page) -> None:
    """A draft opens at its first step: pictures."""
    page.goto("/cases/mine/")
    page.get_by_role("main").get_by_role("link", name="New case").first.click()
    expect(page.get_by_role("heading", name="New case", level=1)).to_be_visible()
    expect(page.locator("[data-upload-input]").first).to_be_attached()


def pass_the_module(page: Page, site: Site) -> None:
    """The short way: every case is answered rightly at once."""
    cases = json.loads(site.run(STRUCTURE))["en"]
    page.get_by_role("link", name="Read and begin").click()
    page.get_by_role("button", name="I have read them").click()
    for case in cases.values():
        expect(page.get_by_role("heading", name=case["title"], level=1)).to_be_visible()
        for option in case["right"]:
            page.locator(f"#option-{option}").check()
        page.get_by_role("button", name="Answer", exact=True).click()
        expect(page.locator("main .notice strong")).to_have_text("Right.")
        page.locator("main a.btn-primary").click()
    expect(page.get_by_text(f"{len(cases)} cases right at once")).to_be_visible()
