"""Second factors in a browser with a virtual authenticator: enrolling, signing in, codes, losing everything."""

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, PHONE, Site, mail_path
from tests.factors import app_code

MAKE = """
from datetime import date, timedelta
from accounts.models import Member
who = {{"{name}": False, "{name}mod1": True, "{name}mod2": True}}
for name, is_moderator in who.items():
    Member.objects.create_user(f"{{name}}@lake.example", "{password}", name=f"Dr {{name.title()}}", country="TR",
        profession="dermatologist", institution=name, is_moderator=is_moderator, standing="verified",
        verified_until=date.today() + timedelta(days=300))
"""
A_DAY_LATER = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Recovery
from accounts.security.recovery import service
Recovery.objects.update(effective_at=timezone.now() - timedelta(seconds=1))
service.take_effect()
"""
FORGET_CODES = """
from django.core.cache import cache
cache.clear()
"""


@pytest.fixture
def person(site: Site) -> str:
    """Somebody new without a factor, and two moderators beside them; their addresses begin with this name."""
    name = f"ada{secrets.token_hex(4)}"
    site.run(MAKE.format(name=name, password=PASSWORD))
    return name


def with_password(page: Page, name: str, password: str = PASSWORD, house: str = "lake") -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(f"{name}@{house}.example")
    page.get_by_label("Password").first.fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in/"))


def sign_out(page: Page) -> None:
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/sign-out" not in url)


def keep_codes(page: Page) -> list[str]:
    """The recovery codes that the page shows; they are acknowledged."""
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    found = page.locator(".recovery-codes code").all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    page.wait_for_url(lambda url: "/codes/" not in url)
    return found


def add_passkey(page: Page) -> list[str]:
    page.goto("/me/security/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    return keep_codes(page)


def add_app(page: Page) -> tuple[str, list[str]]:
    page.goto("/me/security/app/")
    secret = page.locator(".typed-key").inner_text().replace(" ", "")
    page.get_by_label("Code that the app shows").fill(app_code(secret))
    page.get_by_role("button", name="Use this app").click()
    return secret, keep_codes(page)


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_passkey_from_the_first_sign_in(
    person: str, size: dict[str, int], visit_by_name: Callable[..., Page]
) -> None:
    page = visit_by_name(**size)
    with_password(page, person)
    expect(page.get_by_role("heading", name="Sign-in security")).to_be_visible()
    page.goto("/cases/")
    expect(page.get_by_role("heading", name="One step before the first case")).to_be_visible()
    page.get_by_role("link", name="Set it up").click()
    codes = add_passkey(page)
    assert len(codes) == 10
    page.goto("/cases/")
    expect(page).to_have_title(re.compile("Cases"))
    sign_out(page)
    page.goto("/sign-in/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/cases/")
    expect(page).to_have_title(re.compile("Cases"))
    # And as the second step after the password.
    sign_out(page)
    with_password(page, person)
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    # Again before a change, when a while has passed, is tested without a browser.
    page.goto("/me/security/")
    expect(page.get_by_text("10 codes are left.")).to_be_visible()


def test_an_app_and_a_recovery_code(person: str, site: Site, visit_by_name: Callable[..., Page]) -> None:
    page = visit_by_name()
    with_password(page, person)
    secret, codes = add_app(page)
    sign_out(page)
    with_password(page, person)
    page.get_by_label("Code of your app, or a recovery code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not right")
    page.get_by_label("Code of your app, or a recovery code").fill(app_code(secret, step=1))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    sign_out(page)
    with_password(page, person)
    page.get_by_label("Code of your app, or a recovery code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("You used a recovery code; 9 are left.")).to_be_visible()
    page.get_by_role("button", name="Make new codes").click()
    page.get_by_role("dialog").get_by_role("button", name="Make new codes").click()
    assert set(keep_codes(page)).isdisjoint(codes)


def test_losing_everything(person: str, site: Site, visit_by_name: Callable[..., Page]) -> None:
    page = visit_by_name()
    with_password(page, person)
    add_app(page)
    sign_out(page)
    page.goto("/sign-in/")
    page.get_by_role("link", name="I have lost my passkey and my phone").click()
    page.get_by_label("E-mail address").fill(f"{person}@lake.example")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(mail_path(site, f"{person}@lake.example", "/sign-in/lost/"))
    page.get_by_role("button", name="Yes, it was me").click()
    expect(page.get_by_text("Two moderators are going to reach you")).to_be_visible()
    for number in (1, 2):
        moderator = visit_by_name()
        with_password(moderator, f"{person}mod{number}")
        add_passkey(moderator)
        moderator.goto("/recoveries/")
        moderator.get_by_role("link", name=f"Dr {person.title()}", exact=True).click()
        decide(moderator)
        # Sent without reauthentication: asked for the passkey, and nothing that was chosen is lost.
        expect(moderator.get_by_role("heading", name="Is it you?")).to_be_visible()
        moderator.get_by_role("button", name="Use my passkey").click()
        expect(moderator.get_by_label("It is the member")).to_be_checked()
        moderator.get_by_role("button", name="Record what I found").click()
        expect(moderator.get_by_role("heading", name="Accounts to recover")).to_be_visible()
    site.run(A_DAY_LATER)
    page.goto(mail_path(site, f"{person}@lake.example", "/password/reset/key/"))
    fresh = "kettle drumming under violets"
    page.get_by_label("New password").first.fill(fresh)
    page.get_by_label("New password once more").fill(fresh)
    page.get_by_role("main").get_by_role("button").first.click()
    site.run(FORGET_CODES)
    with_password(page, person, fresh)
    expect(page.get_by_role("heading", name="Sign-in security")).to_be_visible()
    add_passkey(page)
    page.goto("/cases/")
    expect(page).to_have_title(re.compile("Cases"))


def decide(page: Page) -> None:
    page.get_by_label("It is the member").check()
    page.get_by_label("I looked the member up").check()
    page.get_by_label("Called a number that the register gives").check()
    page.get_by_role("button", name="Record what I found").click()
