"""The ledger: the output folder, its manifest and the report, kept in step.

Invariants, after any run and whatever moment it is killed at:
- every picture that this command has put into the folder is named by the manifest, and so by a row;
- pictures of one folder are made with the same settings by the same engine, or their rows say that they are pending
  and they are gone;
- a row goes only when its file is cleaned again; a picture goes only when no row names it any more.

So a picture is written whole under a partial name, then its row, then it gets its name; old pictures are removed last.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from imaging.cli import storage
from imaging.cli.arguments import differences
from imaging.cli.folders import is_special, looks_like_picture
from imaging.cli.manifest import Manifest, Unreadable, pictures_of
from imaging.cli.report import Report
from imaging.cli.rows import PENDING, STEM, Outcome, Row, digest_of, made_with, pending_row

OWN_NAME = re.compile(rf"[0-9a-f]{{{STEM}}}\.(?:jpg|png)")
OWN_PARTIAL = f".{'[0-9a-f]' * STEM}.*.part"


class Ledger:
    """State of one output folder and report. Reading writes nothing; `writing` holds both against other runs."""

    def __init__(self, out: Path, report: Report, settings: Mapping[str, Any]) -> None:
        """Read what there is. Raises NoReport, OSError."""
        self.out, self.report, self.settings = out.absolute(), report, settings
        self.manifest = Manifest(self.out)
        self._is_tidy = True
        self._uses: Counter[str] = Counter()
        self._load()

    def _load(self) -> None:
        """Read manifest and report, and bring them together."""
        self.is_readable = True
        try:
            self.manifest.load()
        except Unreadable:
            self.is_readable = False
        self.rows: dict[str, list[Row]] = dict(self.manifest.rows)
        self.files: dict[str, str] = {}
        self.others: list[Row] = []
        adopted: dict[str, dict[object, Row]] = {}
        for row in self.report.read():
            place = self._place(row)
            if not self._is_ours(row, place):
                self.others.append(row)
            elif place is not None:
                self.files[place] = row["file"]
                if place not in self.manifest.rows:  # of a run before manifests, or killed between two writes
                    adopted.setdefault(place, {})[row.get("frame")] = _without_file(row)
        self._told_elsewhere = {self._place(row) for row in self.others if not row.get("output")}
        self.rows |= {place: list(frames.values()) for place, frames in adopted.items()}

    def _place(self, row: Row) -> str | None:
        return self.manifest.place_of(row["file"]) if row["file"] else None

    def _is_ours(self, row: Row, place: str | None) -> bool:
        """Whether a row of the report is about this folder: one report may serve several."""
        if not row.get("output"):
            return place in self.manifest.rows
        picture = Path(row["output"])
        if picture.parent.is_dir():
            return self.out.is_dir() and self.out.samefile(picture.parent)
        return picture.name in pictures_of(self.manifest.rows.get(place or "", ()))  # the folder was moved here

    # --- What is there

    @property
    def named(self) -> set[str]:
        """Names of the pictures that rows name."""
        return pictures_of(row for rows in self.rows.values() for row in rows)

    def leftovers(self) -> list[str]:
        """Names of the pictures of this command that no row names: their names are their own digests."""
        return sorted(
            name
            for name in self._unnamed()
            if OWN_NAME.fullmatch(name) and (digest_of(self.out / name) or "").startswith(name[:STEM])
        )

    def foreign_pictures(self) -> list[str]:
        """Names of the pictures in the folder that somebody else put there."""
        ours = set(self.leftovers())
        others = (self.out / name for name in self._unnamed() if name not in ours and not name.startswith("."))
        return sorted(p.name for p in others if p.is_file() and not is_special(p) and looks_like_picture(p))

    def _unnamed(self) -> set[str]:
        return set(self._names()) - self.named - self.manifest.superseded

    def missing_pictures(self) -> list[str]:
        """Names of the pictures that rows name and that are gone."""
        return sorted(self.named - set(self._names()))

    def _names(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return [path.name for path in self.out.iterdir()]
        return []

    def other_settings(self) -> list[str]:
        """Name the settings in which finished rows differ from this run's."""
        heads = [self.manifest.head] if self.manifest.head and self.rows else []
        rows = (row for rows in self.rows.values() for row in rows if row["status"] != PENDING)
        found = (text for head in (*heads, *rows) for text in differences(head, self.settings))
        return list(dict.fromkeys(found))

    def earlier(self, file: str) -> Sequence[Row]:
        """Return the rows of a file, none if it is new."""
        return self.rows.get(self.manifest.place_of(file), ())

    def unfinished(self, *, besides: Sequence[str], redo: bool) -> list[str]:
        """Return other files to be made again: pending ones; with `redo` all that are still there."""
        named = set(map(self.manifest.place_of, besides))
        return [
            file
            for place, file in self.files.items()
            if place not in named
            and (any(row["status"] == PENDING for row in self.rows[place]) or (redo and Path(file).exists()))
        ]

    def count_besides(self, files: Sequence[str]) -> int:
        """Return the number of rows of other files."""
        places = set(map(self.manifest.place_of, files))
        return sum(len(rows) for place, rows in self.rows.items() if place not in places)

    def show(self, done: Outcome) -> list[Row]:
        """Return the rows of one file as they would stand in the report, which is not written unless it is a stream."""
        told = self._with_file(done.rows, done.file)
        self.report.keep(told)
        return told

    # --- What is changed

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold folder and report, and read them again: another run may have ended in between. Raises Busy, OSError."""
        with storage.locked(self.out):
            try:
                self.report.open()
                self.manifest.lines.open()
                self._load()
                yield
            finally:
                self._settle_partials()
                with contextlib.suppress(OSError):  # on a full disk the report stays as it was appended to
                    self._tidy()
                self.manifest.lines.close()
                self.report.close()

    def begin(self) -> None:
        """Remove what a killed run left; write manifest and report anew, without doubles and lines cut short."""
        self._settle_partials()
        self._remove(self.manifest.superseded - self.named)
        self.manifest.replace(self.settings, self.rows)
        self._uses = Counter(name for rows in self.rows.values() for name in pictures_of(rows))
        self._is_tidy = False
        self._tidy()

    def begin_anew(self) -> tuple[list[str], int]:
        """Remove pictures made with other settings and those that no row names; `begin`.

        Their rows become pending. Returns the leftovers' names, and the number of rows without a known file that went.
        """
        leftovers, nameless = self.leftovers(), 0
        before = self.named
        for place, rows in list(self.rows.items()):
            if all(made_with(row, self.settings) for row in rows):
                continue
            if place in self.files:
                self.rows[place] = [pending_row(self.settings)]
            else:
                nameless += len(self.rows.pop(place))
        self._remove({*leftovers, *before} - self.named)
        self.begin()
        return leftovers, nameless

    def record(self, done: Outcome) -> list[Row]:
        """Put the rows of one file in place of its earlier ones, then its pictures; remove what no row names then.

        Returns the rows as they stand in the report.
        """
        place = self.manifest.place_of(done.file)
        before = pictures_of(self.rows.get(place, ()))
        told = self._with_file(done.rows, done.file)
        is_told = place in self.rows or place in self._told_elsewhere
        self._is_tidy &= not is_told or (done.kept and self.files.get(place) == done.file)
        self.files[place] = done.file
        if done.kept:
            self.report.keep(told)
            return told
        self.report.append(told)
        self.manifest.append(place, done.rows)
        self.rows[place] = done.rows
        for partial, name in done.pictures:
            partial.replace(self.out / name)
        if done.pictures:
            storage.sync_folder(self.out)
        self._uses.update(pictures_of(done.rows))
        self._uses.subtract(before)
        self._remove({name for name in before if not self._uses[name]})
        return told

    def _tidy(self) -> None:
        """Write the report anew, one line a picture, if it has rows that others have replaced."""
        if self._is_tidy:
            return
        rows = [row for row in self.others if row.get("output") or self._place(row) not in self.rows]
        for place, some in self.rows.items():
            rows += self._with_file(some, self.files.get(place))
        self.report.replace(rows)
        self._is_tidy = True

    def _with_file(self, rows: Sequence[Row], file: str | None) -> list[Row]:
        return [
            {"file": file, **row, "output": str(self.out / row["output"]) if row["output"] else None} for row in rows
        ]

    def _remove(self, names: set[str]) -> None:
        """Remove pictures. Names come from files that somebody may have edited: others than ours are left alone."""
        for name in sorted(names):
            if OWN_NAME.fullmatch(name):
                (self.out / name).unlink(missing_ok=True)

    def _settle_partials(self) -> None:
        """Give a picture its name that a stopped run has recorded but not named; remove what else is half done."""
        missing = {name[:STEM]: name for name in self.missing_pictures()}
        for partial in self.out.glob(OWN_PARTIAL):
            stem = partial.name[1 : STEM + 1]
            if stem in missing and (digest_of(partial) or "").startswith(stem):
                partial.replace(self.out / missing[stem])
            else:
                partial.unlink(missing_ok=True)


def _without_file(row: Row) -> Row:
    """Return a row as the manifest keeps it: without the file's name, the picture by its name alone."""
    kept = {name: value for name, value in row.items() if name != "file"}
    return kept | {"output": Path(row["output"]).name if row.get("output") else None}
