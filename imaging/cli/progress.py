"""Progress on the terminal, and the summary at the end."""

from __future__ import annotations

import shutil
import textwrap
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TextIO

from imaging.cli.rows import REFUSED, Row

COLUMNS = 80
LISTED = 10
"""Names told in a message; the others are counted."""


def say(stream: TextIO, text: str, names: Iterable[str] = ()) -> None:
    """Write sentences in lines of at most 80 columns, then names, one a line."""
    stream.write(textwrap.fill(text, COLUMNS, break_long_words=False, break_on_hyphens=False) + "\n")
    listed = list(names)
    stream.writelines(f"  {_printable(name)}\n" for name in listed[:LISTED])
    if len(listed) > LISTED:
        stream.write(f"  and {len(listed) - LISTED} more\n")


def _printable(name: str) -> str:
    """Return a file's name as a terminal can show it: no control characters, no bytes that are no UTF-8."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in name)


class Summary:
    """Counts for the summary: outcomes, reasons of refusals, regions, removed metadata, warnings, skipped kinds."""

    def __init__(self, skipped: Mapping[str, int] | None = None) -> None:
        """Start with what was skipped in folders, by kind."""
        self.skipped = Counter(skipped or {})
        self.status: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.regions: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.pictures_asked = self.kept = self.elsewhere = 0

    def add(self, row: Row) -> None:
        """Count one more row of the report."""
        self.status[row["status"]] += 1
        if row["status"] == REFUSED:
            self.reasons[row["code"]] += 1
        self.regions.update(region["kind"] for region in row["regions"])
        self.found.update(row["found"])
        self.warnings.update(row.get("warnings", ()))
        asked = row.get("asked", ())
        self.asked.update(f"{question['kind']}: {question['why']}" for question in asked)
        self.pictures_asked += bool(asked)

    def table(self, seconds: float) -> str:
        """Return the summary as text; empty blocks are left out."""
        lines = ["", "clean     refused   regions   seconds"]
        regions = sum(self.regions.values())
        lines.append(f"{self.status['clean']:<9} {self.status['refused']:<9} {regions:<9} {seconds:.1f}")
        runs = {"finished before, skipped": self.kept, "of other files, kept in the report": self.elsewhere}
        for title, counts in (
            ("refused because", self.reasons),
            ("regions", self.regions),
            ("found and left behind, files", self.found),
            ("warnings, files", self.warnings),
            ("left visible for you to judge", self.asked),
            ("skipped in folders, no pictures", self.skipped),
            ("rows of earlier runs", Counter({name: count for name, count in runs.items() if count})),
        ):
            if counts:
                lines += ["", title, *(f"{count:>9} {name}" for name, count in counts.most_common())]
        return "\n".join(lines) + "\n"

    def question(self) -> str:
        """Return what a person has to do about regions that were found and not masked."""
        return (
            f"{self.pictures_asked} of the clean pictures may show something that was found and not masked: it is "
            "uncertain, and masking it would hide much. Look at them; “asked” in the report says what and where."
        )


class ProgressBar:
    """Progress with rate and remaining time: a bar on a terminal, an occasional line elsewhere."""

    def __init__(self, total: int, stream: TextIO, *, quiet: bool) -> None:
        """Start the clock."""
        self.total, self.stream, self.quiet = total, stream, quiet
        self.count = 0
        self.began = self.shown = time.monotonic()
        self.is_terminal = stream.isatty()

    def step(self) -> None:
        """Count one more finished file and show the bar."""
        self.count += 1
        now = time.monotonic()
        if not self.quiet and (self.count == self.total or now - self.shown > (0.1 if self.is_terminal else 10.0)):
            self.shown = now
            line = self.line(now)
            if self.is_terminal:
                line = "\r" + line[: shutil.get_terminal_size((COLUMNS, 24)).columns - 1]
            self.stream.write(line + ("" if self.is_terminal else "\n"))
            self.stream.flush()

    def line(self, now: float) -> str:
        """Return the bar as text."""
        rate = self.count / max(now - self.began, 1e-9)
        left = (self.total - self.count) / rate if rate else 0.0
        filled = 24 * self.count // max(self.total, 1)
        bar = "#" * filled + "." * (24 - filled)
        return f"[{bar}] {self.count}/{self.total}  {rate:.1f} a second  {left:.0f} s left  "

    @property
    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.began
