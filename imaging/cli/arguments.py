"""Flags of the command line, and its exit statuses.

A flag that changes what comes out is a `Setting`: one entry in SETTINGS gives the flag, the field of the engine's
options, and the entry in the manifest and in each row, by which a run with other settings is told from this one.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imaging.cli import frames
from imaging.engine import ENGINE_VERSION, Options, PictureType

CORES = os.cpu_count() or 1
STANDARD_OUTPUT = "-"
EXIT_CLEAN, EXIT_REFUSED, EXIT_STOPPED, EXIT_WARNED, EXIT_ASKED, EXIT_INTERRUPTED = 0, 1, 2, 3, 4, 130
EPILOG = """exit status:
  0    every file has a clean picture
  1    a file was refused; the report says which and why
  2    nothing was done, or the run could not go on; a sentence says why
  3    done, but with a warning: a pattern matched no file, or the output folder
       holds a picture that is not of this command
  4    with --strict: something was found and left visible, for you to judge;
       "asked" in the report says what and where
  130  stopped by Ctrl-C

The output folder and the report belong together. A run adds to them; with
--resume it skips files that are finished and unchanged. Other settings or
another version of the engine are refused there unless --redo is given, which
makes every picture of the folder anew and removes what no row names.
"""


@dataclass(frozen=True)
class Setting:
    """A flag that changes what comes out.

    `name` stands in the manifest, in `flags` of each row, and is the parser's attribute; `option` is the field of
    `Options`, if the engine has one; `parser` is passed to `add_argument`.
    """

    flag: str
    name: str
    option: str | None
    parser: Mapping[str, Any] = field(default_factory=dict)


def _score(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return number


SETTINGS = (
    Setting(
        "--style",
        "style",
        "face_style",
        {"choices": ("bar", "veil"), "default": "veil", "help": "how faces are masked (default: %(default)s)"},
    ),
    Setting("--keep-faces", "keep_faces", "keep_faces", {"action": "store_true", "help": "mask eyes and text only"}),
    Setting("--no-text", "text", "text", {"action": "store_false", "help": "do not look for text"}),
    Setting(
        "--frames",
        "frames",
        None,
        {
            "type": frames.parse,
            "metavar": "all|N[,M-K]",
            "help": "which pictures of a file that holds several, each by itself (default: such files are refused)",
        },
    ),
    Setting(
        "--min-score",
        "min_score",
        "minimum_score",
        {
            "type": _score,
            "default": 0.1,
            "metavar": "S",
            "help": "look at nothing below this score, 0 to 1 (default: %(default)s); the rest is masked or asked",
        },
    ),
    Setting(
        "--picture-type",
        "picture_type",
        "picture_type",
        {
            "choices": tuple(PictureType),
            "help": "the type of all pictures, where it is known; else it is guessed",
        },
    ),
    Setting(
        "--paint-asked",
        "paint_asked",
        "paint_asked",
        {
            "action": "store_true",
            "help": "mask what would cover much and is not certain too, even if that hides a lesion",
        },
    ),
    Setting(
        "--accept-damaged",
        "accept_damaged",
        "accept_damaged",
        {
            "action": "store_true",
            "help": "clean pictures of which parts are damaged too, with a warning in the report",
        },
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags, the same for every command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders (recursive) or quoted globs")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the clean pictures")
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="one JSON line a picture, with the file's name; - is standard output (default: OUT/report.jsonl)",
    )
    parser.add_argument(
        "--jobs", type=_jobs, default=CORES, metavar="N", help="pictures at a time (default: %(default)s, one a core)"
    )
    parser.add_argument("--dry-run", action="store_true", help="look and count, write nothing at all")
    for setting in SETTINGS:
        parser.add_argument(setting.flag, dest=setting.name, **setting.parser)
    parser.add_argument("--resume", action="store_true", help="skip files that are finished and unchanged")
    parser.add_argument(
        "--redo",
        action="store_true",
        help="make all pictures of the folder anew, with these settings, and remove those that no row names",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help=f"exit with {EXIT_ASKED} if something is left visible for a person to judge",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress, no summary; warnings only")


def _jobs(text: str) -> int:
    """Parse the number of jobs, at most one per core: more would only wait for each other."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return min(number, CORES)


def chosen_options(arguments: argparse.Namespace) -> Options:
    """Return the engine's options for parsed flags."""
    return Options(**{one.option: getattr(arguments, one.name) for one in SETTINGS if one.option})


def chosen_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the engine's version and the flags that change what comes out, as they stand in manifest and rows."""
    return {"engine": ENGINE_VERSION, "flags": {one.name: getattr(arguments, one.name) for one in SETTINGS}}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name each setting that differs, as in "--style veil, now bar"."""
    found = []
    if before.get("engine") != now["engine"]:
        found.append(f"engine {before.get('engine', 'unknown')}, now {now['engine']}")
    flags = before.get("flags") or {}
    for setting in SETTINGS:
        old, new = _told(setting, flags), _told(setting, now["flags"])
        if old != new:
            found.append(f"{setting.flag} {old}, now {new}")
    return found


def _told(setting: Setting, flags: Mapping[str, Any]) -> str:
    """Say how a flag was given: --no-text, which has no value, was when `text` is false."""
    if setting.name not in flags:
        return "unknown"
    value = flags[setting.name]
    if isinstance(value, bool):
        return "given" if value is (setting.parser["action"] == "store_true") else "not given"
    return "not given" if value is None else str(value)
