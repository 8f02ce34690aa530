"""The manifest of an output folder: settings, engine, and for each file the digest of its bytes and its rows.

It lies beside the pictures and holds no file name: a file is known by a salted digest of its place. One JSON object a
line: the head, then one line a file; of two lines for one file the later counts. docs/imaging.md describes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from imaging.cli.rows import Row
from imaging.cli.storage import Lines

NAME = "manifest.jsonl"
FORMAT = 1
SALT_BYTES = 16


class Unreadable(Exception):
    """A manifest that is damaged, or of a form that this version does not know."""


class Manifest:
    """One manifest: `head` has the settings (None: there is no manifest), `rows` the rows of each place.

    `superseded` names pictures of rows that others have replaced: a killed run may have left them.
    """

    def __init__(self, out: Path) -> None:
        """Take the manifest of a folder; nothing is read or made yet."""
        self.lines = Lines(out / NAME)
        self.salt = secrets.token_hex(SALT_BYTES)
        self._forget()

    def _forget(self) -> None:
        self.head: Mapping[str, Any] | None = None
        self.rows: dict[str, list[Row]] = {}
        self.superseded: set[str] = set()

    def load(self) -> None:
        """Read the file, if there is one. Raises Unreadable, OSError."""
        self._forget()
        lines = self.lines.read()
        if not lines:
            return
        try:
            head, *entries = map(json.loads, lines)
            if head["manifest"] != FORMAT:
                raise Unreadable
            salt, settings = str(head["salt"]), {"engine": head["engine"], "flags": dict(head["flags"])}
            for entry in entries:
                self._take(str(entry["place"]), list(entry["rows"]))
        except (ValueError, KeyError, TypeError) as error:
            self._forget()
            raise Unreadable from error
        self.salt, self.head = salt, settings

    def _take(self, place: str, rows: list[Row]) -> None:
        if not all(isinstance(row["status"], str) and {"output", "sha256"} <= set(row) for row in rows):
            raise KeyError
        self.superseded |= pictures_of(self.rows.get(place, ()))
        self.rows[place] = rows

    def place_of(self, file: str) -> str:
        """Return the key of a file: the same for every name and link that leads to it."""
        return hashlib.sha256(self.salt.encode() + os.fsencode(os.path.realpath(file))).hexdigest()

    def replace(self, settings: Mapping[str, Any], rows: Mapping[str, list[Row]]) -> None:
        """Write all of it anew, at once."""
        self._forget()
        self.head, self.rows = settings, dict(rows)
        head = {"manifest": FORMAT, **settings, "salt": self.salt}
        entries = ({"place": place, "rows": some} for place, some in self.rows.items())
        self.lines.replace(to_lines([head, *entries]))

    def append(self, place: str, rows: list[Row]) -> None:
        """Add the rows of one file, down to the disk."""
        self.rows[place] = rows
        self.lines.append(to_lines([{"place": place, "rows": rows}]))


def pictures_of(rows: Iterable[Row]) -> set[str]:
    """Return the names of the pictures of these rows."""
    return {row["output"] for row in rows if row["output"]}


def to_lines(objects: Iterable[Mapping[str, Any]]) -> bytes:
    """Return one line of JSON for each object, in ASCII: names that are no UTF-8 too."""
    return "".join(json.dumps(one) + "\n" for one in objects).encode("ascii")
