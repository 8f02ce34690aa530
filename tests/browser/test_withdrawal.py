"""A patient with the receipt and a phone, without an account: a use, one picture, then everything."""

import json
import re

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Site, Visit

DONE = "has been hidden and destroyed"
PLANT = """
import json
from reportlab import rl_config
from consent.pdf import receipt
from consent.models import Use
from imaging.models import Rendition
from tests.consent import making
rl_config.pageCompression = 0
made = making.published(pictures=2, comments=("one",), consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)})
pictures = [str(place.photo.renditions.get(name="display").pk) for place in made.case.pictures.all()]
pdf = receipt.receipt_pdf(consent=made.consent, code=made.code)
print(json.dumps({"case": str(made.case.pk), "code": made.code, "pictures": pictures, "pdf": pdf.hex()}))
"""
RECTANGLE = re.compile(rb"n ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re f")


def printed_address(pdf: bytes) -> str:
    """What a phone's camera reads on the receipt: the square code as the page draws it."""
    page = next(part for part in pdf.split(b"endstream") if len(RECTANGLE.findall(part)) > 100)
    boxes = np.array([[float(number) for number in found] for found in RECTANGLE.findall(page)])
    boxes = np.rint(boxes / boxes[:, 3].min()).astype(int)  # in modules of the code
    right, upper = (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    paper = np.full((upper + 8, right + 8), 255, np.uint8)
    for x, y, width, height in boxes:
        paper[upper - y - height + 4 : upper - y + 4, x + 4 : x + 4 + width] = 0
    # A camera tries again from another distance too.
    for pixels in (6, 8, 10, 5, 7, 12):
        shot = cv2.resize(paper, None, fx=pixels, fy=pixels, interpolation=cv2.INTER_NEAREST)
        for reader in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
            if found := reader.detectAndDecode(shot)[0]:
                return str(found)
    return ""


@pytest.fixture
def planted(site: Site) -> dict[str, str]:
    """A released case with two pictures, its receipt and its code."""
    return dict(json.loads(site.run(PLANT)))


def check_access(page: Page) -> None:
    """No fault that axe can see, and nothing wider than the phone."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def with_code(page: Page, address: str) -> None:
    """Open the address of the receipt; the code is in the field and no longer in the address."""
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_label("Withdrawal code")).to_have_value(address.partition("#")[2])
    assert "#" not in page.url
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()


def take_back(page: Page, *, outcome: str = DONE) -> None:
    """Confirm a part, and wait for what the certificate says became of it."""
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("heading", name="A part of your consent is taken back")).to_be_visible()
    expect(page.get_by_text(outcome)).to_be_visible()
    check_access(page)


def test_part_by_part_then_everything(visit: Visit, sign_in: Visit, planted: dict[str, str], site: Site) -> None:
    bob = sign_in("bob")
    first, second = (f"/m/{picture}/" for picture in planted["pictures"])
    assert [bob.request.get(at).status for at in (first, second)] == [200, 200]
    address = printed_address(bytes.fromhex(planted["pdf"]))
    assert address == f"{site.address}/withdraw/#{planted['code']}"

    patient = visit(**PHONE)
    with_code(patient, address)
    check_access(patient)
    patient.get_by_role("button", name="Take back only a part").click()
    patient.get_by_role("button", name="Continue").click()
    expect(patient.get_by_role("alert")).to_contain_text("Choose what to take back.")
    check_access(patient)
    patient.get_by_label("Research").check()
    patient.get_by_role("button", name="Continue").click()
    expect(patient.get_by_text("nothing is destroyed")).to_be_visible()
    take_back(patient, outcome="nothing was hidden or destroyed")
    assert [bob.request.get(at).status for at in (first, second)] == [200, 200]

    with_code(patient, address)
    patient.get_by_role("button", name="Take back only a part").click()
    expect(patient.get_by_label("Research")).to_have_count(0)
    expect(patient.locator("main img.part-picture")).to_have_count(2)
    patient.get_by_label("Picture 2").check()
    patient.get_by_role("button", name="Continue").click()
    take_back(patient)
    assert [bob.request.get(at).status for at in (first, second)] == [200, 404]

    with_code(patient, address)
    patient.get_by_role("button", name="Withdraw and destroy").click()
    expect(patient.get_by_role("heading", name="Your consent is withdrawn")).to_be_visible()
    expect(patient.get_by_text(DONE)).to_be_visible()
    check_access(patient)
    assert [bob.request.get(at).status for at in (first, second)] == [404, 404]
    assert bob.request.get(f"/cases/{planted['case']}/").status == 404
    certificate = patient.get_by_role("link", name="Save the certificate (PDF)").get_attribute("href")
    assert certificate
    assert patient.request.get(certificate).body().startswith(b"%PDF")
