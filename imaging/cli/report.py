"""The report: one JSON line a picture, under its file's name; a file of its own, standard output, or a device."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, TextIO

from imaging.cli.manifest import to_lines
from imaging.cli.rows import Row
from imaging.cli.storage import Lines

BEGINNING = b'{"file": '
"""First bytes of each row."""


class NoReport(Exception):
    """A file that was named as the report, and holds something else."""


class Report(Protocol):
    """Where rows go."""

    def read(self) -> list[Row]:
        """Return the rows of earlier runs."""

    def open(self) -> None:
        """Make ready to write."""

    def close(self) -> None:
        """Let go of it."""

    def replace(self, rows: Iterable[Row]) -> None:
        """Put all rows anew."""

    def append(self, rows: Iterable[Row]) -> None:
        """Add the rows of a file."""

    def keep(self, rows: Iterable[Row]) -> None:
        """Take notice of rows that an earlier run made."""


class ReportFile:
    """Report in a file of its own."""

    def __init__(self, path: Path) -> None:
        """Keep the path; nothing is written yet."""
        self.path = path
        self._lines = Lines(path)

    def read(self) -> list[Row]:
        """Return the rows of earlier runs. Raises NoReport, OSError."""
        try:
            rows = [json.loads(line) for line in self._lines.read() if line.strip()]
            if not rows and self.path.exists() and self.path.stat().st_size > 0:
                self._require_started_row()
        except ValueError as error:
            raise NoReport from error
        if not all(isinstance(row, dict) and "file" in row and "status" in row for row in rows):
            raise NoReport
        return rows

    def _require_started_row(self) -> None:
        """Take a file without a whole line for a report only if a killed run can have begun it. Raises NoReport."""
        with self.path.open("rb") as file:
            if not BEGINNING.startswith(file.read(len(BEGINNING))):
                raise NoReport

    def open(self) -> None:
        """Open the file for writing. Raises Busy, OSError."""
        self._lines.open()

    def close(self) -> None:
        """Let go of the file."""
        self._lines.close()

    def replace(self, rows: Iterable[Row]) -> None:
        """Put all rows anew, at once."""
        self._lines.replace(to_lines(rows))

    def append(self, rows: Iterable[Row]) -> None:
        """Add the rows of a file, down to the disk."""
        self._lines.append(to_lines(rows))

    def keep(self, rows: Iterable[Row]) -> None:
        """Do nothing: they stand there."""


class ReportStream:
    """Report on standard output: the rows of this run's files, and no memory of earlier runs."""

    def __init__(self, stream: TextIO) -> None:
        """Keep the stream."""
        self.stream = stream

    def read(self) -> list[Row]:
        """Return no rows."""
        return []

    def open(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing: the stream is the caller's."""

    def replace(self, rows: Iterable[Row]) -> None:
        """Do nothing: what is written stays."""

    def append(self, rows: Iterable[Row]) -> None:
        """Write the rows of a file."""
        self.stream.write(to_lines(rows).decode("ascii"))
        self.stream.flush()

    def keep(self, rows: Iterable[Row]) -> None:
        """Write them too: whoever reads the stream has not seen them."""
        self.append(rows)


class ReportDevice(ReportStream):
    """Report on a device or pipe that is named like a file, as /dev/stdout: never replaced, only written to."""

    def __init__(self, path: Path) -> None:
        """Open it; a pipe waits for its reader. Raises OSError."""
        super().__init__(path.open("a", encoding="ascii"))

    def close(self) -> None:
        """Close it."""
        self.stream.close()
