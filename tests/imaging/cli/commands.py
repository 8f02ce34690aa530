"""The command line as tests run it, and an engine that takes no time."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
from pathlib import Path
from typing import Any

from imaging import cli
from imaging.engine import Inspection, Options, Refused, Rendition, Result


def run(*arguments: object, stdout: io.StringIO | None = None) -> tuple[int, str]:
    """The exit status, and what went to the terminal."""
    stream = io.StringIO()
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    parsed = parser.parse_args([str(one) for one in arguments])
    return cli.run(parsed, stream, stdout), stream.getvalue()


def listed(report: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in report.read_text().splitlines()]


def rows(report: Path) -> dict[str, dict[str, Any]]:
    """The rows of a report by the file's name without folders."""
    return {row["file"].rpartition("/")[2]: row for row in listed(report)}


class Engine:
    """Instead of `deidentify`: a "picture" that tells its file and options, and a count of the calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, data: bytes, options: Options) -> Result:
        self.calls += 1
        if data.startswith(b"bad"):
            raise Refused("broken")
        shown = b"\xff\xd8\xff" + data.partition(b"#")[0] + repr(options).encode()
        full = Rendition("full", shown, "image/jpeg", 8, 8, hashlib.sha256(shown).hexdigest())
        return Result(Inspection(8, 8, "jpeg", False, (), (), b"", (), "0"), (), (full,))
