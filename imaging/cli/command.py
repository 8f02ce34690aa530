"""Commands `python -m imaging` and `manage.py deidentify`: clean pictures without web application or database.

Every picture is rebuilt from its pixels, faces, eyes and text are masked, and the result is written under
a name made from its bytes, because a file's own name often is the patient's. The report has one JSON line
a file, under the file's own name: keep it with the originals. docs/imaging.md lists its fields.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, TextIO

from imaging.cli.folders import is_special, list_files
from imaging.engine import (
    ENGINE_VERSION,
    DetectorMissing,
    Options,
    PictureType,
    Refused,
    Rendition,
    Result,
    deidentify,
)
from imaging.engine.limits import MAX_FILE_BYTES

Row = dict[str, Any]
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}
STEM = 32
"""Hexadecimal digits of a picture's SHA-256 in its name."""
CORES = os.cpu_count() or 1
EXIT_REFUSED, EXIT_STOPPED, EXIT_ASKED, EXIT_INTERRUPTED = 1, 2, 3, 130
CANNOT_OPEN = "The file or folder cannot be opened. Check that it exists and may be read."
RESUME_HINT = "What is finished stands in the report: the same command with --resume takes it up.\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags, the same for both commands."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders (recursive) or quoted globs")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the clean pictures")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="one JSON line a file, with its name (default: OUT/report.jsonl)"
    )
    parser.add_argument(
        "--jobs", type=_jobs, default=CORES, metavar="N", help="pictures at a time (default: %(default)s, one a core)"
    )
    parser.add_argument("--dry-run", action="store_true", help="look and report, write no pictures")
    parser.add_argument(
        "--style", choices=("bar", "veil"), default="veil", help="how faces are masked (default: %(default)s)"
    )
    parser.add_argument("--keep-faces", action="store_true", help="mask eyes and text only")
    parser.add_argument(
        "--picture-type",
        choices=tuple(PictureType),
        help="the type of all pictures, where it is known; else it is guessed",
    )
    parser.add_argument("--no-text", action="store_true", help="do not look for text")
    parser.add_argument(
        "--min-score",
        type=_score,
        default=0.1,
        metavar="S",
        help="look at nothing below this score, 0 to 1 (default: %(default)s); what is left is masked or asked about",
    )
    parser.add_argument(
        "--paint-asked",
        action="store_true",
        help="mask what would cover much and is not certain too, even if that hides a lesion",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help=f"exit with {EXIT_ASKED} if something is left visible for a person to judge",
    )
    parser.add_argument(
        "--resume", action="store_true", help="skip what an earlier run with the same flags has finished"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress, no summary")


def _jobs(text: str) -> int:
    """Parse the number of jobs, at most one per core: more would only wait for each other."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return min(number, CORES)


def _score(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return number


def run(arguments: argparse.Namespace, stderr: TextIO = sys.stderr) -> int:
    """Run the command. Returns the exit status: 0; 1 if a file was refused; 2 if it could not go on; 3 if strict
    and something is left for a person to judge; 130 on Ctrl-C.
    """
    try:
        return _run(arguments, stderr)
    except KeyboardInterrupt:
        stderr.write(f"\nStopped. {RESUME_HINT}")
        return EXIT_INTERRUPTED
    except OSError as error:  # errors while reading a picture are refusals in the report
        stderr.write(f"\nPictures or report cannot be written: {error.strerror}. {RESUME_HINT}")
    except DetectorMissing:
        stderr.write("\nA model for finding faces or text is missing or altered. Install the locked packages anew.\n")
    return EXIT_STOPPED


def _run(arguments: argparse.Namespace, stderr: TextIO) -> int:
    options = Options(
        text=not arguments.no_text,
        face_style=arguments.style,
        keep_faces=arguments.keep_faces,
        minimum_score=arguments.min_score,
        paint_asked=arguments.paint_asked,
        picture_type=arguments.picture_type,
    )
    report_path: Path = arguments.report or arguments.out / "report.jsonl"
    for folder in (arguments.out, report_path.parent):
        folder.mkdir(parents=True, exist_ok=True)
    out = None if arguments.dry_run else arguments.out
    if any(Path(path).is_dir() and arguments.out.samefile(path) for path in arguments.paths):
        stderr.write("The folder for clean pictures is among those to read. Choose another one with --out.\n")
        return EXIT_STOPPED
    files = list_files(arguments.paths, arguments.out)
    if not files:
        stderr.write("There is no picture in what was named.\n")
        return EXIT_STOPPED
    done = _finished_earlier(report_path, options, dry=arguments.dry_run, out=arguments.out) if arguments.resume else {}
    files = [path for path in files if path not in done]
    summary = Summary(done)
    progress = ProgressBar(len(files), stderr, quiet=arguments.quiet)
    with (
        report_path.open("a" if arguments.resume else "w", encoding="utf-8") as report,
        contextlib.closing(_process_files(files, out, options, arguments.jobs)) as finished,
    ):
        for row in finished:
            report.write(json.dumps(row) + "\n")
            report.flush()
            summary.add(row)
            progress.step()
    if not arguments.quiet:
        stderr.write(summary.table(progress.seconds))
    if summary.pictures_asked:
        stderr.write(summary.question())
    if summary.status["refused"]:
        return EXIT_REFUSED
    return EXIT_ASKED if arguments.strict and summary.pictures_asked else 0


class Summary:
    """Counts for the summary: outcomes, reasons of refusals, regions, removed metadata, warnings."""

    def __init__(self, done: Mapping[str, Row]) -> None:
        """Start with the rows of an earlier run."""
        self.status: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.regions: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.pictures_asked = 0
        for row in done.values():
            self.add(row)

    def add(self, row: Row) -> None:
        """Count one more row of the report."""
        self.status[row["status"]] += 1
        if row["status"] == "refused":
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
        for title, counts in (
            ("refused because", self.reasons),
            ("regions", self.regions),
            ("found and left behind, files", self.found),
            ("warnings, files", self.warnings),
            ("left visible for you to judge", self.asked),
        ):
            if counts:
                lines += ["", title, *(f"{count:>9} {name}" for name, count in counts.most_common())]
        return "\n".join(lines) + "\n"

    def question(self) -> str:
        """Return what a person has to do about regions that were found and not masked; never left out."""
        return (
            f"\n{self.pictures_asked} of the clean pictures may show something that was found and not masked: it is"
            " uncertain, and masking it would hide much. Look at them; “asked” in the report says what and where.\n"
        )


def _finished_earlier(report: Path, options: Options, *, dry: bool, out: Path) -> dict[str, Row]:
    """Return the rows of pictures that an earlier run finished, by file; remove all others from report and folder.

    Refused files are tried again. Rows of another engine version or other flags, of a missing picture, of a file newer
    than its picture, and an incomplete last line do not count.
    """
    done: dict[str, Row] = {}
    if report.is_file():
        for line in report.read_text(encoding="utf-8").split("\n"):
            with contextlib.suppress(ValueError):
                row = json.loads(line)
                same = (row.get("engine"), row.get("flags")) == (ENGINE_VERSION, _flags(options))
                if row["status"] == "clean" and same and (dry or _is_up_to_date(row)):
                    done[row["file"]] = row
        partial = report.with_name(f".{report.name}.part")
        partial.write_text("".join(json.dumps(row) + "\n" for row in done.values()), encoding="utf-8")
        partial.replace(report)
    for left in out.glob(f".{'?' * STEM}.*.part"):
        left.unlink(missing_ok=True)
    return done


def _is_up_to_date(row: Row) -> bool:
    """Whether the picture exists and is not older than its file."""
    try:
        return Path(row["output"] or "").stat().st_mtime >= Path(row["file"]).stat().st_mtime
    except OSError:
        return False


def _process_files(files: Sequence[str], out: Path | None, options: Options, jobs: int) -> Generator[Row, None, None]:
    """Yield rows in the order in which pictures finish; only a few files are in memory at a time."""
    waiting = iter(files)
    pool = ThreadPoolExecutor(jobs)
    running: set[Future[Row]] = set()
    try:
        while True:
            for path in waiting:
                running.add(pool.submit(process_file, path, out, options))
                if len(running) >= 2 * jobs:
                    break
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def process_file(path: str, out: Path | None, options: Options) -> Row:
    """Clean one file and return its row of the report; write the picture into `out` unless that is None."""
    began = time.monotonic()
    row: Row = {
        "file": path,
        "status": "refused",
        "reason": None,
        "output": None,
        "sha256": None,
        "width": None,
        "height": None,
        "regions": [],
        "asked": [],
        "found": [],
        "engine": ENGINE_VERSION,
        "flags": _flags(options),
    }
    try:
        result = deidentify(_read(Path(path)), options)
    except Refused as refusal:
        row |= {"reason": refusal.sentence, "code": refusal.code}
    else:
        row |= _describe(result, options)
        if out is not None:
            row["output"] = str(_write(out, result.full))
    row["seconds"] = round(time.monotonic() - began, 3)
    return row


def _describe(result: Result, options: Options) -> Row:
    inspection, full = result.inspection, result.full
    return {
        "status": "clean",
        "sha256": full.sha256,
        "width": inspection.width,
        "height": inspection.height,
        "regions": [
            {
                "kind": region.kind,
                "x": round(region.x, 1),
                "y": round(region.y, 1),
                "width": round(region.width, 1),
                "height": round(region.height, 1),
                "score": round(region.score, 4),
                "detector": region.detector,
                "mask": dataclasses.asdict(painted) if (painted := region.mask_for(options)) else None,
                "why_asked": region.why_asked,
                **({"note": region.note} if region.note else {}),
            }
            for region in inspection.regions
        ],
        "picture_type": options.picture_type or inspection.picture_type,
        "asked": [
            {"region": index, "kind": region.kind, "why": region.why_asked}
            for index, region in enumerate(inspection.regions)
            if region.is_left_visible(options)
        ],
        "found": list(inspection.found),
        "warnings": list(inspection.warnings),
        "cpu_seconds": round(inspection.cost.cpu_seconds, 3),
        "peak_megabytes": inspection.cost.peak_bytes // 1_000_000,
    }


def _flags(options: Options) -> Row:
    return {
        "style": options.face_style,
        "keep_faces": options.keep_faces,
        "text": options.text,
        "min_score": options.minimum_score,
        "paint_asked": options.paint_asked,
        "picture_type": options.picture_type,
    }


def _read(path: Path) -> bytes:
    if is_special(path):
        raise Refused("broken", CANNOT_OPEN)
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise Refused("broken", CANNOT_OPEN) from error


def _write(out: Path, full: Rendition) -> Path:
    """Write a picture under a name made from its digest, without collisions; equal pictures share one file."""
    stem = full.sha256[:STEM]
    target = out / f"{stem}{SUFFIXES[full.content_type]}"
    partial = out / f".{stem}.{os.getpid()}.{time.monotonic_ns()}.part"
    try:
        partial.write_bytes(full.data)
        partial.replace(target)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    return target


class ProgressBar:
    """Progress with rate and remaining time: a bar on a terminal, an occasional line elsewhere."""

    def __init__(self, total: int, stream: TextIO, *, quiet: bool) -> None:
        """Start the clock."""
        self.total, self.stream, self.quiet = total, stream, quiet
        self.count = 0
        self.began = self.shown = time.monotonic()
        self.is_terminal = stream.isatty()

    def step(self) -> None:
        """Count one more finished picture and show the bar."""
        self.count += 1
        now = time.monotonic()
        if not self.quiet and (self.count == self.total or now - self.shown > (0.1 if self.is_terminal else 10.0)):
            self.shown = now
            self.stream.write(("\r" if self.is_terminal else "") + self.line(now) + ("" if self.is_terminal else "\n"))
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


def main(argv: Sequence[str] | None = None) -> int:
    """Run `python -m imaging`."""
    parser = argparse.ArgumentParser(prog="python -m imaging", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))
