"""Pictures on their way to a draft: chosen, dropped, pasted; the site behind them asked, and killed."""

import base64
import contextlib
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.core.instance import children


def choose(page: Page, *paths: Path) -> None:
    """Pick files with the file picker."""
    page.locator("[data-upload-input]").first.set_input_files(list(paths))


def cards(page: Page) -> list[str]:
    """Ids of the pictures in the list, in order."""
    return [str(card.get_attribute("data-picture")) for card in page.locator("[data-picture]").all()]


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait with the browser's own clock: a plain sleep would hold up the routes of this test."""
    for _attempt in range(200):
        if condition():
            return
        page.wait_for_timeout(100)
    pytest.fail("waited in vain")


def case_of(page: Page) -> UUID:
    """The draft to which this page belongs."""
    return UUID(page.url.partition("/cases/")[2].partition("/")[0])


def count(site: Site, case: UUID) -> int:
    """How many pictures this case has."""
    ((found,),) = _rows(site, "SELECT count(*) FROM consults_casephoto WHERE case_id = ?", case)
    return found


def received(site: Site, case: UUID) -> list[int]:
    """How far the open uploads of this case came, bytes."""
    return [row[0] for row in _rows(site, "SELECT received FROM imaging_upload WHERE meant_for = ?", case)]


def _rows(site: Site, question: str, case: UUID) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(f"file:{site.data}/rete.sqlite3?mode=ro", uri=True, timeout=20)) as database:
        return database.execute(question, [case.hex]).fetchall()


def kill(site: Site, what: str) -> None:
    """Kill the site's web server or worker with all its children; the supervisor starts it again."""
    (found,) = (pid for pid, command in children(site.process.pid).items() if what in command)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(found, signal.SIGKILL)


def drop(page: Page, path: Path) -> None:
    """Drop a file on the box, as from another window."""
    _hand_over(page, path, "drop", "dataTransfer")


def paste(page: Page, path: Path) -> None:
    """Paste a copied picture."""
    _hand_over(page, path, "paste", "clipboardData")


def _hand_over(page: Page, path: Path, event: str, carrier: str) -> None:
    script = """([base64, event, carrier]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const files = new DataTransfer();
      files.items.add(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
      const options = { bubbles: true, cancelable: true, [carrier]: files };
      const made = event === "drop" ? new DragEvent(event, options) : new ClipboardEvent(event, options);
      document.querySelector("[data-upload-drop]").dispatchEvent(made);
    }"""
    page.evaluate(script, [base64.b64encode(path.read_bytes()).decode(), event, carrier])
