"""Three pictures from files to sealed, each time with one way of working: mouse, keyboard alone, fingers on a phone.

A HEIC with a face in it, a JPEG close-up, a PNG of histology. Their masks are judged by the sealed pixels.
"""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from demo.drawings.catalogue import PICTURES
from demo.drawings.faces import draw_face
from tests.browser.conftest import DESKTOP, PHONE, PIPELINE_MS, Site, Visit
from tests.browser.studio import is_bar

KINDS = ("overview", "close-up", "histology")
SEALED = """
import base64, json
from consults.models import CasePhoto
from imaging import service
rows = []
for place in CasePhoto.objects.filter(case_id="CASE").order_by("position"):
    full = place.photo.renditions.get(name="full")
    data = service.read_rendition(rendition=full)
    masks = [[r.kind, r.style, r.x, r.y, r.width, r.height] for r in place.photo.regions.all() if r.masked]
    rows.append([full.content_type, base64.b64encode(data).decode(), masks])
print("ROWS" + json.dumps(rows))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The three files, as a phone and a slide scanner would hand them over."""
    folder = tmp_path_factory.mktemp("pictures")
    face = draw_face("face_cheek_plaque", seed=7)
    plaque, slide = (_drawn(name) for name in ("psoriasis_arm_close_up", _first("histology")))
    heic, jpeg, png = (folder / name for name in ("IMG_0042.HEIC", "IMG_0043.jpg", "slide.png"))
    pillow_heif.from_pillow(Image.fromarray(face)).save(heic, quality=80)
    Image.fromarray(plaque).save(jpeg, quality=92)
    Image.fromarray(slide).save(png)
    return [heic, jpeg, png]


def _first(kind: str) -> str:
    return next(name for name, picture in PICTURES.items() if picture.kind == kind)


def _drawn(name: str) -> np.ndarray:
    picture = PICTURES[name].draw
    return np.asarray(cv2.resize(picture(), (1200, 900), interpolation=cv2.INTER_AREA))


# --- Ways of working: how one presses a button, and how one chooses


def click(page: Page, target: Locator) -> None:
    """With the mouse."""
    target.click()


def press(page: Page, target: Locator) -> None:
    """With the keyboard alone: whatever it is takes the focus and the key that belongs to it."""
    target.focus()
    expect(target).to_be_focused()
    kind = target.evaluate("element => element.type || element.localName")
    page.keyboard.press("Space" if kind in ("checkbox", "radio") else "Enter")


def tap(page: Page, target: Locator) -> None:
    """With a finger."""
    target.tap()


Act = Callable[[Page, Locator], None]
WAYS = pytest.mark.parametrize(
    ("act", "size"),
    [
        (click, DESKTOP),
        (press, DESKTOP),
        (tap, PHONE),
    ],
    ids=["mouse", "keyboard", "touch"],
)


@WAYS
def test_three_pictures_from_files_to_sealed(
    act: Act, size: dict[str, int], sign_in: Visit, site: Site, files: list[Path]
) -> None:
    page = sign_in("alice", **size)
    page.goto("/cases/new/")
    expect(page.get_by_role("heading", name="New case")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        act(page, page.get_by_role("button", name="Choose pictures"))
    chooser.value.set_files(files)
    cards = page.locator("[data-picture]")
    expect(cards).to_have_count(3)
    for card, kind in zip(cards.all(), KINDS, strict=True):
        with page.expect_response(lambda response: response.url.endswith("/about/")):
            card.get_by_label("Picture type").select_option(kind)
    status = page.locator(".picture-status")
    expect(status.get_by_text("Your review is needed")).to_have_count(3, timeout=PIPELINE_MS)
    case = page.url.split("/cases/")[1].split("/")[0]
    act(page, cards.first.get_by_role("link", name="Review the masks"))
    for number in (1, 2, 3):
        expect(page.get_by_role("heading", name=f"De-identify picture {number}")).to_be_visible()
        review(page, act)
    page.goto(f"/cases/{case}/pictures/")
    expect(status.get_by_text("Masked and sealed")).to_have_count(3, timeout=PIPELINE_MS)
    face, close_up, slide = json.loads(site.run(SEALED.replace("CASE", case)).partition("ROWS")[2])
    assert [face[0], close_up[0], slide[0]] == ["image/jpeg", "image/jpeg", "image/png"]
    covers = {kind for kind, *_rest in face[2]}
    assert covers >= {"face", "eye"}
    bars = [
        (data, box) for _type, data, masks in (face, close_up, slide) for _kind, style, *box in masks if style == "bar"
    ]
    assert bars
    for data, box in bars:
        assert is_bar(middle(data, box))


def review(page: Page, act: Act) -> None:
    """Cover what is to check, answer what is asked, look at the result, confirm."""
    items = page.locator("[data-studio-list] > li")
    waiting = items.filter(has_text="Check this")
    expect(page.locator("[data-do=select][aria-pressed=true]")).to_be_visible()
    while waiting.count():
        left = waiting.count()
        act(page, waiting.first.get_by_role("button", name="Cover it"))
        expect(waiting).to_have_count(left - 1)
    for item in page.locator(".checklist-item").all():
        act(page, item.get_by_label("Not in the picture"))
    for extra in (page.get_by_label("I have seen this and keep the picture"), page.get_by_label("There are no eyes")):
        for box in extra.all():
            act(page, box)
    act(page, page.locator("[data-do=result]"))
    expect(page.locator("[data-result-after]")).to_have_js_property("complete", True, timeout=PIPELINE_MS)
    act(page, page.get_by_role("button", name="Close"))
    here = page.url
    act(page, page.get_by_role("button", name="Confirm: this picture gives nobody away"))
    page.wait_for_url(lambda url: url != here)


def middle(data: str, box: list[float]) -> np.ndarray:
    """A few pixels about the middle of a cover in the sealed picture."""
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    x, y = round(box[0] + box[2] / 2), round(box[1] + box[3] / 2)
    return pixels[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3]
