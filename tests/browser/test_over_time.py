"""A sensitive case with a follow-up: nothing is sent before it is asked for; then both stand in the order of time."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SIZES, Site, Visit

PLANT = """
import json
from accounts.models import Member
from consults.cases.followup import comparisons
from tests.consults import additions, reading
from tests.imaging.engine import pictures
from tests.imaging.engine.test_comparison import SKIN, moved
alice, bob = (Member.objects.get(email=f"{key}@hospital.example") for key in ("alice", "bob"))
case = reading.case(alice, data=pictures.encoded(SKIN, "JPEG"), title="Plaque over time", sensitive=["intimate"])
reading.answer(case, bob, "psoriasis")
added = additions.addition(case, data=pictures.encoded(moved(scale=0.625), "JPEG"), note="Flatter, no more scale.")
comparisons.compare(addition_id=added.pk)
print(json.dumps({"case": str(case.pk)}))
"""


@pytest.fixture(scope="module")
def case(site: Site) -> str:
    """The id of the case."""
    return str(json.loads(site.run(PLANT))["case"])


def keep(page: Page, name: str) -> None:
    """A picture of the page for whoever asks for one."""
    folder = os.environ.get("RETE_SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("size", SIZES)
def test_asked_for_then_seen_over_time(sign_in: Visit, site: Site, case: str, size: dict[str, int]) -> None:
    site.run("from consults.models import AskedToSee; AskedToSee.objects.all().delete()")
    page = sign_in("bob", **size)
    page.goto("/cases/")
    expect(page.get_by_role("link", name="Plaque over time")).to_be_visible()
    page.wait_for_load_state("networkidle")
    sent: list[str] = []
    page.on("response", lambda answer: sent.append(answer.url) if "/m/" in answer.url else None)
    page.goto(f"/cases/{case}/")
    expect(page.get_by_role("heading", name="Sensitive pictures")).to_be_visible()
    expect(page.locator("img[src*='/m/']")).to_have_count(0)
    keep(page, f"asked-first-{size['width']}")
    assert sent == []
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    button = page.get_by_role("button", name="Show the pictures")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.click()
    expect(page.get_by_role("heading", name="Over time", exact=True)).to_be_visible()
    expect(page.get_by_text("Taken from further away (about 1.6 ×).")).to_be_visible()
    expect(page.get_by_role("heading", name="6 weeks after · Follow-up visit")).to_be_visible()
    page.get_by_role("heading", name="Over time", exact=True).scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert sent
    keep(page, f"over-time-{size['width']}")
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", SIZES)
def test_a_follow_up_is_begun_from_the_case(sign_in: Visit, case: str, size: dict[str, int]) -> None:
    page = sign_in("alice", **size)
    page.goto(f"/cases/{case}/")
    page.get_by_role("button", name="Add a follow-up").click()
    expect(page.get_by_role("heading", name="Follow-up", level=1)).to_be_visible()
    keep(page, f"pictures-{size['width']}")
    page.goto(page.url.replace("/pictures/", "/facts/"))
    page.get_by_label("What do you add?").select_option("histology")
    page.get_by_label("How long after the first pictures?").fill("2")
    page.get_by_label("Days, weeks, months or years").select_option("week")
    page.get_by_label("What is new").fill("Punch biopsy.")
    keep(page, f"addition-{size['width']}")
    assert violations(page) == []
    page.get_by_role("button", name="Go on with the consent").click()
    expect(page.get_by_text("that of the case that this is added to")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
