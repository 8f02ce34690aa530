"""The studio when something goes wrong or the place is small: nothing that was drawn is lost, and it says what next."""

import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser import axe
from tests.browser.conftest import PASSWORD, Site, Visit
from tests.browser.studio import EYES, FACE, SEED, TEXT, Studio

Open = Callable[..., Studio]


@pytest.fixture
def opened(sign_in: Visit, site: Site) -> Open:
    """The studio of a fresh picture with these regions, for alice."""

    def studio(*regions: dict[str, Any], **size: Any) -> Studio:
        made = json.loads(site.run(SEED.replace("PICTURES", "1").replace("REGIONS", repr(list(regions)))))
        here = Studio(sign_in("alice", **size), site, made["case"], made["photos"])
        here.open()
        return here

    return studio


def press(here: Studio, *keys: str) -> None:
    """Keys on the picture."""
    here.stage.focus()
    for key in keys:
        here.page.keyboard.press(key)


def drawn(here: Studio) -> list[str]:
    """Shapes of what the server keeps as drawn by hand."""
    return sorted(row[1] for row in here.now()["rows"] if row[2] == "drawn")


def status(here: Studio) -> Any:
    return expect(here.page.locator("[data-studio-status]"))


def answer_everything(here: Studio) -> None:
    for item in here.page.locator(".checklist-item").all():
        item.get_by_label("Not in the picture").check()
    here.page.get_by_label("I have seen this and keep the picture").check()


def has_yellow(png: bytes) -> bool:
    """Whether any pixel has the colour of a reader's mark."""
    with Image.open(io.BytesIO(png)) as picture:
        pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3).astype(int)
    return bool((np.abs(pixels - (255, 212, 0)).max(axis=1) <= 20).any())


def end_sessions(site: Site) -> None:
    with closing(sqlite3.connect(site.data / "rete.sqlite3", timeout=20)) as database, database:
        database.execute("DELETE FROM accounts_session")


def sign_in_elsewhere(page: Page) -> None:
    """In another tab of the same browser, then come back."""
    other = page.context.new_page()
    other.goto("/sign-in/")
    other.get_by_label("E-mail").fill("alice@hospital.example")
    other.get_by_label("Password").first.fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url(lambda url: "/sign-in" not in url)
    other.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")


# --- Session and line


def test_drawn_while_signed_out_is_saved_after_signing_in_elsewhere(opened: Open, site: Site) -> None:
    here = opened(EYES)
    end_sessions(site)
    press(here, "b")
    status(here).to_contain_text("You are signed out.")
    here.said("what you drew stays here")
    sign_in_elsewhere(here.page)
    here.saved()
    assert drawn(here) == ["box"]


def test_answers_stay_when_the_session_ended_before_the_confirmation(opened: Open, site: Site) -> None:
    here = opened(EYES)
    answer_everything(here)
    end_sessions(site)
    confirm = here.page.get_by_role("button", name="Confirm: this picture gives nobody away")
    confirm.click()
    here.said("You are signed out.")
    expect(here.page.locator("[data-studio-not-yet]")).to_contain_text("your answers stay here")
    sign_in_elsewhere(here.page)
    confirm.click()
    here.page.wait_for_url(lambda url: here.photos[0] not in url)
    expect(here.page.get_by_text("Confirmed. The picture is being sealed")).to_be_visible()


def test_offline_then_online(opened: Open) -> None:
    here = opened(EYES)
    here.page.context.set_offline(True)
    press(here, "b")
    status(here).to_contain_text("Not saved. Trying again")
    answer_everything(here)
    here.page.get_by_role("button", name="Confirm: this picture gives nobody away").click()
    expect(here.page.locator("[data-studio-status]")).to_be_in_viewport()  # nothing is confirmed that is not saved
    press(here, "e")
    here.page.context.set_offline(False)
    here.saved()
    assert drawn(here) == ["box", "ellipse"]


@pytest.mark.parametrize("fault", [500, 503, 413])
def test_undo_after_a_fault_of_the_server(opened: Open, fault: int) -> None:
    here = opened(EYES)
    press(here, "b")
    here.saved()

    def broken(route: Route) -> None:
        route.fulfill(status=fault, body="broken")

    here.page.route("**/masks/", broken)
    press(here, "e")
    status(here).to_contain_text("ot saved" if fault >= 500 else "could not be saved")
    here.page.unroute("**/masks/")
    press(here, "Control+z")
    here.saved()
    assert drawn(here) == ["box"]


# --- Two tabs


def test_two_tabs_draw_on_the_same_picture(opened: Open) -> None:
    here = opened(EYES, TEXT)
    there = Studio(here.page.context.new_page(), here.site, here.case, here.photos)
    there.open()
    press(there, "b")
    there.saved()
    press(here, "e")
    status(here).to_contain_text("Changed in another window too.")
    here.said("Changed in another window too.")
    assert drawn(here) == ["box", "ellipse"]
    expect(here.items).to_have_count(4)
    # From here on it is an ordinary tab again.
    press(here, "Delete")
    here.saved()
    assert drawn(here) == ["box"]
    there.page.close()


def test_confirmed_in_another_tab(opened: Open) -> None:
    here = opened(EYES)
    there = Studio(here.page.context.new_page(), here.site, here.case, here.photos)
    there.open()
    answer_everything(there)
    there.page.get_by_role("button", name="Confirm: this picture gives nobody away").click()
    there.page.wait_for_url(lambda url: here.photos[0] not in url)
    press(here, "b")
    status(here).to_contain_text("no longer in review")
    here.page.get_by_role("button", name="Reload").click()
    expect(here.page.get_by_role("heading", name="Pictures of this case")).to_be_visible()
    there.page.close()


# --- What is still to answer


def test_what_was_not_answered_is_shown_where_it_is(opened: Open) -> None:
    here = opened(EYES)
    url = here.page.url
    here.page.get_by_label("I have seen this and keep the picture").check()
    here.page.get_by_role("button", name="Confirm: this picture gives nobody away").click()
    first = here.page.locator(".checklist-item").first
    expect(first).to_be_in_viewport()
    expect(first.get_by_label("Not in the picture")).to_be_focused()
    assert here.page.url == url
    assert here.now()["revision"] == 0
    for theme in ("light", "dark"):
        assert axe.violations(here.page, theme=theme) == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["Tab", "Escape"], "Nothing is selected."),
        (["Control+z"], "There is nothing to undo."),
        (["Control+y"], "There is nothing to do again."),
        (["+", "+"], "Zoom 169 %"),
        (["+", "+", "ArrowRight"], "Showing the part from"),
        (["Tab", "v"], "Eyes: Soft veil."),
        (["b", "Delete"], "Other removed."),
    ],
)
def test_every_key_says_what_it_did(opened: Open, keys: list[str], said: str) -> None:
    here = opened(EYES)
    press(here, *keys)
    here.said(said)


# --- A small screen


def test_on_a_phone_what_is_selected_stands_between_picture_and_tools(opened: Open) -> None:
    here = opened(FACE, EYES, width=360, height=780, touch=True)
    page = here.page
    page.emulate_media(reduced_motion="reduce")  # scrolled at once, to measure what stays
    page.evaluate("window.scrollTo(0, 0)")
    # Choosing a tool brings the whole picture into sight, before one draws on it.
    here.tool("box").tap()
    expect(here.stage).to_be_in_viewport(ratio=1)
    header, tools = page.locator(".site-header").bounding_box(), page.locator(".studio-tools").bounding_box()
    stage = here.stage.bounding_box()
    assert header is not None
    assert tools is not None
    assert stage is not None
    assert stage["y"] >= header["y"] + header["height"]
    here.tool("select").tap()
    # Selecting moves nothing, and its buttons need no scrolling.
    page.touchscreen.tap(*here.at(800, 900))
    dismiss = page.locator("[data-studio-bar] [data-role=dismiss]")
    expect(dismiss).to_be_visible()
    assert here.stage.bounding_box() == stage
    button = dismiss.bounding_box()
    assert button is not None
    assert stage["y"] + stage["height"] <= button["y"]
    assert button["y"] + button["height"] <= tools["y"]


def test_the_tools_stand_above_the_fold_when_a_case_came_back(opened: Open, site: Site) -> None:
    here = opened(FACE, width=1440, height=900)
    site.run(f"""
from accounts.models import Member
from consults.models import Case, Mark, SecondRead
case = Case.objects.get(pk="{here.case}")
read = SecondRead.objects.create(case=case, reader=Member.objects.get(email="mod1@hospital.example"),
                                 decision="sent_back", reason="other", words="Cover the badge.",
                                 content_sha256="0" * 64)
Mark.objects.create(read=read, photo_id="{here.photos[0]}", x=0.25, y=0.5, width=0.5, height=0.25)
Case.objects.filter(pk=case.pk).update(state="returned")
""")
    here.open()
    here.page.evaluate("window.scrollTo(0, 0)")
    note = here.page.get_by_role("region", name="The second reader sent this case back")
    expect(note).to_contain_text("Cover the badge.")
    note.get_by_text("1 mark of the reader").click()
    expect(note.get_by_text("50 percent from the left, 62 percent from the top")).to_be_visible()
    note.get_by_text("1 mark of the reader").click()
    tools, stage = here.tool("box").bounding_box(), here.stage.bounding_box()
    assert tools is not None
    assert stage is not None
    assert tools["y"] + tools["height"] < 450
    # The mark is drawn where the reader drew it: yellow on its edge.
    x, y = here.at(400, 750)
    picture = here.page.screenshot(clip={"x": x - 4, "y": y - 4, "width": 8, "height": 8})
    assert has_yellow(picture)
    for theme in ("light", "dark"):
        assert axe.violations(here.page, theme=theme) == []
