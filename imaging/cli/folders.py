"""Selection of the files that the command line reads: named files, matches of patterns, contents of folders."""

from __future__ import annotations

import glob
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TEXTS = (".txt", ".md", ".rst", ".html", ".htm", ".xml", ".log")
TABLES = (".json", ".jsonl", ".csv", ".tsv", ".db")
PROGRAMS = (".py", ".sh", ".yaml", ".yml", ".toml", ".ini", ".cfg")
ARCHIVES = (".zip", ".gz")
SKIPPED = frozenset((*TEXTS, *TABLES, *PROGRAMS, *ARCHIVES))
"""Suffixes of files that are skipped in a folder unless their bytes begin like a picture. All others are reported,
and so is every file that is named explicitly."""
JPEG_2000, JPEG_XL = b"\0\0\0\x0cjP  ", b"\0\0\0\x0cJXL "
TIFFS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
PICTURE_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"\xff\x4f\xff\x51", JPEG_2000, JPEG_XL, *TIFFS)
HIDDEN, SPECIAL = "hidden", "pipe or device"


@dataclass
class Selection:
    """Files to report, by absolute path; what was skipped in folders, by kind; patterns that matched nothing."""

    files: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    unmatched: list[str] = field(default_factory=list)


def select(paths: Sequence[str], out: Path | None = None) -> Selection:
    """Return every file to report once, in a stable order, whatever names and links lead to it. Walks folders.

    `out`, the folder for clean pictures, is skipped inside other folders.
    """
    selection = Selection()
    seen: set[str] = set()
    passed = {os.path.realpath(out)} if out else set()

    def add(found: Iterator[str] | list[str]) -> None:
        for path in found:
            if (real := os.path.realpath(path)) not in seen:
                seen.add(real)
                selection.files.append(str(Path(path).absolute()))

    for given in paths:
        if not os.path.lexists(given) and glob.has_magic(given):
            matches = sorted(glob.glob(given, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
            if not matches:
                selection.unmatched.append(given)
        else:
            matches = [given]
        for match in matches:
            add(_walk(Path(match), passed, selection.skipped) if Path(match).is_dir() else [match])
    return selection


def _walk(folder: Path, passed: set[str], skipped: Counter[str]) -> Iterator[str]:
    """Yield the files of a folder, and folders that cannot be opened, to be refused. Follows links, but no cycles."""
    closed: list[str] = []
    for here, folders, names in os.walk(folder, onerror=lambda error: closed.append(error.filename), followlinks=True):
        real = os.path.realpath(here)
        if real in passed:
            folders.clear()
            continue
        passed.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(here, name) for name in sorted(names)):
            if kind := _kind_of_other(path):
                skipped[kind] += 1
            else:
                yield str(path)
    yield from closed


def _kind_of_other(path: Path) -> str | None:
    """Return the kind of a file in a folder that is no picture; None for one to be read or refused."""
    if path.name.startswith("."):
        return HIDDEN
    if is_special(path):
        return SPECIAL
    suffix = path.suffix.lower()
    return suffix if suffix in SKIPPED and not looks_like_picture(path) else None


def is_special(path: Path) -> bool:
    """Whether a path is a pipe or device, which may never end."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False  # to be reported as unreadable


def looks_like_picture(path: Path) -> bool:
    """Whether a file begins like a picture, or cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError:
        return True  # unreadable: to be reported, not skipped
    return start.startswith(PICTURE_SIGNATURES) or start[4:8] == b"ftyp" or start[128:132] == b"DICM"
