"""Nothing typed is lost: sessions end, languages change and networks drop while one posts, answers and consents."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, PHONE, Site, Visit

MAKE = """
from accounts.models import Member
from consults.cases.models import CaseState
from tests.consults import reading
alice, bob = (Member.objects.get(email=name + "@hospital.example") for name in ("alice", "bob"))
opened, mine, draft = reading.case(alice), reading.case(bob), reading.case(bob, state=CaseState.DRAFT, consent=None)
answered = reading.case(alice)
reading.answer(answered, bob, "psoriasis")
commented = reading.case(alice)
reading.answer(commented, bob, "psoriasis")
print("CASES", opened.pk, answered.pk, commented.pk, mine.pk, draft.pk)
"""
END = """
from accounts.models import Session
Session.objects.all().delete()
"""
FIRST_WORDS = """
from consults.models import Case
Case.objects.filter(pk="%s").update(note="The first words.")
"""
SAME = "No such text anywhere else"


@dataclass(frozen=True)
class Step:
    """One form: the page it is on, the button that sends it, and what is typed into it."""

    page: str
    button: str
    fill: Callable[[Page], None]
    check: Callable[[Page], None]


def typed(label: str) -> tuple[Callable[[Page], None], Callable[[Page], None]]:
    """How a text goes into the field with this label, and how it is seen there."""

    def field(page: Page) -> Locator:
        return page.get_by_label(label, exact=True)

    return lambda page: field(page).fill(SAME), lambda page: expect(field(page)).to_have_value(SAME)


def choose(page: Page) -> None:
    """A diagnosis from the list, and how sure."""
    if page.locator("#mine details.fold, section[aria-labelledby=mine] > details").count():
        page.get_by_text("Change my diagnosis").click()
    page.get_by_label("Most likely", exact=True).fill("bcc")
    page.get_by_role("option", name="Basal cell carcinoma").first.click()
    page.get_by_role("radio", name="Sure", exact=True).first.check()


def chosen(page: Page) -> None:
    """The diagnosis stands there with its code."""
    expect(page.get_by_label("Most likely", exact=True)).to_have_value("Basal cell carcinoma")
    expect(page.locator("input[name=diagnosis_1]")).to_have_value("bcc")
    expect(page.get_by_role("radio", name="Sure", exact=True).first).to_be_checked()


def tick(page: Page) -> None:
    """A use that the patient allows, and the clinician's statement."""
    page.locator("input[name=uses][value=all_members]").check()


def ticked(page: Page) -> None:
    """It is still ticked."""
    expect(page.locator("input[name=uses][value=all_members]")).to_be_checked()


STEPS = {
    "answer": Step("/cases/{0}/", "Save my diagnosis", choose, chosen),
    "revise": Step("/cases/{1}/", "Save the change", choose, chosen),
    "comment": Step("/cases/{2}/", "Write", *typed("Your comment")),
    "close": Step("/cases/{3}/close/", "Close the case", *typed("What was done")),
    "post": Step("/cases/{4}/facts/", "Go on with the consent", *typed("Clinical note (needed)")),
    "consent": Step("/cases/{4}/consent/", "Record the consent", tick, ticked),
}


@pytest.fixture(scope="module")
def cases(site: Site) -> list[str]:
    """Cases to answer, to answer anew, to discuss, to close, and a draft of bob's."""
    return site.run(MAKE).rpartition("CASES ")[2].split()


def sign_in_again(page: Page) -> None:
    """On the page to which one was led."""
    page.get_by_label("E-mail").fill("bob@hospital.example")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def session_ends(page: Page, site: Site, step: Step) -> None:
    """Signed out everywhere, then sent, then signed in on the page that comes."""
    site.run(END)
    page.evaluate("for (const form of document.forms) form.noValidate = true")  # the rest of it is not filled in
    page.get_by_role("button", name=step.button, exact=True).click()
    page.wait_for_url("**/sign-in/**")
    sign_in_again(page)


def language_changes(page: Page, site: Site, step: Step) -> None:
    """To Turkish and back, by the menu."""
    for language in ("tr", "en"):
        page.locator("summary", has=page.locator(".tool-text")).click()
        page.locator(f"button[name=language][value={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)


def network_drops(page: Page, site: Site, step: Step) -> None:
    """Sent into nothing; the person goes back to the page."""
    there = page.url
    page.context.set_offline(True)
    page.get_by_role("button", name=step.button, exact=True).click(no_wait_after=True)
    page.wait_for_timeout(500)
    page.context.set_offline(False)
    page.goto(there)


MISHAPS = [session_ends, language_changes, network_drops]


@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: mishap.__name__)
@pytest.mark.parametrize("name", STEPS)
def test_nothing_typed_is_lost(
    sign_in: Visit, site: Site, cases: list[str], name: str, mishap: Callable[[Page, Site, Step], None]
) -> None:
    step = STEPS[name]
    page = sign_in("bob", **PHONE)
    page.on("dialog", lambda dialog: dialog.accept())  # the browser's question before one leaves
    page.goto(step.page.format(*cases))
    if name == "post":
        site.run(FIRST_WORDS % cases[4])
        page.reload()
    step.fill(page)
    page.wait_for_timeout(400)
    mishap(page, site, step)
    step.check(page)
    if name != "post":  # which saves itself as soon as it is back
        expect(page.locator(".unsent")).to_have_text("What you typed here was not sent yet. It is back.Discard it")


def test_it_is_forgotten_once_it_has_arrived_signing_out_and_for_others(
    sign_in: Visit, site: Site, cases: list[str]
) -> None:
    page = sign_in("bob", **PHONE)
    address = STEPS["comment"].page.format(*cases)

    def kept() -> str:
        return str(page.evaluate("sessionStorage.getItem('rete-unsent') ?? ''"))

    page.goto(address)
    page.get_by_label("Your comment", exact=True).fill("Seen on 12.03.2024")
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.get_by_text("There is a date.").first).to_be_visible()
    assert "12.03.2024" in kept()  # refused
    page.get_by_label("Your comment", exact=True).fill("It itches, does it not?")
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.locator(".comment").get_by_text("It itches")).to_be_visible()
    expect(page.get_by_label("Your comment", exact=True)).to_have_value("")
    assert kept() == ""

    page.get_by_label("Your comment", exact=True).fill(SAME)
    page.wait_for_timeout(400)
    assert SAME in kept()
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/sign-out" not in url)
    assert kept() == ""

    page.evaluate("sessionStorage.setItem('rete-unsent', JSON.stringify({ member: 'bob', entries: { x: {} } }))")
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill("alice@hospital.example")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    assert kept() == ""


def test_what_was_put_back_can_be_discarded(sign_in: Visit, cases: list[str]) -> None:
    page = sign_in("bob", **PHONE)
    page.goto(STEPS["comment"].page.format(*cases))
    page.get_by_label("Your comment", exact=True).fill(SAME)
    page.wait_for_timeout(400)
    page.reload()
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Your comment", exact=True)).to_have_value("")
    page.reload()
    expect(page.get_by_label("Your comment", exact=True)).to_have_value("")
    expect(page.get_by_role("button", name="Discard it")).to_have_count(0)


def test_two_windows_show_a_conflict_and_erase_nothing(sign_in: Visit, site: Site, cases: list[str]) -> None:
    one, other = sign_in("bob"), sign_in("bob")
    for page in (one, other):
        page.goto(STEPS["post"].page.format(*cases))
        page.evaluate("sessionStorage.clear()")
    saved = one.locator("[data-autosave-status]"), other.locator("[data-autosave-status]")
    one.get_by_label("Title (needed)", exact=True).fill("A plaque on the shin")
    expect(saved[0]).to_contain_text("Saved")
    other.get_by_label("Clinical note (needed)", exact=True).fill("Written in the other window.")
    expect(saved[1]).to_contain_text("Saved")
    expect(other.get_by_label("Title (needed)", exact=True)).to_have_value("A plaque on the shin")
    one.get_by_label("Clinical note (needed)", exact=True).fill("Written in the first window.")
    expect(saved[0]).to_contain_text("Changed in another window")
    conflict = one.locator(".conflict")
    expect(conflict).to_contain_text("Written in the other window.")
    expect(one.get_by_label("Clinical note (needed)", exact=True)).to_have_value("Written in the first window.")
    conflict.get_by_role("button", name="Keep mine").click()
    expect(saved[0]).to_contain_text("Saved")
    other.get_by_label("Clinical note (needed)", exact=True).fill("And once more there.")
    other.locator(".conflict").get_by_role("button", name="Take that one").click()
    expect(other.get_by_label("Clinical note (needed)", exact=True)).to_have_value("Written in the first window.")
    expect(saved[1]).to_contain_text("Saved")


def test_a_second_choice_can_be_cleared(sign_in: Visit, cases: list[str]) -> None:
    page = sign_in("bob", **PHONE)
    page.goto(STEPS["answer"].page.format(*cases))
    page.get_by_text("Add what else it could be").click()
    page.get_by_label("Second choice", exact=True).fill("melanoma")
    page.get_by_role("option", name="Melanoma").first.click()
    second = page.locator("input[name=confidence_2]")
    second.first.check()
    page.get_by_role("button", name="Clear Second choice").click()
    expect(page.get_by_label("Second choice", exact=True)).to_have_value("")
    expect(page.locator("input[name=diagnosis_2]")).to_have_value("")
    assert not any(radio.is_checked() for radio in second.all())
