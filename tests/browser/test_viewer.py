"""The viewer, judged by pixels: after every change of mode the whole picture is in view, as large as its cell."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SIZES, Site, Visit

# A landscape and a portrait, each with a colour of its own in every corner.
CASE = """
import base64
from accounts.models import Member
from imaging.models import Rendition
from tests import factories
from tests.consults import reading
from PIL import Image, ImageDraw
import io
made = reading.case(Member.objects.get(email="alice@hospital.example"), kinds=())
for width, height in ((1200, 800), (700, 1000)):
    drawn = Image.new("RGB", (width, height), (224, 172, 150))
    pen = ImageDraw.Draw(drawn)
    for (x, y), colour in zip(
        ((0, 0), (width - 60, 0), (0, height - 60), (width - 60, height - 60)),
        ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 255)),
    ):
        pen.rectangle((x, y, x + 59, y + 59), fill=colour)
    out = io.BytesIO()
    drawn.save(out, "PNG")
    placed = reading.picture(made, data=out.getvalue())
    placed.photo.renditions.update(width=width, height=height, content_type="image/png")
from consults.cases.models import CaseState
from consults.cases.gate import listing
reading.release(made)
print("CASE" + str(made.pk))
"""
CORNERS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "magenta": (255, 0, 255)}
SHAPES = {0: 1200 / 800, 1: 700 / 1000}


@pytest.fixture(scope="module")
def case(site: Site) -> str:
    """The id of a released case with both pictures."""
    return site.run(CASE).rpartition("CASE")[2].strip()


def places(pane: Locator) -> dict[str, tuple[int, int, int, int]]:
    """Where each corner's colour is seen in this pane: left, top, right, bottom, px."""
    shot = np.asarray(Image.open(io.BytesIO(pane.screenshot())).convert("RGB")).astype(int)
    found = {}
    for name, colour in CORNERS.items():
        rows, columns = np.nonzero(np.abs(shot - colour).max(axis=2) < 60)
        if rows.size:
            found[name] = (columns.min(), rows.min(), columns.max(), rows.max())
    return found


def is_whole(pane: Locator, shape: float) -> bool:
    """Whether all corners are seen in their order, and the picture fills its cell one way."""
    found, box = places(pane), pane.bounding_box()
    assert box is not None
    if found.keys() != CORNERS.keys():
        return False
    left, top, _right, _bottom = found["red"]
    _left, _top, right, bottom = found["magenta"]
    width, height = right - left + 1, bottom - top + 1
    in_order = found["green"][0] > found["red"][2] and found["blue"][1] > found["red"][3]
    undistorted = abs(width / height / shape - 1) < 0.03
    fills = max(width / box["width"], height / box["height"])
    return in_order and undistorted and fills > 0.96


def expect_whole(page: Page, shown: dict[int, int]) -> None:
    """Each pane shows its picture (number) whole, soon."""
    panes = page.locator(".viewer-pane")
    expect(panes).to_have_count(len(shown))
    for _attempt in range(40):
        if all(is_whole(panes.nth(pane), SHAPES[picture]) for pane, picture in shown.items()):
            return
        page.wait_for_timeout(150)
    seen = {pane: (places(panes.nth(pane)), panes.nth(pane).bounding_box()) for pane in shown}
    pytest.fail(f"not whole: {seen}")


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_picture_is_in_view_after_every_change_of_mode(
    sign_in: Visit, case: str, size: dict[str, int]
) -> None:
    page = sign_in("bob", **size)
    page.goto(f"/cases/{case}/")

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    expect_whole(page, {0: 0})
    press("Side by side")
    expect_whole(page, {0: 0, 1: 1})
    press("Full screen")
    expect_whole(page, {0: 0, 1: 1})
    press("Side by side")
    expect_whole(page, {0: 0})
    press("Zoom in")
    press("Zoom in")
    press("Full screen")
    expect_whole(page, {0: 0})
    press("Zoom in")
    press("Side by side")
    expect_whole(page, {0: 0, 1: 1})
    press("Side by side")
    page.locator("[data-viewer-picture]").nth(1).click()
    expect_whole(page, {0: 1})
    press("Full screen")
    expect_whole(page, {0: 1})
    page.set_viewport_size({"width": size["height"], "height": size["width"]})  # the phone is turned
    expect_whole(page, {0: 1})
