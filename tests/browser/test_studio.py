"""The studio by mouse, by keyboard alone and by touch: what is sealed in the end is judged by its pixels."""

import itertools
import json
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import PIPELINE_MS, Site, Visit
from tests.browser.studio import EYES, FACE, HIGH, SEED, TEXT, WIDE, Studio, is_bar, is_flat

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 180, 40), (40, 40, 200), (240, 240, 240)


@pytest.fixture
def studio(sign_in: Visit, site: Site) -> Any:
    """Seed pictures with these regions on the first, sign alice in, open its studio."""

    def opened(*regions: dict[str, Any], pictures: int = 1, **size: Any) -> Studio:
        program = SEED.replace("PICTURES", str(pictures)).replace("REGIONS", repr(list(regions)))
        made = json.loads(site.run(program))
        page = sign_in("alice", **size)
        found = Studio(page, site, made["case"], made["photos"])
        found.open()
        return found

    return opened


def test_by_mouse(studio: Any) -> None:
    here = studio(FACE, EYES, TEXT)
    page = here.page
    # what the detector was not sure of is dismissed with a reason
    here.items.filter(has_text="Check this").get_by_role("button", name="Do not cover").click()
    page.get_by_label("A ruler or scale").check()
    page.locator("[data-why-yes]").click()
    expect(here.items.filter(has_text="Not covered: A ruler or scale")).to_be_visible()
    # box, brush, window, crop
    here.tool("box").click()
    here.drag((1200, 100), (1400, 200))
    here.tool("brush").click()
    here.drag((100, 100), (300, 100), (300, 300))
    here.tool("window").click()
    here.drag((700, 800), (900, 950))
    here.tool("crop").click()
    here.drag((40, 40), (1500, 1160))
    here.saved()
    # the box is moved by hand, what was wrong is undone and done again
    page.keyboard.press("Escape")
    here.drag((1300, 150), (1340, 190))
    here.saved()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+Z")
    here.saved()
    # the server's own rendering, before and after
    here.tool("result").click()
    slider = page.get_by_label("Compare")
    expect(slider).to_be_enabled(timeout=PIPELINE_MS)
    slider.fill("40")
    expect(page.locator("[data-result-before]")).to_have_attribute("style", "clip-path: inset(0px 60% 0px 0px);")
    page.get_by_role("button", name="Looks right: go on").click()
    out = here.confirm()

    def part(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
        """Of the upright picture before the crop."""
        return out[y0 - crop_y : y1 - crop_y, x0 - crop_x : x1 - crop_x]

    kept = here.now()
    crop_x, crop_y, crop_width, crop_height = kept["crop"]
    assert np.abs(np.array(kept["crop"]) - (40, 40, 1460, 1120)).max() <= 6
    assert out.shape == (crop_height, crop_width, 3)
    assert is_bar(part(580, 420, 1020, 500))  # the eyes
    assert is_bar(part(1255, 155, 1425, 225))  # the box, where it was moved to
    assert is_flat(part(1205, 105, 1225, 125), GREEN)  # where it was
    assert is_bar(part(110, 90, 290, 110))  # the stroke, there
    assert is_bar(part(290, 110, 310, 290))  # and round the corner
    assert is_flat(part(110, 160, 240, 290), RED)
    assert is_flat(part(750, 840, 790, 900), BLUE)  # the window shows the picture
    assert is_flat(part(810, 840, 850, 900), WHITE)
    assert is_flat(part(110, 1110, 290, 1140), BLUE)  # dismissed
    assert is_flat(part(1300, 900, 1480, 1100), WHITE)


def test_by_keyboard_alone(studio: Any) -> None:
    here = studio(FACE, EYES, TEXT)
    page = here.page
    key = page.keyboard.press
    here.stage.focus()
    key("Tab")
    here.said("Eyes 1 selected: Covered.")
    key("Tab")
    here.said("Face 2 selected")
    key("Tab")
    here.said("Text 3 selected: Check this.")
    key("Enter")
    here.said("Text will be covered")
    key("Tab")  # behind the last one it leaves the picture: no trap
    expect(here.stage).not_to_be_focused()
    here.stage.focus()
    # a new cover, moved, grown, turned
    key("n")
    here.said("Box added")
    for _step in range(6):
        key("Shift+ArrowRight")
    here.said("percent from the left")
    for _step in range(4):
        key("Alt+Shift+ArrowUp")
    key("Alt+ArrowRight")
    key("]")
    here.said("turned to 5 degrees")
    key("[")
    # an eye is not deleted, it is asked about
    key("Escape")
    key("Tab")
    key("Delete")
    expect(page.get_by_role("heading", name="Why is this not an eye?")).to_be_visible()
    key("Escape")
    expect(here.items.first).to_contain_text("Covered")
    # an eye moved away is refused by the server, in words, and undone
    here.stage.focus()
    for _step in range(5):
        key("Shift+ArrowLeft")
    expect(page.locator("[data-studio-status]")).to_contain_text("Move a cover over eyes a little")
    page.wait_for_timeout(800)  # what was typed is saved by itself, and refused again
    confirm = page.get_by_role("button", name="Confirm: this picture gives nobody away")
    confirm.focus()
    expect(confirm).to_be_focused()
    with page.expect_response(lambda response: response.status == 422):
        key("Enter")
    here.said("Move a cover over eyes a little")  # nothing is confirmed that is not saved
    expect(page.locator("[data-studio-status]")).to_be_in_viewport()
    page.get_by_role("button", name="Undo the last change").press("Enter")
    here.saved()
    # a window in the veil, the crop
    here.stage.focus()
    key("w")
    here.said("Lesion window added")
    key("c")
    here.said("Crop: keeps 1440 × 1080 pixels")
    key("Shift+ArrowRight")
    key("ArrowDown")
    here.said("from 160 pixels from the left")
    here.saved()
    # help
    key("?")
    expect(page.get_by_role("heading", name="Keys of the studio")).to_be_visible()
    key("Escape")
    here.stage.focus()
    key("r")
    expect(page.get_by_label("Compare")).to_be_focused(timeout=PIPELINE_MS)
    key("End")
    expect(page.get_by_label("Compare")).to_have_attribute("aria-valuetext", "100 % before covering")
    key("Escape")
    kept = here.now()
    assert kept["crop"] == [160, 66, 1440, 1080]
    assert [row[:3] for row in kept["rows"] if row[2] == "drawn"] == [
        ["other", "box", "drawn"],
        ["window", "ellipse", "drawn"],
    ]
    (box,) = (row for row in kept["rows"] if row[0] == "other")
    out = here.confirm()
    x, y, width, height = (round(number) for number in box[3:7])
    assert is_bar(out[y - 66 + 10 : y - 66 + height - 10, x - 160 + 10 : x - 160 + width - 10])
    assert is_bar(out[420 - 66 : 500 - 66, 580 - 160 : 1020 - 160])
    assert is_bar(out[1108 - 66 : 1140 - 66, 170 - 160 : 290 - 160])


def finger(page: Page) -> Any:
    """Several fingers, through the debugger: Playwright knows one only."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    return touch


def swipe(page: Page, touch: Any, *points: tuple[float, float]) -> None:
    """One finger along these points of the screen."""
    touch("touchStart", points[0])
    for start, end in itertools.pairwise(points):
        for step in range(1, 7):
            touch("touchMove", (start[0] + (end[0] - start[0]) * step / 6, start[1] + (end[1] - start[1]) * step / 6))
    touch("touchEnd")


def test_by_touch(studio: Any) -> None:
    here = studio(FACE, EYES, width=360, height=780, touch=True)
    page = here.page
    touch = finger(page)
    page.locator(".studio-main").evaluate("node => node.scrollIntoView({ block: 'end', behavior: 'instant' })")
    # a stroke; the loupe shows what is under the finger, and the page stays where it is
    here.tool("brush").tap()
    scrolled = page.evaluate("scrollY")
    points = [here.at(100, 100), here.at(300, 100), here.at(300, 300)]
    touch("touchStart", points[0])
    for _step in range(2):
        touch("touchMove", points[1])
    expect(page.locator(".studio-loupe")).to_be_visible()
    touch("touchMove", points[2])
    touch("touchEnd")
    expect(page.locator(".studio-loupe")).to_be_hidden()
    here.saved()
    assert page.evaluate("scrollY") == scrolled
    # one finger, then a second: a pinch, no stroke and no moved cover
    here.tool("select").tap()
    (x, y), before = here.at(800, 700), here.now()
    touch("touchStart", (x - 20, y))
    touch("touchMove", (x - 24, y))
    touch("touchStart", (x - 24, y), (x + 24, y))
    for step in range(1, 8):
        touch("touchMove", (x - 24 - 8 * step, y), (x + 24 + 8 * step, y))
    touch("touchEnd")
    expect(here.tool("zoom-out")).to_be_enabled()
    expect(page.locator("[data-studio-status]")).to_have_text("Saved")
    assert here.now() == before
    here.tool("fit").tap()
    # the cover under the finger, moved; its controls lie under the picture
    here.tool("box").tap()
    swipe(page, touch, here.at(1200, 800), here.at(1500, 1000))
    here.saved()
    swipe(page, touch, here.at(1350, 900), here.at(1350, 700))
    here.saved()
    bar = page.locator("[data-studio-bar]")
    expect(bar).to_contain_text("Drawn by hand")
    bar.get_by_label("What it hides").select_option("text")
    here.saved()
    # every target is large enough for a thumb
    for button in page.locator(".studio-tools .btn, .studio-view .btn:visible, .studio-bar .btn").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    kept = here.now()
    (moved,) = (row for row in kept["rows"] if row[0] == "text")
    assert abs(moved[4] - 600) <= 30
    out = here.confirm()
    x, y, width, height = (round(number) for number in moved[3:7])
    assert out.shape == (HIGH, WIDE, 3)
    assert is_bar(out[y + 10 : y + height - 10, x + 10 : x + width - 10])
    assert is_bar(out[95:105, 110:290])
    assert is_bar(out[420:500, 580:1020])


def test_undo_goes_back_behind_what_was_saved(studio: Any) -> None:
    here = studio(EYES)
    here.stage.focus()
    for key in ("b", "e"):
        here.page.keyboard.press(key)
        here.saved()
    expect(here.items).to_have_count(3)
    for _step in range(2):
        here.page.keyboard.press("Control+z")
        here.saved()
    expect(here.items).to_have_count(1)
    assert len(here.now()["rows"]) == 1
    for _step in range(2):
        here.page.keyboard.press("Control+Shift+Z")
    here.saved()
    assert len(here.now()["rows"]) == 3
    here.page.reload()
    expect(here.items).to_have_count(3)


def test_the_same_covers_on_the_next_picture(studio: Any) -> None:
    here = studio(FACE, EYES, pictures=2)
    here.stage.focus()
    here.page.keyboard.press("b")
    here.page.get_by_role("button", name="The same covers on picture 2").click()
    expect(here.page.get_by_text("New covers on the next picture: 3.")).to_be_visible()
    here.page.get_by_role("link", name="Look at it").click()
    expect(here.page.get_by_role("heading", name="De-identify picture 2")).to_be_visible()
    expect(here.items).to_have_count(3)
    expect(here.items.filter(has_text="Drawn by hand, covered")).to_have_count(3)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (360, 780)], ids=["desktop", "phone"])
def test_axe_finds_nothing(studio: Any, width: int, height: int) -> None:
    old = {"kind": "other", "choice": "painted", "x": 1300.0, "y": 900.0}
    here = studio(FACE, EYES, TEXT, old, pictures=2, width=width, height=height, policy=False)
    page = here.page
    expect(here.items.filter(has_text="Already covered")).to_have_count(1)
    page.emulate_media(reduced_motion="reduce")  # colours do not fade while they are looked at
    for dark in (False, True):
        if dark:
            page.get_by_role("button", name="Dark mode").click()
        assert axe.violations(page) == []
    here.stage.focus()
    page.keyboard.press("w")
    page.keyboard.press("p")
    page.keyboard.press("c")
    assert axe.violations(page) == []
    page.keyboard.press("?")
    assert axe.violations(page) == []
    page.keyboard.press("Escape")
    here.tool("result").click()
    expect(page.get_by_label("Compare")).to_be_enabled(timeout=PIPELINE_MS)
    assert axe.violations(page) == []
