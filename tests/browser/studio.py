"""The studio in a browser: pictures seeded into it, its tools, what it keeps, the pixels that it seals."""

import base64
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from imaging.engine.masking.paint import BAR
from tests.browser.conftest import PIPELINE_MS, Site

WIDE, HIGH = 1600, 1200
# A picture held sideways: four flat quarters, upright 1600×1200, stored turned with an orientation of 6.
SEED = """
import json
import numpy as np, piexif
from core import storage
from imaging import originals
from imaging.models import Photo
from tests.imaging.engine import pictures
from tests.imaging import making
upright = pictures.chart(1600, 1200)
exif = piexif.dump({"0th": {piexif.ImageIFD.Orientation: 6}})
stored = pictures.encoded(np.ascontiguousarray(np.rot90(upright)), "JPEG", quality=95, exif=exif)
case, made = None, []
for number in range(PICTURES):
    photo = making.photo(stored, size=(1600, 1200))
    storage.delete(storage.originals(), name=photo.preview_name)
    originals.save_preview(photo=photo, data=pictures.encoded(upright, "JPEG"))
    if case is None:
        case = photo.placement.case
    old, photo.placement.case, photo.placement.position = photo.placement.case, case, number
    photo.placement.save()
    if old != case:
        old.delete()
    Photo.objects.filter(pk=photo.pk).update(warnings=["dark"], found=["gps", "time"], engine_version="2")
    made.append(str(photo.pk))
for fields in REGIONS:
    making.region(Photo.objects.get(pk=made[0]), **fields)
print(json.dumps({"case": str(case.pk), "photos": made}))
"""
FACE = {"kind": "face", "style": "veil", "x": 500.0, "y": 200.0, "width": 600.0, "height": 800.0}
EYES = {"kind": "eye", "shape": "band", "x": 560.0, "y": 400.0, "width": 480.0, "height": 120.0}
EYES["found_box"] = [560.0, 400.0, 480.0, 120.0, 0.0]
TEXT = {"kind": "text", "choice": "check", "score": 0.3, "x": 100.0, "y": 1100.0, "width": 200.0, "height": 50.0}
SEALED = """
import base64
from imaging.renditions import pipeline
from imaging.models import Rendition
rendition = Rendition.objects.get(photo_id="PHOTO", name="full")
print(base64.b64encode(pipeline.read_rendition(rendition=rendition)).decode())
"""
REGIONS_NOW = """
import json
from imaging.models import Photo
photo = Photo.objects.get(pk="PHOTO")
rows = [[r.kind, r.shape, r.choice, r.x, r.y, r.width, r.height, r.angle, r.reason] for r in photo.regions.all()]
print(json.dumps({"rows": rows, "crop": photo.crop, "revision": photo.mask_revision}))
"""


@dataclass
class Studio:
    """One picture's studio in a browser."""

    page: Page
    site: Site
    case: str
    photos: list[str]

    def open(self, number: int = 0) -> None:
        self.page.goto(f"/cases/{self.case}/pictures/{self.photos[number]}/")
        expect(self.page.locator("[data-do=select][aria-pressed=true]")).to_be_visible()
        self.stage.scroll_into_view_if_needed()

    @property
    def stage(self) -> Locator:
        return self.page.locator("[data-studio-stage]")

    @property
    def items(self) -> Locator:
        return self.page.locator("[data-studio-list] > li")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the picture (px) lies on the screen while the whole picture is shown."""
        box = self.stage.bounding_box()
        assert box is not None
        scale = min(0.98 * box["width"] / WIDE, 0.98 * box["height"] / HIGH)
        left, top = (box["width"] - scale * WIDE) / 2, (box["height"] - scale * HIGH) / 2
        return box["x"] + left + scale * x, box["y"] + top + scale * y

    def tool(self, name: str) -> Locator:
        return self.page.locator(f"[data-do={name}]")

    def drag(self, *points: tuple[float, float]) -> None:
        """Press at the first point of the picture, let go at the last."""
        mouse = self.page.mouse
        mouse.move(*self.at(*points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.at(*point), steps=6)
        mouse.up()

    def saved(self) -> None:
        expect(self.page.locator("[data-studio-status]")).to_have_text("Saved")

    def said(self, text: str) -> None:
        expect(self.page.locator("#announcer")).to_contain_text(text)

    def now(self) -> dict[str, Any]:
        """What the server keeps of the first picture."""
        rows: dict[str, Any] = json.loads(self.site.run(REGIONS_NOW.replace("PHOTO", self.photos[0])))
        return rows

    def confirm(self) -> np.ndarray:
        """Answer what is asked, confirm, wait for the seal; the pixels of the sealed full-size picture."""
        self.saved()
        for item in self.page.locator(".checklist-item").all():
            item.get_by_label("Not in the picture").check()
        self.page.get_by_label("I have seen this and keep the picture").check()
        self.page.get_by_role("button", name="Confirm: this picture gives nobody away").click()
        self.page.wait_for_url(lambda url: self.photos[0] not in url)
        self.page.goto(f"/cases/{self.case}/pictures/")
        card = self.page.locator(f"#picture-{self.photos[0]}")
        expect(card.get_by_text("Masked and sealed")).to_be_visible(timeout=PIPELINE_MS)
        data = base64.b64decode(self.site.run(SEALED.replace("PHOTO", self.photos[0])))
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.getexif() == {}
            return np.asarray(picture.convert("RGB"))


def is_bar(pixels: np.ndarray) -> bool:
    """Whether all pixels have the bar's colour; whoever asks stays a JPEG block away from its edge."""
    return bool(np.all(np.abs(pixels.astype(int) - BAR) <= 5))


def is_flat(pixels: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.all(np.abs(pixels.astype(int) - colour) <= 12))
