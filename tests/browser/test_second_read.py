"""A second reader marks places on a picture, by mouse, finger and keyboard; the author sees them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, SIZES, Site, Visit

SUBMITTED = """
from accounts.models import Member
from consults.models import Case
from tests.consults import reading
from tests.imaging.engine import pictures
Case.objects.filter(title="To be marked").update(state="withdrawn")
alice = Member.objects.get(email="alice@hospital.example")
data = pictures.encoded(pictures.chart(1200, 900), "JPEG")
print(reading.case(alice, state="submitted", title="To be marked", data=data).pk)
"""


@pytest.fixture
def case(site: Site) -> str:
    """A case of alice's that waits for its second read; its id."""
    return site.run(SUBMITTED).split()[-1]


def layer(page: Page) -> Locator:
    """The drawing over the picture, ready to be marked."""
    page.get_by_role("button", name="Mark a place").click()
    drawing = page.get_by_role("application", name="Picture to mark")
    drawing.scroll_into_view_if_needed()
    expect(drawing).to_be_focused()
    return drawing


def by_mouse(page: Page) -> None:
    """A box over the middle, and a point."""
    box = layer(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"], steps=4)
    page.mouse.up()
    page.mouse.click(box["x"] + 0.1 * box["width"], box["y"] + 0.2 * box["height"])


def by_finger(page: Page) -> None:
    """Two points."""
    box = layer(page).bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.touchscreen.tap(box["x"] + 0.1 * box["width"], box["y"] + 0.2 * box["height"])


def by_keyboard(page: Page) -> None:
    """A box around the middle and a point, without a pointer."""
    page.get_by_role("button", name="Mark a place").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("application", name="Picture to mark")).to_be_focused()
    for key in ["ArrowLeft"] * 5 + ["ArrowUp"] * 5 + ["Shift+ArrowRight"] * 10 + ["Shift+ArrowDown"] * 10:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    added = "Mark 1 added at 50 percent from the left, 50 percent from the top."
    expect(page.locator("#announcer")).to_contain_text(added)
    for key in ["ArrowLeft"] * 15 + ["ArrowUp"] * 10:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Mark a place")).to_be_focused()


@pytest.mark.parametrize(
    ("mark", "size"), [(by_mouse, DESKTOP), (by_finger, PHONE), (by_keyboard, DESKTOP)], ids=["mouse", "finger", "keys"]
)
def test_marks_reach_the_author(sign_in: Visit, case: str, mark: Callable[[Page], None], size: dict[str, int]) -> None:
    moderator = sign_in("mod1", **size)
    moderator.goto(f"/second-reads/{case}/")
    mark(moderator)
    listed = moderator.locator("[data-mark-list] li")
    expect(listed).to_have_text(
        [
            "50 percent from the left, 50 percent from the topRemove",
            "10 percent from the left, 20 percent from the topRemove",
        ]
    )
    expect(moderator.locator("[data-mark-count]")).to_have_text("2 marks on the pictures go to the author with this.")
    # A refusal keeps what was drawn.
    moderator.get_by_role("button", name="Send back to the author").click()
    if moderator.get_by_label("Eyes or a face").evaluate("(radio) => radio.validity.valueMissing"):
        moderator.get_by_label("Something else, explained below").check()
        moderator.get_by_role("button", name="Send back to the author").click()
    expect(moderator.get_by_text("Say what the author should change.").first).to_be_visible()
    expect(listed).to_have_count(2)
    listed.last.get_by_role("button", name="Remove mark 2").click()
    expect(listed).to_have_count(1)
    moderator.get_by_label("Eyes or a face").check()
    moderator.get_by_label("What should the author change?").fill("Cover what is inside the box.")
    moderator.get_by_role("button", name="Send back to the author").click()
    moderator.wait_for_url("**/second-reads/")

    alice = sign_in("alice", **size)
    alice.goto(f"/cases/{case}/pictures/")
    note = alice.get_by_role("region", name="The second reader sent this case back")
    expect(note).to_contain_text("Cover what is inside the box.")
    expect(note).to_contain_text("50 percent from the left, 50 percent from the top")
    expect(note.locator("img")).to_have_js_property("complete", True)
    expect(note.locator("svg .mark")).to_have_count(1)


@pytest.mark.parametrize("size", SIZES)
def test_axe(sign_in: Visit, case: str, size: dict[str, int]) -> None:
    moderator = sign_in("mod1", **size)
    moderator.goto(f"/second-reads/{case}/")
    for theme in ("light", "dark"):
        assert violations(moderator, theme=theme) == []
    layer(moderator)
    moderator.keyboard.press("Enter")
    for theme in ("light", "dark"):
        assert violations(moderator, theme=theme) == []


def test_colours_change_at_once_where_motion_is_reduced(sign_in: Visit, case: str) -> None:
    """Transitions however short begin with the old colour and go down the tree a frame a level."""
    moderator = sign_in("mod1")
    moderator.emulate_media(reduced_motion="reduce")
    moderator.goto(f"/second-reads/{case}/")
    under_way = moderator.evaluate(
        """() => {
          document.documentElement.dataset.bsTheme = "dark";
          return document.getAnimations().filter((one) => one instanceof CSSTransition)
            .map((one) => `${one.effect.target.nodeName} ${one.transitionProperty}`);
        }"""
    )
    assert under_way == []


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_bar_of_a_moderator_on_a_phone(sign_in: Visit, site: Site, language: str) -> None:
    moderator = sign_in("mod1", **PHONE)
    moderator.context.add_cookies([{"name": "rete_language", "value": language, "url": site.address}])
    moderator.goto("/second-reads/")
    expect(moderator.locator("html")).to_have_attribute("lang", language)
    places = moderator.locator(".bottom-bar a:visible").all()
    assert len(places) == 5
    expect(moderator.locator("main a[href='/moderation/']")).to_be_visible()  # the sixth
    for place in places:
        box, words = place.bounding_box(), place.locator("span").bounding_box()
        assert box is not None
        assert words is not None
        assert min(box["width"], box["height"]) >= 44
        assert box["x"] <= words["x"]
        assert words["x"] + words["width"] <= box["x"] + box["width"]
        assert words["y"] + words["height"] <= box["y"] + box["height"]
