"""The hand that works on a page and the eye that reads it. Whoever has only a hand cannot do anything uncounted.

A tap is a click, a touch, a choice, a drag; a native list costs two (open, choose), a file picker one for the button,
one for each file and one for its own button. A key is a character typed; a field that has not the focus costs a tap as
well. Words are read when they come into sight, each text once in a journey: one that comes back with other digits, or
was only shortened where it stood, is not read again. An opened list is read down to what is chosen. The page on which a
journey starts is not read: the person was there before.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Locator, Page, expect

from bench.posting.reading import DIALOG, LOOK, Seen

TAP_SECONDS, KEY_SECONDS, WORDS_A_SECOND = 1.1, 0.28, 4.0
SWIPE = 0.8  # of the height of the window
QUIET_MS, PATIENCE_MS = 250, 120_000
QUIET = """(quiet) => new Promise((done) => {
  let timer = setTimeout(done, quiet);
  const end = setTimeout(done, 3000);
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(() => { clearTimeout(end); done(); }, quiet); })
    .observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
})"""
OPTIONS = """(list, value) => {
  const offered = [...list.options].filter((one) => !one.disabled);
  return offered.slice(0, offered.findIndex((one) => one.value === value) + 1).map((one) => one.label);
}"""
START = "Start"
Place = tuple[str, str]  # screen, part of it


def words_in(text: str) -> list[str]:
    """Return the words of a text: what holds a letter or a digit. A number alone, such as that of a step, is none."""
    if not any(letter.isalpha() for letter in text):
        return []
    return [word for word in text.split() if any(letter.isalnum() for letter in word)]


def seconds(*, taps: int, keys: int, words: int) -> float:
    """Return the seconds that this much takes by the hand-speed model."""
    return TAP_SECONDS * taps + KEY_SECONDS * keys + words / WORDS_A_SECOND


@dataclass
class Tally:
    """What a journey took, by place."""

    screens: list[str] = field(default_factory=list)
    taps: Counter[Place] = field(default_factory=Counter)
    keys: Counter[Place] = field(default_factory=Counter)
    words: Counter[Place] = field(default_factory=Counter)
    swipes: int = 0
    held: float = 0.0  # seconds for which buttons were held
    listed: int = 0  # of the words, those in opened lists
    read: list[tuple[str, str]] = field(default_factory=list)  # (screen, text), for whoever doubts the figure

    @property
    def seconds(self) -> float:
        """Seconds by the hand-speed model."""
        return self.held + seconds(taps=self.taps.total(), keys=self.keys.total(), words=self.words.total())


class Reader:
    """The eye: counts each text once."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._known: set[str] = set()
        self._standing: dict[str, Counter[str]] = {}
        self._address = ""
        self.screen = START

    def look(self, seen: Seen) -> bool:
        """Read what has come into sight; return whether this is a new screen, which the page behind a dialog is not."""
        was_behind = self._address == seen.address and self.screen.startswith(f"{seen.screen}{DIALOG}")
        is_new = (self.screen, self._address) != (seen.screen, seen.address) and not was_behind
        if is_new:
            self.tally.screens.append(seen.screen)
        self.screen = seen.screen
        now = {_without_digits(text): Counter(words_in(_without_digits(text))) for _part, text in seen.texts}
        gone = [words for text, words in self._standing.items() if text not in now]
        before = frozenset(self._known)
        for part, text in seen.texts:
            same = _without_digits(text)
            if text not in self._known and same not in before and not any(now[same] <= words for words in gone):
                self.read((seen.screen, part), text)
            self._known |= {same, text}
        self._standing, self._address = now, seen.address
        return is_new

    def read(self, place: Place, text: str) -> None:
        """Count a text, whether it was read before or not."""
        self.tally.words[place] += len(words_in(text))
        self.tally.read.append((place[0], text))

    def read_list(self, place: Place, options: Iterable[str]) -> None:
        """Count the options of an opened list that were not read before."""
        for option in options:
            if option not in self._known:
                self._known |= {option, _without_digits(option)}
                self.read(place, option)
                self.tally.listed += len(words_in(option))


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "#", text)


class Thing:
    """Something on the page that a hand may use; nothing can be done with it but to look whether it is there."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator

    def find(self, css: str) -> "Thing":
        """Return what matches inside."""
        return Thing(self._locator.locator(css))

    def button(self, name: str) -> "Thing":
        """Return the button inside with this name."""
        return Thing(self._locator.get_by_role("button", name=name))

    def link(self, name: str) -> "Thing":
        """Return the link inside with this name."""
        return Thing(self._locator.get_by_role("link", name=name))

    def label(self, text: str) -> "Thing":
        """Return the field inside with this label."""
        return Thing(self._locator.get_by_label(text))

    def having(self, text: str) -> "Thing":
        """Return those in which this text stands."""
        return Thing(self._locator.filter(has_text=text))

    @property
    def first(self) -> "Thing":
        """The first of them."""
        return Thing(self._locator.first)

    def each(self) -> "list[Thing]":
        """All of them, as they are now."""
        return [Thing(one) for one in self._locator.all()]

    def nth(self, number: int) -> "Thing":
        """One of them, counted from 0."""
        return Thing(self._locator.nth(number))

    def seen(self) -> "list[Thing]":
        """Those that are visible now."""
        return [Thing(one) for one in self._locator.all() if one.is_visible()]

    def count(self) -> int:
        """How many there are."""
        return self._locator.count()

    def is_seen(self) -> bool:
        """Whether the first is visible."""
        return self._locator.first.is_visible()

    def is_checked(self) -> bool:
        """Whether this box or button is chosen already."""
        return self._locator.is_checked()

    def value(self) -> str:
        """The value of this field."""
        return self._locator.input_value()


class Hand:
    """A person's hand on one page; counts what it does, and reads what became visible after each act."""

    def __init__(self, page: Page, *, pictures: Path | None = None) -> None:
        self._page = page
        self._pictures = pictures
        self.tally = Tally()
        self._eye = Reader(self.tally)
        page.set_default_timeout(PATIENCE_MS)

    # --- Finding, which costs nothing

    def find(self, css: str) -> Thing:
        """Return what matches on the page."""
        return Thing(self._page.locator(css))

    def button(self, name: str) -> Thing:
        """Return the button with this name."""
        return self.find("body").button(name)

    def link(self, name: str) -> Thing:
        """Return the link with this name."""
        return self.find("body").link(name)

    def label(self, text: str) -> Thing:
        """Return the field with this label."""
        return self.find("body").label(text)

    # --- Doing, which is counted. `until` is what must be there before the person goes on, and reads.

    def tap(self, thing: Thing, *, until: Thing | None = None) -> None:
        """Tap a button, a link, a box."""
        self._do(thing, lambda locator: locator.click(), taps=1, until=until)

    def type(self, thing: Thing, text: str, *, until: Thing | None = None) -> None:
        """Type into a field, which is tapped first unless it was typed into last or has the focus by itself."""
        has_focus = thing._locator.first.evaluate("node => node === document.activeElement")
        taps = 0 if has_focus else 1
        self._do(thing, lambda locator: locator.press_sequentially(text), taps=taps, keys=len(text), until=until)

    def select(self, thing: Thing, value: str, *, until: Thing | None = None) -> None:
        """Choose from a native list, by the value of the option, once the list was read down to it."""
        self._eye.read_list(self._place(thing), thing._locator.first.evaluate(OPTIONS, value))
        self._do(thing, lambda locator: locator.select_option(value), taps=2, until=until)

    def hold(self, thing: Thing, *, held: float, until: Thing | None = None) -> None:
        """Keep a button pressed for so many seconds, which are added to what the tap takes."""
        self.tally.held += held
        self._do(thing, lambda locator: locator.click(delay=1000 * held), taps=1, until=until)

    def choose_files(self, button: Thing, files: list[Path], *, until: Thing | None = None) -> None:
        """Open the device's own picker, mark each file, and press the picker's button."""

        def choose(locator: Locator) -> None:
            with self._page.expect_file_chooser() as chooser:
                locator.click()
            chooser.value.set_files(files)

        self._do(button, choose, taps=2 + len(files), until=until)

    def draw(self, thing: Thing, *, until: Thing | None = None) -> None:
        """Draw a line from side to side of a surface, up and down: a signature."""

        def drag(locator: Locator) -> None:
            box = locator.bounding_box()
            assert box is not None
            mouse, middle = self._page.mouse, box["y"] + box["height"] / 2
            mouse.move(box["x"] + 30, middle)
            mouse.down()
            for step in range(1, 9):
                mouse.move(box["x"] + 30 + (box["width"] - 60) * step / 8, middle + (-1) ** step * 20, steps=3)
            mouse.up()

        self._do(thing, drag, taps=1, until=until)

    def scroll(self, thing: Thing) -> None:
        """Bring something into the window, by as many swipes as it needs."""
        box = thing._locator.first.bounding_box()
        height = self._page.evaluate("innerHeight")
        if box is None or (box["y"] >= 0 and box["y"] + min(box["height"], height) <= height):
            return
        over = -box["y"] if box["y"] < 0 else box["y"] + min(box["height"], height) - height
        self.tally.swipes += math.ceil(over / (SWIPE * height))
        thing._locator.first.scroll_into_view_if_needed()

    def wait(self, thing: Thing) -> None:
        """Wait until something is there, and read what is there then."""
        expect(thing._locator.first).to_be_visible(timeout=PATIENCE_MS)
        self._read()

    def _do(
        self, thing: Thing, act: Callable[[Locator], Any], *, taps: int, keys: int = 0, until: Thing | None = None
    ) -> None:
        place = self._place(thing)
        self.scroll(thing)
        self.tally.taps[place] += taps
        self.tally.keys[place] += keys
        act(thing._locator.first)
        if until is not None:
            expect(until._locator.first).to_be_visible(timeout=PATIENCE_MS)
        self._read()

    def _place(self, thing: Thing) -> Place:
        thing._locator.first.wait_for(state="attached")
        self._page.wait_for_load_state("domcontentloaded")
        part = thing._locator.first.evaluate(LOOK)
        return self._eye.screen, part

    def _read(self) -> None:
        found = self._look()
        texts = tuple((part, text) for part, text in found["texts"])
        if self._eye.look(Seen(found["screen"], found["address"], texts)) and self._pictures is not None:
            number, name = len(self.tally.screens), re.sub(r"[^a-z0-9]+", "-", found["screen"].lower()).strip("-")
            self._page.screenshot(path=self._pictures / f"{number:02}-{name}.png", full_page=True)

    def _look(self) -> dict[str, Any]:
        """Look at the page once it is quiet; again when it was just left for another one."""
        for _attempt in range(20):
            try:
                self._page.wait_for_load_state("load")
                self._page.evaluate(QUIET, QUIET_MS)
                return dict(self._page.evaluate(LOOK))
            except Error as error:
                if "context was destroyed" not in str(error) and "navigation" not in str(error):
                    raise
        raise AssertionError("the page never came to rest")
