"""The list of a draft's pictures: what it shows while a picture is worked on, and what it offers on which device."""

from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, PIPELINE_MS, Visit
from tests.imaging.engine import pictures


def test_a_picture_that_the_browser_cannot_draw_does_not_turn_for_ever(sign_in: Visit, tmp_path: Path) -> None:
    path = tmp_path / "IMG_0042.HEIC"
    pixels = cv2.GaussianBlur(pictures.noise(800, 600, seed=42), (0, 0), 3)
    pillow_heif.from_pillow(Image.fromarray(np.asarray(pixels))).save(path, quality=80)
    page = sign_in("bob", **DESKTOP)
    page.goto("/cases/new/")
    page.locator("[data-upload-input]").first.set_input_files(path)
    card = page.locator(".picture-card")
    expect(card.locator(".spinner")).to_be_visible()
    expect(card.get_by_text("Your review is needed")).to_be_visible(timeout=PIPELINE_MS)
    expect(card.locator(".spinner")).to_be_hidden()
    expect(card.locator(".picture-card-image .icon")).to_be_visible()
    page.get_by_role("button", name="Delete the draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Continue").click()


@pytest.mark.parametrize(("size", "camera"), [(DESKTOP, False), (PHONE, True)], ids=["desktop", "phone"])
def test_a_camera_is_offered_where_one_is_held(sign_in: Visit, size: dict[str, int], camera: bool) -> None:
    page = sign_in("bob", **size)
    page.goto("/cases/new/")
    expect(page.get_by_text("Take a picture")).to_be_visible(visible=camera)
    expect(page.get_by_text("Drop pictures here")).to_be_visible(visible=not camera)
