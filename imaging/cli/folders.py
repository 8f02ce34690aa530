"""Selection of the files that the command line reads: named files, matches of patterns, contents of folders."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
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


def list_files(paths: Sequence[str], out: Path | None = None) -> list[str]:
    """Return every file to report once, in a stable order. Walks folders, without hidden entries.

    `out`, the folder for clean pictures, is skipped inside other folders.
    """
    found: dict[str, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found.update(dict.fromkeys(_walk(path, out)))
        elif not path.exists() and glob.has_magic(given):
            for match in sorted(glob.glob(given, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
                found.update(dict.fromkeys(_walk(Path(match), out) if Path(match).is_dir() else [match]))
        else:
            found[given] = None
    return list(found)


def _walk(folder: Path, out: Path | None) -> Iterator[str]:
    """Yield the files of a folder, and folders that cannot be opened, to be refused. Follows links, but no cycles."""
    passed = {os.path.realpath(out)} if out else set()
    closed: list[str] = []
    for here, folders, names in os.walk(folder, onerror=lambda error: closed.append(error.filename), followlinks=True):
        real = os.path.realpath(here)
        if real in passed:
            folders.clear()
            continue
        passed.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(here, name) for name in sorted(names) if not name.startswith(".")):
            if not is_special(path) and (path.suffix.lower() not in SKIPPED or _looks_like_picture(path)):
                yield str(path)
    yield from closed


def is_special(path: Path) -> bool:
    """Whether a path is a pipe or device, which may never end."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False  # to be reported as unreadable


def _looks_like_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError:
        return True  # unreadable: to be reported, not skipped
    return start.startswith(PICTURE_SIGNATURES) or start[4:8] == b"ftyp" or start[128:132] == b"DICM"
