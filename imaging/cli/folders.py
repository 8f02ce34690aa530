"""Which files the command line reads: what was named, what a pattern matches, what lies in a folder."""

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
"""In a folder, files with these endings are passed over unless their bytes are a picture's. All others
are reported, and so is every file that is named explicitly."""
PICTURE_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def list_files(paths: Sequence[str], out: Path | None = None) -> list[str]:
    """Every file to report, once, in a stable order; folders are walked, hidden entries left out.

    `out`, the folder for clean pictures, is left out where it lies in a folder that is walked.
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
    """Files of a folder and, to be refused, what cannot be looked into. Links are followed, but not in circles."""
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
    """Pipes and devices: reading them may never end."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False  # to be reported as unreadable


def _looks_like_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError:
        return True  # unreadable: to be reported, not passed over
    return start.startswith(PICTURE_SIGNATURES) or start[4:8] == b"ftyp" or start[128:132] == b"DICM"
