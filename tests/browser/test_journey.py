"""The whole journey, by people in a browser: post, mask, consent, second read, answer, withdraw, audit."""

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from demo.drawings import faces
from imaging import engine
from tests.browser.conftest import PIPELINE_MS, Site, Visit, running_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Site]:
    """A site of its own: in the end nothing at all may be left in it."""
    with running_site(tmp_path_factory.mktemp("journey"), prepared) as site:
        yield site


def phone_photo(folder: Path) -> Path:
    """A portrait in the public domain, with a position, a serial number and a thumbnail in the file."""
    path = folder / "Jane Canary 1961-02-03.jpg"
    path.write_bytes(faces.phone_photo("face_cheek_plaque", seed=7))
    assert b"GPS" in path.read_bytes() or b"Exif" in path.read_bytes()
    return path


def post_picture(page: Page, path: Path) -> None:
    """Upload, wait for the pipeline, look at the masks, answer the checklist, confirm, wait for the seal."""
    page.get_by_role("link", name="New case").first.click()
    expect(page.get_by_role("heading", name="New case")).to_be_visible()
    page.locator("[data-upload-input]").first.set_input_files(path)
    card = page.locator(".picture-card")
    expect(card.get_by_text("Your review is needed")).to_be_visible(timeout=PIPELINE_MS)
    with page.expect_response(lambda response: response.url.endswith("/about/")):
        card.get_by_label("Picture type").select_option("close-up")
    card.get_by_role("link", name="Review the masks").click()

    masks = page.locator("[data-studio-list] li")
    expect(masks.nth(1)).to_be_visible()  # the face and its eyes
    accept_what_is_to_check(page)
    stage = page.locator("[data-studio-stage]")
    stage.focus()
    before = masks.count()
    page.keyboard.press("b")
    box = stage.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 80, steps=5)
    page.mouse.up()
    expect(masks).to_have_count(before + 1)
    expect(page.locator("[data-studio-status]")).to_have_text("Saved")
    page.locator("[data-do=result]").click()  # its words are shorter on a phone
    expect(page.locator("[data-result-after]")).to_have_js_property("complete", True, timeout=PIPELINE_MS)
    page.get_by_role("button", name="Close").click()

    page.get_by_role("button", name="Confirm: this picture gives nobody away").click()
    checklist = page.locator(".checklist-item")
    expect(checklist.get_by_label("Not in the picture").first).to_be_focused()  # not confirmed: it is empty
    for item in checklist.all():
        item.get_by_label("Not in the picture").check()
    for warning in page.get_by_label("I have seen this and keep the picture").all():
        warning.check()
    page.get_by_role("button", name="Confirm: this picture gives nobody away").click()
    expect(page.locator(".picture-status").get_by_text("Masked and sealed")).to_be_visible(timeout=PIPELINE_MS)


def accept_what_is_to_check(page: Page) -> None:
    """Cover everything that the detectors were not sure of."""
    waiting = page.locator("[data-studio-list] li").filter(has_text="Check this")
    while left := waiting.count():
        waiting.first.get_by_role("button", name="Cover it").click()
        expect(waiting).to_have_count(left - 1)


def write_facts(page: Page) -> None:
    """Step 3, with a mistake that the page must catch."""
    page.get_by_role("link", name="Go on with the case").click()
    page.get_by_label("title").fill("Scaly plaque on the cheek")
    page.get_by_label("question").select_option("diagnosis")
    page.get_by_label("clinical note").fill("Seen on 3 February 1961. Slowly growing for four months, no itch.")
    page.get_by_role("combobox", name="age").select_option("40-49")
    page.get_by_label("sex").select_option("female")
    page.get_by_label("body site").select_option("cheek")
    page.get_by_label("duration").select_option("6w-6m")
    page.get_by_label("primary morphology").select_option("plaque")
    choose_diagnosis(page, "Diagnosis 1", "discoid lup")
    expect(page.locator("#missing")).to_contain_text("clinical note")  # a date in the note
    page.get_by_label("clinical note").fill("Slowly growing for four months, no itch.")
    expect(page.locator("#missing")).not_to_contain_text("clinical note")
    page.get_by_role("button", name="Go on with the consent").click()


def choose_diagnosis(page: Page, label: str, typed: str) -> None:
    """Pick the first suggestion of a type-ahead."""
    page.get_by_label(label).first.press_sequentially(typed)
    page.locator("[role=listbox] [role=option]").first.click()


def record_consent(page: Page) -> str:
    """Step 4: the patient ticks, signs on the screen, gets the code. Returns the code."""
    page.get_by_label("The patient saw the masked pictures").check()
    page.get_by_label("Discussion among all vetted members").check()
    page.get_by_label("The patient has, or now receives, a copy of the form").check()
    page.get_by_role("button", name="Record the consent").click()
    expect(page.locator("[data-signature-error]")).not_to_be_empty()  # not signed yet
    pad = page.locator(".signature-pad").bounding_box()
    assert pad is not None
    page.locator(".signature-pad").scroll_into_view_if_needed()
    pad = page.locator(".signature-pad").bounding_box()
    assert pad is not None
    page.mouse.move(pad["x"] + 30, pad["y"] + 60)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(pad["x"] + 30 + 20 * step, pad["y"] + 60 + (-1) ** step * 20)
    page.mouse.up()
    page.get_by_role("button", name="Record the consent").click()
    expect(page.get_by_role("heading", name="Consent recorded")).to_be_visible()
    return page.locator("#withdrawal-code").inner_text()


def answer_blind(page: Page) -> None:
    """A colleague sees nothing of the others before answering, then discusses."""
    page.goto("/cases/")
    page.get_by_role("link", name="Scaly plaque on the cheek").click()
    expect(page.get_by_role("heading", name="Your diagnosis")).to_be_visible()
    expect(page.get_by_role("heading", name="What colleagues think")).to_have_count(0)
    expect(page.get_by_text("The author's working differential")).to_have_count(0)
    choose_diagnosis(page, "Most likely", "actinic kerat")
    page.get_by_label("Probable").first.check()
    page.get_by_role("button", name="Save my diagnosis").click()
    expect(page.get_by_role("heading", name="What colleagues think")).to_be_visible()
    expect(page.get_by_text("Shown from 3 answers on: 1 so far.")).to_be_visible()
    page.get_by_label("comment").fill("Feel it: rough under the finger speaks for a keratosis.")
    page.get_by_role("button", name="Write").click()
    expect(page.get_by_text("rough under the finger")).to_be_visible()


def shown_picture(page: Page) -> str:
    """The address of the picture on the case page."""
    source = page.locator("[data-viewer] img, .case-story img").first.get_attribute("src")
    assert source is not None
    return source


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (360, 780)], ids=["desktop", "phone"])
def test_journey(visit: Visit, sign_in: Visit, site: Site, tmp_path: Path, width: int, height: int) -> None:
    size = {"width": width, "height": height}
    alice = sign_in("alice", **size)
    post_picture(alice, phone_photo(tmp_path))
    write_facts(alice)
    code = record_consent(alice)
    alice.get_by_role("button", name="I have given it to the patient").click()
    expect(alice.get_by_role("heading", name="Nothing is missing")).to_be_visible()
    alice.get_by_role("button", name="Send to the second reader").click()
    expect(alice.get_by_text("Waiting for the second read").first).to_be_visible()

    bob = sign_in("bob", **size)
    bob.goto("/cases/")
    expect(bob.get_by_role("link", name="Scaly plaque on the cheek")).to_have_count(0)

    moderator = sign_in("mod1", **size)
    moderator.goto("/second-reads/")
    moderator.get_by_role("link", name="Scaly plaque on the cheek").first.click()
    moderator.get_by_label("I looked at every picture at full size").check()
    expect(moderator.get_by_text("The author is on probation")).to_be_visible()
    for further in ("what machines miss", "I read every word", "I read the consent"):
        moderator.get_by_label(further).check()
    moderator.get_by_role("button", name="Release", exact=True).click()
    moderator.wait_for_url("**/second-reads/")

    answer_blind(bob)
    source = shown_picture(bob)
    served = bob.request.get(source)
    assert served.status == 200
    assert served.headers["cache-control"] == "private, no-store"
    engine.verify(served.body())
    assert Image.open(BytesIO(served.body())).getexif() == {}

    nobody = visit(**size)
    assert nobody.request.get(source, max_redirects=0).status in (302, 404)
    nobody.goto("/withdraw/")
    nobody.get_by_role("textbox").first.fill(code.lower().replace("-", " "))
    nobody.get_by_role("button", name="Continue").click()
    expect(nobody.get_by_role("heading", name="What will happen")).to_be_visible()
    nobody.get_by_role("button", name="Withdraw and destroy").click()
    expect(nobody.get_by_role("heading", name="Your consent is withdrawn")).to_be_visible()
    assert bob.request.get(source).status == 404
    assert bob.request.get(bob.url).status == 404
    wait_until_purged(site)
    nothing_left(site, served.body())

    officer = sign_in("officer", **size)
    officer.goto("/consent-audit/")
    expect(officer.get_by_text("The consent was withdrawn").first).to_be_visible()
    assert officer.locator("main img").count() == 0
    assert officer.request.get(source).status in (403, 404)


def wait_until_purged(site: Site) -> None:
    """The purge job has finished."""
    for _attempt in range(300):
        with sqlite3.connect(f"file:{site.data}/rete.sqlite3?mode=ro", uri=True) as database:
            (open_purges,) = database.execute(
                "SELECT count(*) FROM consent_withdrawal WHERE completed_at IS NULL"
            ).fetchone()
        if open_purges == 0:
            return
        time.sleep(0.2)
    pytest.fail("The withdrawal was not finished within a minute.")


def nothing_left(site: Site, served: bytes) -> None:
    """No object, no data key, no word of the case is left; the log still verifies."""
    assert [path.name for path in (site.data / "objects").rglob("*") if path.is_file()] == []
    with sqlite3.connect(f"file:{site.data}/rete.sqlite3?mode=ro", uri=True) as database:
        (own,) = database.execute("SELECT count(*) FROM notifications_pushkey").fetchone()
    with sqlite3.connect(f"file:{site.data}/keys.sqlite3?mode=ro", uri=True) as keys:
        assert keys.execute("SELECT count(*) FROM core_datakey WHERE wrapped IS NOT NULL").fetchone() == (own,)
    with sqlite3.connect(f"file:{site.data}/rete.sqlite3?mode=ro", uri=True) as database:
        assert database.execute("SELECT count(*) FROM consults_comment").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM consults_case WHERE title != ''").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM imaging_photo").fetchone() == (0,)
    for path in site.data.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert b"Jane Canary" not in held
            assert hashlib.sha256(held).digest() != hashlib.sha256(served).digest()
