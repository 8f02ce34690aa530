"""Pictures from files to the list, with mouse and on a phone: progress, refusal, resumption, order, words."""

import re
import sqlite3
import uuid
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, Route, expect

from imaging.models import Upload
from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, PIPELINE_MS, SIZES, Site, Visit, at_once
from tests.browser.uploading import cards, case_of, choose, count, drop, kill, paste, received, until
from tests.imaging.engine import pictures


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """A picture of this name, as small as is taken, unlike any other; the file is so many pieces long."""

    def made(name: str, *, pieces: int = 1) -> Path:
        path = tmp_path / name
        seed = zlib.crc32(name.encode() + uuid.uuid4().bytes)
        data = pictures.encoded(pictures.noise(800, 600, seed=seed), "JPEG", quality=80)
        path.write_bytes(data + bytes((pieces - 1) * Upload.PIECE_BYTES))
        return path

    return made


@pytest.fixture
def draft(sign_in: Visit, site: Site) -> Iterator[Callable[..., Page]]:
    """A page with an empty draft of alice's, which is discarded afterwards with all that came into it."""
    opened: list[tuple[Page, UUID]] = []

    def new(**size: int) -> Page:
        page = sign_in("alice", **size)
        page.goto("/cases/new/")
        opened.append((page, case_of(page)))
        return page

    yield new
    for page, case in opened:
        if not page.is_closed():
            page.unroute_all(behavior="ignoreErrors")
        token = page.context.request.get("/token/").json()["token"]
        headers = {"X-CSRFToken": token, "Referer": site.address}
        assert page.context.request.post(f"/cases/{case}/discard/", headers=headers).ok


# --- Ways in


@pytest.mark.parametrize("bring", [choose, drop, paste], ids=["picker", "drop", "paste"])
def test_ways_in(draft: Callable[..., Page], file: Callable[..., Path], bring: Callable[[Page, Path], None]) -> None:
    page = draft(**DESKTOP)
    bring(page, file("one.jpg"))
    expect(page.locator(".picture-card")).to_have_count(1)
    expect(page.locator("#missing")).not_to_contain_text("Add at least one picture.")
    expect(page.get_by_text("No picture yet.")).to_be_hidden()


def test_the_phone_offers_its_camera(draft: Callable[..., Page], file: Callable[..., Path]) -> None:
    page = draft(**PHONE)
    camera = page.locator("input[capture=environment]")
    expect(page.get_by_text("Take a picture")).to_be_visible()
    camera.set_input_files(file("shot.jpg"))
    expect(page.locator(".picture-card")).to_have_count(1)


@pytest.mark.parametrize("size", SIZES)
def test_many_at_once_in_the_order_chosen_and_bad_ones_do_not_stop_them(
    draft: Callable[..., Page], file: Callable[..., Path], tmp_path: Path, size: dict[str, int]
) -> None:
    page = draft(**size)
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear colleague")
    empty = tmp_path / "empty.jpg"
    empty.write_bytes(b"")
    false = tmp_path / "false.jpg"
    false.write_bytes(b"Dear colleague")
    # The first is the longest, so that it arrives last.
    good = [file("a.jpg", pieces=3), file("b.jpg"), file("c.jpg")]
    choose(page, *good, letter, empty, false)
    expect(page.locator("[data-upload-queue] li")).to_have_count(2)  # the refused stay until they are dismissed
    for reason in ("This is not a picture.", "This file is empty."):
        expect(page.locator("[data-upload-queue]")).to_contain_text(reason)
    expect(page.locator(".picture-card")).to_have_count(4)
    assert [card.get_attribute("data-chosen") for card in page.locator(".picture-card").all()] == ["1", "2", "3", "6"]
    expect(page.locator(".picture-card").nth(3)).to_contain_text("Save it as JPEG or PNG", timeout=PIPELINE_MS)
    expect(page.locator(".picture-status").get_by_text("Your review is needed")).to_have_count(3, timeout=PIPELINE_MS)
    order = cards(page)
    for _refused in range(2):
        page.get_by_role("button", name="Remove from the list").first.click()
    page.reload()
    assert cards(page) == order


# --- Lost and found again


def test_a_lost_connection_costs_one_piece(draft: Callable[..., Page], file: Callable[..., Path]) -> None:
    page = draft(**PHONE)
    sent: list[str] = []

    def line(route: Route) -> None:
        if route.request.method != "PUT":
            return route.continue_()
        offset = route.request.headers["upload-offset"]
        sent.append(offset)
        # The second piece is cut off the first time, and so is the answer to the last.
        return route.abort() if sent.count(offset) == 1 and offset == str(Upload.PIECE_BYTES) else route.continue_()

    page.route("**/pictures/upload/", line)
    choose(page, file("long.jpg", pieces=3))
    expect(page.locator("[data-upload-queue]")).to_contain_text("Connection lost")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator(".picture-card")).to_have_count(1)
    assert [int(offset) // Upload.PIECE_BYTES for offset in sent] == [0, 1, 1, 2]


def test_a_closed_tab_goes_on_where_it_stopped(
    draft: Callable[..., Page], file: Callable[..., Path], site: Site
) -> None:
    page = draft(**DESKTOP)
    path = file("long.jpg", pieces=4)

    def half(route: Route) -> None:
        if int(route.request.headers.get("upload-offset", 0)) < 2 * Upload.PIECE_BYTES:
            route.continue_()  # and the third piece never gets anywhere

    page.route("**/pictures/upload/", half)
    choose(page, path)
    case = case_of(page)
    until(page, lambda: received(site, case) == [2 * Upload.PIECE_BYTES])
    again = page.context.new_page()
    page.close(run_before_unload=False)

    again.goto("/cases/new/")
    assert cards(again) == []  # nothing half visible
    sent: list[str] = []
    again.on("request", lambda r: sent.append(r.headers["upload-offset"]) if r.method == "PUT" else None)
    choose(again, path)
    expect(again.locator(".picture-card")).to_have_count(1)
    pieces = [int(offset) // Upload.PIECE_BYTES for offset in sent]
    # The third piece may have been kept although the closed tab never heard of it.
    assert pieces in ([2, 3], [3])
    assert received(site, case) == []
    # The same file once more, out of habit: no second picture.
    choose(again, path)
    expect(again.locator("[data-upload-queue] li")).to_have_count(0)
    expect(again.locator(".picture-card")).to_have_count(1)


def test_the_web_server_and_the_worker_die_and_nothing_is_lost(
    draft: Callable[..., Page], file: Callable[..., Path], site: Site
) -> None:
    page = draft(**DESKTOP)
    paths = [file(f"{number}.jpg", pieces=3) for number in range(3)]
    killed: list[str] = []

    def line(route: Route) -> None:
        if not killed and route.request.headers.get("upload-offset") == str(Upload.PIECE_BYTES):
            killed.append("web")
            kill(site, "gunicorn")
        route.continue_()

    page.route("**/pictures/upload/", line)
    choose(page, *paths)
    expect(page.locator(".picture-card")).to_have_count(3, timeout=60_000)
    kill(site, "--queues celery")
    assert killed == ["web"]
    assert count(site, case_of(page)) == 3
    with closing(sqlite3.connect(site.data / "rete.sqlite3", timeout=20)) as database, database:
        # Not to wait a minute for the lease of the dead.
        database.execute("UPDATE core_job SET lease_until = datetime('now', '-1 seconds') WHERE state = 'running'")
    expect(page.locator(".picture-status").get_by_text("Your review is needed")).to_have_count(3, timeout=PIPELINE_MS)


def test_cancelled_is_destroyed(draft: Callable[..., Page], file: Callable[..., Path], site: Site) -> None:
    page = draft(**DESKTOP)
    page.route(
        "**/pictures/upload/", lambda r: r.continue_() if r.request.headers.get("upload-offset") != "1048576" else None
    )
    choose(page, file("long.jpg", pieces=3))
    until(page, lambda: received(site, case_of(page)) == [Upload.PIECE_BYTES])
    page.locator("[data-upload-queue]").get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-upload-queue] li")).to_have_count(0)
    until(page, lambda: received(site, case_of(page)) == [])


def sign_in_elsewhere(page: Page) -> None:
    """In another tab of the same browser."""
    other = page.context.new_page()
    other.goto("/sign-in/")
    other.get_by_label("E-mail").fill("alice@hospital.example")
    other.get_by_label("Password").first.fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url(lambda url: "/sign-in" not in url)
    other.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_session_that_ended_loses_nothing(
    draft: Callable[..., Page], file: Callable[..., Path], site: Site, size: dict[str, int]
) -> None:
    page = draft(**size)
    choose(page, file("first.jpg"))
    card = page.locator(".picture-card")
    expect(card).to_have_count(1)
    with closing(sqlite3.connect(site.data / "rete.sqlite3", timeout=20)) as database, database:
        database.execute("DELETE FROM accounts_session")
    choose(page, file("second.jpg"))
    expect(page.locator("[data-upload-queue]")).to_contain_text("You are signed out.")
    card.get_by_label("Caption").fill("Left shin, close")
    expect(card.locator("[data-autosave-status]")).to_contain_text("You are signed out.")

    sign_in_elsewhere(page)
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".picture-card")).to_have_count(2)
    expect(card.first.locator("[data-autosave-status]")).to_contain_text("Saved")
    # The progress went on as well, and no sign-in page stands in the middle of this one.
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator(".picture-status").get_by_text("Your review is needed")).to_have_count(2, timeout=PIPELINE_MS)
    # A form without a script of ours goes with the new session as well.
    page.get_by_role("link", name="Go on with the case").click()
    page.go_back()
    expect(page.locator(".picture-card").first.get_by_label("Caption")).to_have_value("Left shin, close")


# --- What they are, and their order


@pytest.mark.parametrize("size", SIZES)
def test_what_a_picture_is_is_saved_as_one_types(
    draft: Callable[..., Page], file: Callable[..., Path], size: dict[str, int]
) -> None:
    page = draft(**size)
    choose(page, file("one.jpg"))
    card = page.locator(".picture-card")
    expect(card.get_by_label("Stain")).to_be_hidden()
    caption = card.get_by_label("Caption")
    caption.fill("Punch")
    caption.press("End")
    expect(card.get_by_text("Your review is needed")).to_be_visible(timeout=PIPELINE_MS)
    expect(caption).to_be_focused()  # the progress did not take the field away
    caption.press_sequentially(" biopsy")
    card.get_by_label("Picture type").select_option("dermoscopy")
    expect(card.get_by_label("Dermoscopy mode")).to_be_visible()
    card.get_by_label("Picture type").select_option("histology")
    card.get_by_label("Stain").select_option("he")
    card.get_by_label("Objective").select_option("10x")
    expect(card.locator("[data-autosave-status]")).to_contain_text("Saved")
    expect(page.locator("#missing")).not_to_contain_text("stain")
    page.reload()
    card = page.locator(".picture-card")
    values = {"Picture type": "histology", "Stain": "he", "Objective": "10x", "Caption": "Punch biopsy"}
    for label, value in values.items():
        expect(card.get_by_label(label)).to_have_value(value)


def by_button(page: Page, card: str) -> None:
    """Down one place."""
    page.locator(f"#picture-{card}").get_by_role("button", name="Move this picture down").click()


def by_key(page: Page, card: str) -> None:
    """Down one place, by keyboard alone."""
    handle = page.locator(f"#picture-{card} [data-order-handle]")
    handle.focus()
    page.keyboard.press("ArrowDown")
    expect(handle).to_be_focused()


def by_drag(page: Page, card: str) -> None:
    """Down one place, with the pointer."""
    handle = page.locator(f"#picture-{card} [data-order-handle]")
    handle.scroll_into_view_if_needed()
    start, target = handle.bounding_box(), page.locator("[data-picture]").nth(1).bounding_box()
    assert start is not None
    assert target is not None
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 10, target["y"] + 0.75 * target["height"], steps=8)
    page.mouse.up()


@pytest.mark.parametrize("move", [by_button, by_key, by_drag], ids=["button", "keys", "drag"])
def test_order(draft: Callable[..., Page], file: Callable[..., Path], move: Callable[[Page, str], None]) -> None:
    page = draft(width=1000, height=1400)
    choose(page, file("a.jpg"), file("b.jpg"), file("c.jpg"))
    # What the pipeline says of them would be spoken over the answer that is waited for.
    expect(page.locator(".picture-status").get_by_text("Your review is needed")).to_have_count(3, timeout=PIPELINE_MS)
    first, second, third = cards(page)
    with page.expect_response("**/pictures/order/"):
        move(page, first)
    assert cards(page) == [second, first, third]
    expect(page.locator("#announcer")).to_have_text("Moved to place 2 of 3.")
    expect(page.locator(f"#picture-{first} [data-picture-number]")).to_have_text("2")
    page.reload()
    assert cards(page) == [second, first, third]


# --- Parked


def test_parked_says_what_to_do_and_can_be_tried_again(
    draft: Callable[..., Page], file: Callable[..., Path], site: Site
) -> None:
    page = draft(**PHONE)
    choose(page, file("one.jpg"))
    card = page.locator(".picture-card")
    expect(card.get_by_text("Your review is needed")).to_be_visible(timeout=PIPELINE_MS)
    (photo,) = cards(page)
    with closing(sqlite3.connect(site.data / "rete.sqlite3", timeout=20)) as database, database:
        database.execute("UPDATE imaging_photo SET state = 'received' WHERE id = ?", [UUID(photo).hex])
        parked = "UPDATE core_job SET state = 'parked' WHERE kind = 'imaging.inspect' AND subject = ?"
        assert database.execute(parked, [UUID(photo).hex]).rowcount == 1
    page.reload()
    expect(card).to_contain_text("Try again, or remove it")
    card.get_by_role("button", name="Try again").click()
    expect(card.get_by_text("Your review is needed")).to_be_visible(timeout=PIPELINE_MS)
    card.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(page.get_by_text("No picture yet.")).to_be_visible()


# --- For everybody


@pytest.mark.parametrize("size", SIZES)
def test_axe(draft: Callable[..., Page], file: Callable[..., Path], size: dict[str, int]) -> None:
    page = draft(**size)
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    choose(page, file("one.jpg"), file("two.jpg"))
    expect(page.locator(".picture-card")).to_have_count(2)
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []


# --- Quicker than the scripts, on a slow line


SCRIPTS_OF_FORMS = re.compile(r"/(upload|autosave|unsent|typeahead|pictures)\b[^/]*\.js$")


@contextmanager
def scripts_late(page: Page) -> Iterator[None]:
    """Hold back the scripts of forms until the end of the block; a page waits for those in its head."""
    held: list[Route] = []
    page.route(SCRIPTS_OF_FORMS, lambda route: held.append(route))
    yield
    for route in held:
        route.continue_()
    page.unroute(SCRIPTS_OF_FORMS)


def test_chosen_and_typed_before_the_scripts_came(draft: Callable[..., Page], file: Callable[..., Path]) -> None:
    page = draft()
    with scripts_late(page):
        page.reload(wait_until="commit")
        at_once(page.locator("[data-upload-input]").first, "set_input_files", file("first.jpg"))
    card = page.locator(".picture-card")
    expect(card).to_have_count(1)

    with scripts_late(page):
        page.reload(wait_until="commit")
        at_once(card.get_by_label("Caption"), "fill", "Left shin, close")
    expect(card.locator("[data-autosave-status]")).to_contain_text("Saved")
    page.reload()
    expect(card.get_by_label("Caption")).to_have_value("Left shin, close")


def test_a_diagnosis_typed_before_the_scripts_came(draft: Callable[..., Page]) -> None:
    page = draft()
    page.get_by_role("link", name="Go on with the case").click()
    page.wait_for_load_state()
    with scripts_late(page):
        page.reload(wait_until="commit")
        at_once(page.get_by_label("Diagnosis 1"), "press_sequentially", "discoid lup")
    page.locator("[role=listbox] [role=option]").first.click()
    expect(page.get_by_label("Diagnosis 1")).to_have_value("Discoid lupus erythematosus")
