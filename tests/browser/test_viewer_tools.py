"""The viewer in a browser: keys, panes that move together, the slider, the mark, pins by keyboard and by hand."""

import io
import re
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser import axe
from tests.browser.conftest import DESKTOP, PHONE, SIZES, Site, Visit

# Four pictures of two types, each of one colour with a white frame, so that zooming in takes the frame out of view.
CASE = """
import io
from PIL import Image, ImageDraw
from accounts.models import Member
from consults.models import CasePhoto
from tests.consults import reading
from tests.consults.pins.making import put_pin
alice, bob = (Member.objects.get(email=f"{name}@hospital.example") for name in ("alice", "bob"))
made = reading.case(alice, kinds=())
for colour, kind in (((200, 60, 60), "close-up"), ((30, 200, 30), "close-up"), ((60, 60, 200), "dermoscopy"),
                     ((200, 60, 200), "histology")):
    drawn = Image.new("RGB", (1200, 900), colour)
    ImageDraw.Draw(drawn).rectangle((0, 0, 1199, 899), outline=(255, 255, 255), width=24)
    out = io.BytesIO()
    drawn.save(out, "PNG")
    placed = reading.picture(made, kind=kind, data=out.getvalue())
    placed.photo.renditions.update(content_type="image/png")
CasePhoto.objects.filter(case=made, kind="histology").update(um_per_px=0.5)
CasePhoto.objects.filter(case=made, kind="dermoscopy").update(objective="10x")
reading.release(made)
reading.answer(made, bob, "psoriasis")
put_pin(made, alice, text="Edge of the plaque", x=0.5, y=0.5)
print("CASE" + str(made.pk) + " " + bob.number)
"""
RED, GREEN, BLUE, PURPLE = (200, 60, 60), (30, 200, 30), (60, 60, 200), (200, 60, 200)  # none like the surround
WHITE = (255, 255, 255)


@pytest.fixture
def case(site: Site) -> tuple[str, str]:
    """The id of a case that bob has answered, and bob's number."""
    pk, number = site.run(CASE).rpartition("CASE")[2].split()
    return pk, f"{number[:4]}-{number[4:]}"


@pytest.fixture
def opened(sign_in: Visit, case: tuple[str, str]) -> Visit:
    """Open the case as bob."""

    def open_(**size: int) -> Page:
        page = sign_in("bob", **size)
        page.goto(f"/cases/{case[0]}/")
        expect(page.locator(".viewer-pane")).to_have_count(1)
        wait_for(page.locator(".viewer-pane").first, RED, 0.3)
        return page

    return open_


def pixels(pane: Locator) -> np.ndarray:
    """A screenshot of a pane, without what lies over a phone's foot: rows, columns, red green blue.

    Hiding the caret would leave an empty style at every field, which htmx copies and the content policy then refuses.
    """
    pane.page.evaluate("document.querySelector('.bottom-bar').style.visibility = 'hidden'")
    return np.asarray(Image.open(io.BytesIO(pane.screenshot(caret="initial"))).convert("RGB")).astype(int)


def share(pane: Locator, colour: tuple[int, int, int]) -> float:
    """Which share of a pane has about this colour; a mark lies over it."""
    shot = pixels(pane)
    return float((np.abs(shot - colour).max(axis=2) < 70).mean())


def wait_for(pane: Locator, colour: tuple[int, int, int], least: float, most: float = 1) -> None:
    found = 0.0
    for _attempt in range(60):
        found = share(pane, colour)
        if least <= found <= most:
            return
        pane.page.wait_for_timeout(100)
    pytest.fail(f"{colour} on {found:.3f} of the pane, not {least} to {most}")


def frame_is_seen(pane: Locator, is_seen: bool) -> None:
    wait_for(pane, WHITE, *((0.03, 1.0) if is_seen else (0.0, 0.015)))  # a focus has a white ring


def press(page: Page, key: str) -> None:
    page.locator(".openseadragon-canvas").first.focus()
    page.keyboard.press(key)


def more(page: Page) -> Locator:
    """The open menu of further tools."""
    menu = page.locator(".viewer-more")
    if not menu.evaluate("node => node.open"):
        page.get_by_label("More picture tools").click()
    return menu.locator(".viewer-more-panel")


@pytest.mark.parametrize("size", SIZES)
def test_by_keys(opened: Visit, size: dict[str, int]) -> None:
    page = opened(**size)
    pane = page.locator(".viewer-pane").first
    press(page, "n")
    wait_for(pane, GREEN, 0.3)
    press(page, "b")
    wait_for(pane, RED, 0.3)
    press(page, "b")
    wait_for(pane, PURPLE, 0.3)
    expect(pane.locator(".viewer-scale")).to_have_text(re.compile(r"^\d+ µm$"))
    press(page, "b")
    wait_for(pane, BLUE, 0.3)
    expect(pane.locator(".viewer-scale")).to_have_text(re.compile(r"^about \d+ µm$"))
    frame_is_seen(pane, True)
    press(page, "+")
    press(page, "+")
    frame_is_seen(pane, False)
    press(page, "0")
    frame_is_seen(pane, True)
    press(page, "?")
    expect(page.get_by_role("dialog")).to_contain_text("next picture")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    press(page, "f")
    expect(page.locator(".viewer.is-full")).to_have_count(1)
    wait_for(pane, BLUE, 0.3)
    frame_is_seen(pane, True)
    page.locator(".viewer-label").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("n")  # in full screen wherever the focus is
    wait_for(pane, PURPLE, 0.3)
    page.keyboard.press("f")
    expect(page.locator(".viewer.is-full")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_panes_move_together_by_type(opened: Visit, size: dict[str, int]) -> None:
    page = opened(**size)
    more(page).get_by_role("button", name="3", exact=True).click()
    expect(page.locator(".viewer-more[open]")).to_have_count(0)  # it would cover what was asked for
    panes = page.locator(".viewer-pane")
    expect(panes).to_have_count(3)
    for at, colour in enumerate((RED, GREEN, BLUE)):
        wait_for(panes.nth(at), colour, 0.2)
    panes.nth(0).locator(".openseadragon-canvas").focus()
    for _step in range(3):
        page.keyboard.press("+")
    frame_is_seen(panes.nth(0), False)
    frame_is_seen(panes.nth(1), False)  # clinical too
    frame_is_seen(panes.nth(2), True)  # dermoscopy
    more(page).get_by_label("Moved together").select_option("all")
    page.keyboard.press("Escape")
    frame_is_seen(panes.nth(2), False)
    more(page).get_by_label("Moved together").select_option("none")
    page.keyboard.press("Escape")
    panes.nth(0).locator(".openseadragon-canvas").focus()
    for _step in range(3):
        page.keyboard.press("-")
    frame_is_seen(panes.nth(0), True)
    frame_is_seen(panes.nth(1), False)
    more(page).get_by_role("button", name="One of each type").click()
    for at, colour in enumerate((RED, BLUE, PURPLE)):
        wait_for(panes.nth(at), colour, 0.2)
    more(page).get_by_role("button", name="4", exact=True).click()
    expect(panes).to_have_count(4)


@pytest.mark.parametrize("size", SIZES)
def test_before_and_after_under_a_slider(opened: Visit, size: dict[str, int]) -> None:
    page = opened(**size)
    press(page, "c")
    frames = page.locator(".viewer-frames")
    wait_for(frames, RED, 0.2, 0.6)
    wait_for(frames, GREEN, 0.2, 0.6)
    slider = page.get_by_role("slider", name="Where the first picture ends")
    slider.focus()
    page.keyboard.press("End")
    wait_for(frames, RED, 0.5)
    wait_for(frames, GREEN, 0, 0.05)
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^100 %: to the left 1 · .*, to the right 2 · "))
    page.keyboard.press("Home")
    wait_for(frames, GREEN, 0.5)
    more(page).get_by_role("button", name="Swap before and after").click()
    wait_for(frames, RED, 0.5)
    slider.focus()
    for _step in range(50):
        page.keyboard.press("ArrowRight")
    press(page, "+")
    press(page, "+")
    frame_is_seen(frames, False)  # both, whatever their type
    press(page, "c")
    expect(page.locator(".viewer-pane")).to_have_count(1)
    expect(slider).to_be_hidden()


def test_two_fingers_and_a_double_tap_zoom(opened: Visit) -> None:
    page = opened(**PHONE)
    pane = page.locator(".viewer-pane").first
    box = pane.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = page.context.new_cdp_session(page)
    fingers.send("Input.synthesizePinchGesture", {"x": x, "y": y, "scaleFactor": 2.5, "gestureSourceType": "touch"})
    frame_is_seen(pane, False)
    press(page, "0")
    frame_is_seen(pane, True)
    beside = {"x": box["x"] + 0.4 * box["width"], "y": box["y"] + 0.4 * box["height"]}  # a pin lies in the middle
    for kind, points in (("touchStart", [beside]), ("touchEnd", [])) * 2:
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    frame_is_seen(pane, False)


@pytest.mark.parametrize("size", SIZES)
def test_each_picture_is_asked_for_once_and_lies_under_the_mark(
    opened: Visit, case: tuple[str, str], size: dict[str, int]
) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if urlsplit(request.url).path.startswith("/m/"):
            asked.append(urlsplit(request.url).path)

    page = opened(**size)
    page.on("request", note)
    page.reload()
    pane = page.locator(".viewer-pane").first
    wait_for(pane, RED, 0.3)
    for key in ("n", "b", "n", "s", "s", "c", "c", "f", "f"):
        press(page, key)
        page.wait_for_timeout(200)
    sources = page.locator("[data-viewer-picture]").evaluate_all("all => all.map((one) => one.dataset.src)")
    shown = [path for path in asked if path in sources]
    assert len(shown) == len(set(shown)) >= 2
    assert len(asked) == len(set(asked))
    assert page.locator("[data-viewer-mark-text]").first.text_content().startswith(f"{case[1]} 20")  # type: ignore[union-attr]
    press(page, "s")
    for at in range(2):
        mark, under = page.locator(".viewer-pane .viewer-mark").nth(at), page.locator(".viewer-pane").nth(at)
        assert mark.bounding_box() == under.bounding_box()
        assert mark.evaluate("node => getComputedStyle(node).pointerEvents") == "none"
    # It is seen: the ground of one colour has lighter and darker pixels.
    shot = pixels(page.locator(".viewer-pane").first)
    middle = shot[shot.shape[0] // 3 : -shot.shape[0] // 3, shot.shape[1] // 3 : -shot.shape[1] // 3]
    assert middle.std(axis=(0, 1)).max() > 3


@pytest.mark.parametrize("size", SIZES)
def test_a_pin_by_keyboard(opened: Visit, size: dict[str, int]) -> None:
    page = opened(**size)
    expect(page.locator(".viewer-pins .pin-disc")).to_have_count(1)
    press(page, "a")
    layer = page.get_by_role("application", name="Picture to mark")
    expect(layer).to_be_focused()
    for _step in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#announcer")).to_have_text("Cross at 60 percent from the left, 48 percent from the top.")
    page.keyboard.press("Enter")
    text = page.get_by_label("What is there?")
    expect(text).to_be_focused()
    text.fill("call 0532 123 45 67")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("phone number")
    page.get_by_label("What is there?").fill("Dots in a line")
    page.get_by_role("button", name="Put the pin").click()
    pin = page.locator("#pin-2")
    expect(pin).to_contain_text("Dots in a line")
    expect(pin).to_contain_text("60 % from the left, 48 % from the top")
    expect(pin).to_be_focused()
    expect(page.locator(".viewer-pins .pin-disc")).to_have_count(2)
    press(page, "p")
    expect(page.locator(".viewer-pins .pin-disc")).to_have_count(0)
    page.get_by_role("button", name="Show pin 1 on the picture").click()
    expect(page.locator(".pin-note")).to_have_text("1: Edge of the plaque")
    press(page, "a")
    page.keyboard.press("Escape")
    expect(layer).to_have_count(0)
    page.get_by_role("button", name="Remove pin 2").click()
    page.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(page.locator("#pin-2")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("Remove pin"))).to_have_count(0)  # alice's is hers


@pytest.mark.parametrize("size", SIZES)
def test_a_box_and_an_outline_by_hand(opened: Visit, size: dict[str, int]) -> None:
    page = opened(**size)
    page.get_by_role("button", name="Box", exact=True).click()
    pane = page.locator(".viewer-pane").first
    page.wait_for_timeout(300)  # scrolled into view
    box = pane.bounding_box()
    assert box is not None

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    page.mouse.move(*at(0.4, 0.4))
    page.mouse.down()
    page.mouse.move(*at(0.5, 0.5), steps=4)
    page.mouse.move(*at(0.6, 0.6), steps=4)
    page.mouse.up()
    page.get_by_label("What is there?").fill("The whole nest")
    page.get_by_role("button", name="Put the pin").click()
    expect(page.locator("#pin-2")).to_contain_text("outlined from")
    expect(page.locator(".viewer-pins .pin-outline")).to_have_count(1)
    page.get_by_role("button", name="Outline", exact=True).click()
    page.wait_for_timeout(300)
    box = pane.bounding_box()
    assert box is not None
    for x, y in ((0.45, 0.3), (0.6, 0.35), (0.55, 0.7), (0.45, 0.3)):
        page.mouse.click(*at(x, y))
    page.get_by_label("What is there?").fill("A second one")
    page.get_by_role("button", name="Put the pin").click()
    expect(page.locator("#pin-3")).to_contain_text("outlined from")


@pytest.mark.parametrize("size", SIZES)
def test_a_link_leads_to_its_pin(opened: Visit, size: dict[str, int], case: tuple[str, str]) -> None:
    page = opened(**size)
    press(page, "n")
    wait_for(page.locator(".viewer-pane").first, GREEN, 0.3)
    page.goto(f"/cases/{case[0]}/#pin-1")
    page.reload()
    expect(page.locator("#pin-1.is-chosen")).to_have_count(1)
    expect(page.locator(".pin-note")).to_have_text("1: Edge of the plaque")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_that_axe_finds(opened: Visit, size: dict[str, int], theme: str, case: tuple[str, str]) -> None:
    page = opened(**size)
    assert axe.violations(page, theme=theme) == []
    more(page)
    assert axe.violations(page, theme=theme) == []
    page.goto(f"/cases/{case[0]}/pins/")
    assert axe.violations(page, theme=theme) == []
    page.goto(f"/cases/{case[0]}/")
    page.get_by_role("link", name="Full size").first.click()
    assert axe.violations(page, theme=theme) == []


def test_the_surround_is_the_readers_choice_and_kept(opened: Visit) -> None:
    page = opened(**DESKTOP)
    pane = page.locator(".viewer-pane").first

    def ground() -> str:
        return str(pane.evaluate("node => getComputedStyle(node).backgroundColor"))

    assert ground() == "rgb(118, 118, 118)"  # 18 % of the light
    more(page).get_by_label("Surround").select_option("dark")
    assert ground() == "rgb(28, 28, 28)"
    page.reload()
    wait_for(pane, RED, 0.3)
    assert ground() == "rgb(28, 28, 28)"
