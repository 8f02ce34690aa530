"""`manage.py deidentify` and `python -m imaging`: clean pictures without web application or database.

One JSON line a file goes to the report; pictures are written under names made from their bytes, because
a file's own name often is the patient's.
"""

from __future__ import annotations

import argparse
import dataclasses
import glob
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, TextIO

from imaging.engine import ENGINE_VERSION, Options, Refused, Rendition, Result, deidentify
from imaging.engine.limits import MAX_FILE_BYTES

Row = dict[str, Any]
PASSED_OVER = frozenset(
    [
        ".py",
        ".json",
        ".jsonl",
        ".csv",
        ".tsv",
        ".txt",
        ".md",
        ".rst",
        ".html",
        ".htm",
        ".xml",
        ".yaml",
        ".yml",
        ".toml",
        ".ini",
        ".cfg",
        ".log",
        ".sh",
        ".db",
        ".zip",
        ".gz",
    ]
)
"""In a folder, files with these endings are passed over unless their bytes are a picture's. All others
are reported, and so is every file that is named explicitly."""
PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags, the same for both commands."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders (recursive) or quoted globs")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the clean pictures")
    parser.add_argument("--report", type=Path, metavar="FILE", help="one JSON line a file (default: OUT/report.jsonl)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="pictures at a time")
    parser.add_argument("--dry-run", action="store_true", help="look and report, write no pictures")
    parser.add_argument("--style", choices=("bar", "veil"), default="veil", help="how faces are masked")
    parser.add_argument("--keep-faces", action="store_true", help="mask eyes and text only")
    parser.add_argument("--no-text", action="store_true", help="do not look for text")
    parser.add_argument("--min-score", type=float, default=0.1, metavar="S", help="mask from this score (default 0.1)")
    parser.add_argument("--resume", action="store_true", help="skip files that the report already lists as clean")
    parser.add_argument("--quiet", action="store_true", help="no progress, no summary")


def run(arguments: argparse.Namespace, stderr: TextIO = sys.stderr) -> int:
    """Do it. Returns the exit status: 0, or 1 when any file was refused."""
    options = Options(
        text=not arguments.no_text,
        face_style=arguments.style,
        keep_faces=arguments.keep_faces,
        minimum_score=arguments.min_score,
    )
    arguments.out.mkdir(parents=True, exist_ok=True)
    report_path = arguments.report or arguments.out / "report.jsonl"
    done = _done(report_path) if arguments.resume else {}
    files = [path for path in list_files(arguments.paths) if path not in done]
    out = None if arguments.dry_run else arguments.out
    tally = Tally(done)
    progress = Progress(len(files), stderr, quiet=arguments.quiet)
    with report_path.open("a" if arguments.resume else "w", encoding="utf-8") as report:
        for row in _rows(files, out, options, max(1, arguments.jobs)):
            report.write(json.dumps(row, ensure_ascii=False) + "\n")
            report.flush()
            tally.add(row)
            progress.step()
    if not arguments.quiet:
        stderr.write(tally.table(progress.seconds))
    return 1 if tally.status["refused"] else 0


class Tally:
    """Counts for the summary: how files ended, why not, what was masked, what was left behind, what to mend."""

    def __init__(self, done: Mapping[str, Row]) -> None:
        """Begin with what an earlier run has finished."""
        self.status: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.regions: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        for row in done.values():
            self.add(row)

    def add(self, row: Row) -> None:
        """One more row of the report."""
        self.status[row["status"]] += 1
        if row["status"] == "refused":
            self.reasons[row["code"]] += 1
        self.regions.update(region["kind"] for region in row["regions"])
        self.found.update(row["found"])
        self.warnings.update(row.get("warnings", ()))

    def table(self, seconds: float) -> str:
        """The summary as text, one block a question; empty blocks are left out."""
        lines = ["", "clean     refused   regions   seconds"]
        regions = sum(self.regions.values())
        lines.append(f"{self.status['clean']:<9} {self.status['refused']:<9} {regions:<9} {seconds:.1f}")
        for title, counts in (
            ("refused because", self.reasons),
            ("regions", self.regions),
            ("found and left behind, files", self.found),
            ("warnings, files", self.warnings),
        ):
            if counts:
                lines += ["", title, *(f"{count:>9} {name}" for name, count in counts.most_common())]
        return "\n".join(lines) + "\n"


def _done(report: Path) -> dict[str, Row]:
    """Files that an earlier run has finished; refused ones are tried again."""
    if not report.exists():
        return {}
    done = {}
    for line in report.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the line that was being written when the earlier run was stopped
        if row["status"] == "clean":
            done[row["file"]] = row
    return done


def list_files(paths: Sequence[str]) -> list[str]:
    """Every file to report, once, in a stable order; folders are walked, hidden entries left out."""
    found: dict[str, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found.update(dict.fromkeys(_walk(path)))
        elif not path.exists() and glob.has_magic(given):
            for match in sorted(glob.glob(given, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
                found.update(dict.fromkeys(_walk(Path(match)) if Path(match).is_dir() else [match]))
        else:
            found[given] = None
    return list(found)


def _walk(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and (path.suffix.lower() not in PASSED_OVER or _looks_like_picture(path)):
            yield str(path)


def _looks_like_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError:
        return True  # unreadable: to be reported, not passed over
    return start.startswith(PICTURE_STARTS) or start[4:8] == b"ftyp" or start[128:132] == b"DICM"


def _rows(files: Sequence[str], out: Path | None, options: Options, jobs: int) -> Iterator[Row]:
    """Rows in the order in which pictures finish; only a few files wait in memory."""
    waiting = iter(files)
    with ThreadPoolExecutor(jobs) as pool:
        running: set[Future[Row]] = set()
        while True:
            for path in waiting:
                running.add(pool.submit(one, path, out, options))
                if len(running) >= 2 * jobs:
                    break
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()


def one(path: str, out: Path | None, options: Options) -> Row:
    """One file to one row of the report; writes the clean picture into `out` unless that is None."""
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
        "found": [],
    }
    try:
        result = deidentify(_read(Path(path)), options)
    except Refused as refusal:
        row |= {"reason": refusal.sentence, "code": refusal.code}
    else:
        row |= _described(result, options)
        if out is not None:
            row["output"] = str(_write(out, result.full))
    row["seconds"] = round(time.monotonic() - began, 3)
    return row


def _described(result: Result, options: Options) -> Row:
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
                "mask": dataclasses.asdict(region.mask()),
                **({"note": region.note} if region.note else {}),
            }
            for region in inspection.regions
        ],
        "found": list(inspection.found),
        "warnings": list(inspection.warnings),
        "cpu_seconds": round(inspection.cost.cpu_seconds, 3),
        "peak_megabytes": inspection.cost.peak_bytes // 1_000_000,
        "engine": ENGINE_VERSION,
    }


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise Refused("broken", "The file cannot be opened. Check that it exists and may be read.") from error


def _write(out: Path, full: Rendition) -> Path:
    """Under the digest's name: collision-free, and equal pictures share one file."""
    target = out / f"{full.sha256[:32]}{SUFFIXES[full.content_type]}"
    partial = out / f".{full.sha256[:32]}.{os.getpid()}.{time.monotonic_ns()}.part"
    partial.write_bytes(full.data)
    partial.replace(target)
    return target


class Progress:
    """A bar with rate and remaining time on a terminal, a line now and then elsewhere."""

    def __init__(self, total: int, stream: TextIO, *, quiet: bool) -> None:
        """Start the clock."""
        self.total, self.stream, self.quiet = total, stream, quiet
        self.count = 0
        self.began = self.shown = time.monotonic()
        self.lively = stream.isatty()

    def step(self) -> None:
        """One more picture is done."""
        self.count += 1
        now = time.monotonic()
        if not self.quiet and (self.count == self.total or now - self.shown > (0.1 if self.lively else 10.0)):
            self.shown = now
            self.stream.write(("\r" if self.lively else "") + self.line(now) + ("" if self.lively else "\n"))
            self.stream.flush()

    def line(self, now: float) -> str:
        """The bar as text."""
        rate = self.count / max(now - self.began, 1e-9)
        left = (self.total - self.count) / rate if rate else 0.0
        filled = 24 * self.count // max(self.total, 1)
        bar = "#" * filled + "." * (24 - filled)
        return f"[{bar}] {self.count}/{self.total}  {rate:.1f} a second  {left:.0f} s left  "

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.began


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m imaging`."""
    parser = argparse.ArgumentParser(prog="python -m imaging", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))
