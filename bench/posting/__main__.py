"""Walk the journeys of posting on a site of its own, as a person would, and print what each takes.

    python -m bench.posting                      the six journeys: a table of taps, keys, words, screens, seconds
    python -m bench.posting NAME …               some of them
    python -m bench.posting --json after.json    write the figures too
    python -m bench.posting --before old.json    both, and the difference
    python -m bench.posting --eaters             also what costs most, by part of a screen
    python -m bench.posting --texts DIR          every text that was counted, a file for each journey
    python -m bench.posting --pictures DIR       a picture of each screen, a folder for each journey

How it is counted stands in docs/posting.md. Needs Chromium.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.attack.site import PASSWORD, Site
from bench.posting import report
from bench.posting.counting import Hand, Tally
from bench.posting.journeys import FURTHER, JOURNEYS, Journey, draw
from tests.core.instance import Instance

MAKE_AUTHORS = f"""
from tests import factories
for name in given["names"]:
    member = factories.member(email=f"{{name}}@hospital.example", name="Dr Alice Moor", institution="Hillside Clinic")
    member.set_password({PASSWORD!r})
    member.save()
print(0)
"""


def walk(browser: Browser, site: Site, journey: Journey, *, files: Path, pictures: Path | None) -> Tally:
    """Sign the journey's own author in, go, and return what it took."""
    context = browser.new_context(base_url=site.address, locale="en-GB", **journey.device)
    try:
        page = context.new_page()
        page.goto("/sign-in/")
        page.get_by_label("E-mail").fill(f"{journey.name}@hospital.example")
        page.get_by_label("Password").first.fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        hand = Hand(page, pictures=pictures)
        try:
            journey.walk(hand, files)
        except BaseException:
            if pictures is not None:
                page.screenshot(path=pictures / "failed.png", full_page=True)
            raise
        return hand.tally
    finally:
        context.close()


def launch(play: object) -> Browser:
    """Start Debian's Chromium. Raises SystemExit where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    switches = ["--no-sandbox"] if os.geteuid() == 0 else []
    return play.chromium.launch(executable_path=path, args=switches)  # type: ignore[attr-defined,no-any-return]


def measure(chosen: Sequence[Journey], *, pictures: Path | None, texts: Path | None) -> dict[str, report.Row]:
    """Serve a site, walk the journeys on it, and return the row of each by name."""
    rows: dict[str, report.Row] = {}
    folder = Path(tempfile.mkdtemp(prefix="rete-posting-", dir="/tmp"))
    prepared = Instance(folder / "prepared")
    files = folder / "files"
    files.mkdir()
    site = None
    try:
        prepared.manage("prepare")
        draw(files)
        site = Site(folder / "site", prepared=prepared.folder / "var")
        site.start(RETE_HISTOLOGY_EXEMPTION="true")
        site.shell(MAKE_AUTHORS, names=[journey.name for journey in chosen])
        with sync_playwright() as play, launch(play) as browser:
            for journey in chosen:
                began = time.monotonic()
                tally = walk(browser, site, journey, files=files, pictures=_folder(pictures, journey))
                rows[journey.name] = report.row_of(journey.says, tally)
                print(f"{journey.name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
                if texts is not None:
                    texts.mkdir(parents=True, exist_ok=True)
                    (texts / f"{journey.name}.txt").write_text("\n".join(report.texts(tally)) + "\n", encoding="utf-8")
    finally:
        if site is not None:
            site.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return rows


def _folder(pictures: Path | None, journey: Journey) -> Path | None:
    if pictures is None:
        return None
    folder = pictures / journey.name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def main() -> int:
    """Measure what was asked for and print it."""
    known = {journey.name: journey for journey in (*JOURNEYS, *FURTHER)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    parser.add_argument("--before", type=Path, metavar="FILE", help="figures of an earlier run to compare with")
    parser.add_argument("--eaters", action="store_true", help="print what costs most")
    parser.add_argument("--texts", type=Path, metavar="DIR", help="write every text that was counted")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="take a picture of every screen")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(known):
        parser.error(f"no such journey: {', '.join(sorted(unknown))}. There are {', '.join(known)}.")
    before = report.load(asked.before) if asked.before else None
    began = time.monotonic()
    chosen = [known[name] for name in asked.names] or JOURNEYS
    rows = measure(chosen, pictures=asked.pictures, texts=asked.texts)
    print(report.table(rows, before))
    if asked.eaters:
        print(f"\n{report.eaters(rows)}")
    if asked.json:
        report.save(asked.json, rows)
    print(f"\n{time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
