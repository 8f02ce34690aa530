"""Leaving with a copy of one's data, ending a session from another browser, and a suspension at the next picture."""

import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PASSWORD, PHONE, SIZES, Site, Visit

MEMBER = """
from datetime import date, timedelta
from accounts.models import Member
Member.objects.create_user("%s@hospital.example", "%s", name="Dr %s Zyxomma", country="TR", standing="verified",
                           profession="dermatologist", verified_until=date.today() + timedelta(days=300))
"""
PLANT = """
import json
from accounts.models import Member
from consults.models import Comment
from tests.consent import making
from tests.consults import reading
leaver = Member.objects.get(email="%s@hospital.example")
case = making.published(title="Lemur plaque").case
reading.answer(case, leaver, "psoriasis-vulgaris")
reading.answer(case, Member.objects.get(email="bob@hospital.example"), "psoriasis-vulgaris")
Comment.objects.create(case=case, author=leaver, text="I would take a biopsy.")
from imaging.models import Rendition
picture = Rendition.objects.filter(photo__placement__case=case, name="display").first()
print(json.dumps({"case": str(case.pk), "picture": str(picture.pk)}))
"""
DUE = """
from datetime import timedelta
from django.utils import timezone
from accounts.leaving import service
from accounts.models import Leaving
Leaving.objects.filter(state="asked").update(due_at=timezone.now() - timedelta(seconds=1))
print(service.begin_due())
"""
SUSPEND = """
from accounts.membership.lifecycle import suspend
from accounts.models import Member
suspend(member=Member.objects.get(email="%s@hospital.example"), by=Member.objects.get(email="mod1@hospital.example"),
        reason="security")
"""
NAME_OF = """
from accounts.models import Member
print(Member.objects.filter(name__contains="%s").count())
"""


def newcomer(site: Site, visit: Visit, key: str, **size: object) -> Page:
    """A member of this test's own, signed in."""
    if site.run(NAME_OF % key.title()).strip() == "0":
        site.run(MEMBER % (key, PASSWORD, key.title()))
    return sign_in_as(visit, key, **size)


def sign_in_as(visit: Visit, key: str, **size: object) -> Page:
    page = visit(**size)
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(f"{key}@hospital.example")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def confirm_identity(page: Page) -> None:
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def test_a_member_leaves_with_a_copy_of_their_data(site: Site, visit: Visit, tmp_path: Path) -> None:
    page = newcomer(site, visit, "dora", **PHONE)
    planted = json.loads(site.run(PLANT % "dora"))
    page.goto("/me/")
    page.get_by_role("link", name="Leave").click()
    expect(page.get_by_role("heading", name="Leave", level=1)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Make a copy of my data").click()
    page.get_by_role("button", name="Make a copy").click()
    confirm_identity(page)
    page.get_by_role("button", name="Make a copy").click()
    fetch = page.get_by_role("link", name="Fetch my copy")
    for _attempt in range(30):
        if fetch.is_visible():
            break
        page.wait_for_timeout(1000)
        page.reload()
    assert violations(page) == []
    with page.expect_download() as started:
        fetch.click()
    file = tmp_path / "copy.zip"
    started.value.save_as(file)
    with zipfile.ZipFile(file) as copy:
        assert json.loads(copy.read("profile.json"))["name"] == "Dr Dora Zyxomma"
        assert json.loads(copy.read("comments.json"))[0]["text"] == "I would take a biopsy."
        assert "Your data on" in copy.read("README.txt").decode()
    page.goto("/me/leave/")
    page.get_by_label("I want to leave").check()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Erase my account").click()
    expect(page.get_by_text("Your account will be erased on")).to_be_visible()
    page.evaluate("sessionStorage.setItem('kept', 'here')")
    assert site.run(DUE).strip() == "1"
    page.goto("/me/")
    page.wait_for_url("**/sign-in/**")
    assert page.evaluate("sessionStorage.getItem('kept')") is None
    for _attempt in range(30):
        if site.run(NAME_OF % "Dora").strip() == "0":
            break
        page.wait_for_timeout(1000)
    assert site.run(NAME_OF % "Dora").strip() == "0"
    colleague = sign_in_as(visit, "bob")
    colleague.goto(f"/cases/{planted['case']}/")
    expect(colleague.get_by_text("I would take a biopsy.")).to_be_visible()
    expect(colleague.get_by_text("Former member").first).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_a_strangers_session_is_ended_from_ones_own(site: Site, visit: Visit, size: dict[str, object]) -> None:
    theirs = newcomer(site, visit, "carol")
    page = newcomer(site, visit, "carol", **size)
    page.goto("/me/sessions/")
    expect(page.get_by_text("Chrome · Linux").first).to_be_visible()
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    page.get_by_role("button", name="End all others").click()
    expect(page.get_by_text("This session")).to_be_visible()
    expect(page.get_by_role("button", name="End this session")).to_have_count(0)
    theirs.goto("/me/")
    theirs.wait_for_url("**/sign-in/**")


def test_a_suspension_ends_a_running_session_at_the_next_picture(site: Site, visit: Visit) -> None:
    page = newcomer(site, visit, "erin")
    planted = json.loads(site.run(PLANT % "erin"))
    page.goto(f"/cases/{planted['case']}/")
    page.evaluate("sessionStorage.setItem('kept', 'here')")
    look = f"fetch('/m/{planted['picture']}/', {{ redirect: 'manual' }}).then((answer) => answer.type + answer.status)"
    assert page.evaluate(look) == "basic200"
    site.run(SUSPEND % "erin")
    assert page.evaluate(look) == "opaqueredirect0"
    assert page.evaluate("sessionStorage.getItem('kept')") is None
    page.reload()
    page.wait_for_url("**/sign-in/**")
    page.get_by_label("E-mail").fill("erin@hospital.example")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your account is suspended")).to_be_visible()
