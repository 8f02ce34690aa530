"""Rows of the report, and the work on one file that makes them.

A row is known by its file and its frame: the number of a picture in a file that holds several, or None for the only
one. All rows of a file are made, recorded and replaced together.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from imaging.cli import frames
from imaging.cli.folders import is_special
from imaging.cli.storage import write_new
from imaging.engine import Options, Refused, Rendition, Result, deidentify
from imaging.engine.limits import MAX_FILE_BYTES
from imaging.engine.messages import ADVICE

Row = dict[str, Any]
CLEAN, REFUSED, PENDING = "clean", "refused", "pending"
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}
STEM = 32
"""Hexadecimal digits of a picture's SHA-256 in its name."""
CANNOT_OPEN = "The file or folder cannot be opened. Check that it exists and may be read."
TO_BE_REDONE = "To be made again: a run with --redo has not come to this file yet."


@dataclasses.dataclass(frozen=True)
class Job:
    """One file to clean: with which options, into which folder (None: nowhere), and rows that may hold still."""

    file: str
    options: Options
    settings: Mapping[str, Any]
    out: Path | None
    earlier: Sequence[Row] = ()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """All rows of one file, and its clean pictures: partial file, final name. `kept` if they are an earlier run's."""

    file: str
    rows: list[Row]
    pictures: list[tuple[Path, str]] = dataclasses.field(default_factory=list)
    kept: bool = False


def empty_row(settings: Mapping[str, Any], *, frame: int | None = None) -> Row:
    """Return a row with every field that a refused file has, but for its reason."""
    return {
        "frame": frame,
        "status": REFUSED,
        "reason": None,
        "output": None,
        "sha256": None,
        "input": None,
        "width": None,
        "height": None,
        "regions": [],
        "found": [],
        **settings,
    }


def pending_row(settings: Mapping[str, Any]) -> Row:
    """Return the row of a file whose pictures were removed to be made again."""
    return empty_row(settings) | {"status": PENDING, "reason": TO_BE_REDONE}


def process_file(job: Job) -> Outcome:
    """Clean one file; its pictures get a partial name in `job.out`, where the ledger takes them over."""
    try:
        data = _read(Path(job.file))
    except Refused as refusal:
        return Outcome(job.file, [_refused_row(job, refusal.sentence, refusal) | {"input": None, "seconds": 0.0}])
    digest = hashlib.sha256(data).hexdigest() if len(data) <= MAX_FILE_BYTES else None
    if job.earlier and is_finished(job.earlier, job.settings, digest, job.out):
        return Outcome(job.file, list(job.earlier), kept=True)
    pictures: list[tuple[Path, str]] = []
    rows = []
    for frame in frames.find(data, job.settings["flags"]["frames"], job.options) or (None,):
        began = time.monotonic()
        row = _process_picture(data, frame, job, pictures)
        rows.append(row | {"input": digest, "seconds": round(time.monotonic() - began, 3)})
    return Outcome(job.file, rows, pictures)


def _process_picture(data: bytes, frame: int | None, job: Job, pictures: list[tuple[Path, str]]) -> Row:
    """Clean one picture of a file, the only one where frame is None; return its row and add it to `pictures`."""
    options = dataclasses.replace(job.options, frame=frame)
    try:
        result = deidentify(data, options)
    except Refused as refusal:
        return _refused_row(job, frames.sentence(data, refusal, options), refusal, frame=frame)
    row = empty_row(job.settings, frame=frame) | _describe(result, options)
    if job.out is not None:
        row["output"] = picture_name(result.full)
        pictures.append((_write(job.out, result.full), row["output"]))
    return row


def _refused_row(job: Job, sentence: str, refusal: Refused, *, frame: int | None = None) -> Row:
    return empty_row(job.settings, frame=frame) | {"reason": sentence, "code": refusal.code}


def is_finished(rows: Sequence[Row], settings: Mapping[str, Any], digest: str | None, out: Path | None) -> bool:
    """Whether these rows are of this very file with these settings, and their pictures are there, unaltered.

    Refused files are tried again. `out` is None in a dry run, which looks at no picture.
    """
    return all(
        row["status"] == CLEAN
        and row.get("input") == digest
        and made_with(row, settings)
        and (out is None or digest_of(out / (row["output"] or ".")) == row["sha256"])
        for row in rows
    )


def made_with(row: Row, settings: Mapping[str, Any]) -> bool:
    """Whether a row was made by this version of the engine with these flags."""
    return all(row.get(name) == value for name, value in settings.items())


def digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, None if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _describe(result: Result, options: Options) -> Row:
    inspection, full = result.inspection, result.full
    return {
        "status": CLEAN,
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
        "advice": [ADVICE[code] for code in inspection.warnings if code in ADVICE],
        "cpu_seconds": round(inspection.cost.cpu_seconds, 3),
        "peak_megabytes": inspection.cost.peak_bytes // 1_000_000,
    }


def _read(path: Path) -> bytes:
    if is_special(path):
        raise Refused("broken", CANNOT_OPEN)
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise Refused("broken", CANNOT_OPEN) from error


def picture_name(full: Rendition) -> str:
    """Return the name of a clean picture, made from its digest: the file's own may be a patient's."""
    return f"{full.sha256[:STEM]}{SUFFIXES[full.content_type]}"


def _write(out: Path, full: Rendition) -> Path:
    partial = out / f".{full.sha256[:STEM]}.{os.getpid()}.{time.monotonic_ns()}.part"
    write_new(partial, full.data)
    return partial
