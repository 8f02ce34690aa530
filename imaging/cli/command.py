"""Commands `rete-deidentify`, `python -m imaging` and `manage.py deidentify`: clean pictures, without a database.

Every picture is rebuilt from its pixels; faces, eyes and text are masked. It
gets a name made from its bytes, because a file's own name often is the
patient's. The report has one JSON line a picture, under the file's own name:
keep it with the originals. docs/imaging.md lists its fields.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TextIO

from imaging.cli import models, storage
from imaging.cli.arguments import (
    EXIT_ASKED,
    EXIT_CLEAN,
    EXIT_INTERRUPTED,
    EXIT_REFUSED,
    EXIT_STOPPED,
    EXIT_WARNED,
    STANDARD_OUTPUT,
    add_arguments,
    chosen_options,
    chosen_settings,
)
from imaging.cli.folders import Selection, is_special, select
from imaging.cli.ledger import Ledger
from imaging.cli.manifest import NAME as MANIFEST
from imaging.cli.progress import ProgressBar, Summary, say
from imaging.cli.report import NoReport, Report, ReportDevice, ReportFile, ReportStream
from imaging.cli.rows import REFUSED, Job, Outcome, process_file
from imaging.engine import ENGINE_VERSION, DetectorMissing

MODEL_MISSING = "A model for finding faces or text is missing or altered. Without it no picture is cleaned."
RESUME_HINT = "What is finished stands in the report: the same command with --resume takes it up."


class Stopped(Exception):
    """A reason not to begin: a sentence, and names of pictures that it is about."""

    def __init__(self, sentence: str, names: Sequence[str] = ()) -> None:
        """Keep both."""
        self.sentence, self.names = sentence, names
        super().__init__(sentence)


def run(arguments: argparse.Namespace, stderr: TextIO = sys.stderr, stdout: TextIO | None = None) -> int:
    """Run the command and return its exit status; `arguments.EPILOG` lists them."""
    try:
        return _run(arguments, stderr, sys.stdout if stdout is None else stdout)
    except KeyboardInterrupt:
        stderr.write("\n")
        say(stderr, f"Stopped. {RESUME_HINT}")
        return EXIT_INTERRUPTED
    except Stopped as reason:
        say(stderr, reason.sentence, reason.names)
    except storage.Busy as busy:
        say(stderr, f"Another run is writing into {busy.path}. Wait for its end, or choose another place.")
    except NoReport:
        say(stderr, "The file named by --report holds something else than a report. Choose another name.")
    except OSError as error:  # errors while reading a picture are refusals in the report
        say(stderr, f"Pictures or report cannot be written: {error.strerror}. {RESUME_HINT}")
    except DetectorMissing:
        say(stderr, MODEL_MISSING)
        if packages := models.missing_packages():
            stderr.write(f"This installs it:\n\n  {models.install_command(packages)}\n\n")
    return EXIT_STOPPED


def _run(arguments: argparse.Namespace, stderr: TextIO, stdout: TextIO) -> int:
    selection = select(arguments.paths, arguments.out)
    _refuse_own_output(arguments, selection)
    if selection.unmatched:
        say(stderr, "No file matches:", selection.unmatched)
    if not selection.files and selection.unmatched:
        return EXIT_WARNED
    if not selection.files:
        raise Stopped("There is no picture in what was named.")
    if models.missing_packages():  # found out now, not when --redo has removed what is there
        raise DetectorMissing
    with contextlib.closing(_chosen_report(arguments, stdout)) as report:
        return _run_into(report, arguments, selection, stderr)


def _run_into(report: Report, arguments: argparse.Namespace, selection: Selection, stderr: TextIO) -> int:
    ledger = Ledger(arguments.out, report, chosen_settings(arguments))
    if not arguments.redo:
        _refuse_conflict(ledger)
    if arguments.dry_run:
        if arguments.redo and (leftovers := ledger.leftovers()):
            say(stderr, "No row names these pictures in the output folder; --redo would remove them:", leftovers)
        summary = _work(arguments, selection, ledger, stderr, dry=True)
    else:
        storage.make_folder(arguments.out)
        if isinstance(report, ReportFile):
            storage.make_folder(report.path.parent)
        with ledger.writing():
            if arguments.redo:
                _begin_anew(ledger, stderr)
            else:
                _refuse_conflict(ledger)
                ledger.begin()
            summary = _work(arguments, selection, ledger, stderr, dry=False)
    warned = _warn(ledger, stderr)
    if summary.status[REFUSED]:
        return EXIT_REFUSED
    if arguments.strict and summary.pictures_asked:
        return EXIT_ASKED
    return EXIT_WARNED if warned or selection.unmatched else EXIT_CLEAN


def _refuse_own_output(arguments: argparse.Namespace, selection: Selection) -> None:
    """Refuse to read what was written. Raises Stopped."""
    out = arguments.out.resolve()
    named = [Path(path).resolve() for path in (*arguments.paths, *selection.files)]
    if not out.is_file() and any(path == out or out in path.parents for path in named):
        raise Stopped("The folder for clean pictures is among those to read. Choose another one with --out.")


def _chosen_report(arguments: argparse.Namespace, stdout: TextIO) -> Report:
    if str(arguments.report) == STANDARD_OUTPUT:
        return ReportStream(stdout)
    path = Path(arguments.report) if arguments.report else arguments.out / "report.jsonl"
    if path.resolve() == (arguments.out / MANIFEST).resolve():
        raise Stopped("This name is the manifest's. Choose another one with --report.")
    if is_special(path) and not path.is_dir():
        return ReportDevice(path)
    return ReportFile(path.resolve())  # what a link leads to is replaced, not the link


def _refuse_conflict(ledger: Ledger) -> None:
    """Refuse a folder whose pictures are not those of a run with these settings. Raises Stopped."""
    remedy = "Choose another folder with --out, or use --redo to make all its pictures anew"
    if not ledger.is_readable:
        raise Stopped(f"The manifest in the output folder is damaged, or of another version. {remedy}.")
    if different := ledger.other_settings():
        raise Stopped(
            f"The pictures in the output folder were made with other settings: {'; '.join(different)}. {remedy}."
        )
    if leftovers := ledger.leftovers():
        raise Stopped(
            "The output folder holds pictures of an earlier run that no row of the report names. They may lack masks. "
            f"{remedy} and to remove these:",
            leftovers,
        )


def _begin_anew(ledger: Ledger, stderr: TextIO) -> None:
    leftovers, nameless = ledger.begin_anew()
    if leftovers:
        say(stderr, "Removed from the output folder, because no row named them:", leftovers)
    if nameless:
        say(stderr, f"Removed with their pictures: {nameless} rows of files that this report does not name.")


def _work(arguments: argparse.Namespace, selection: Selection, ledger: Ledger, stderr: TextIO, *, dry: bool) -> Summary:
    """Clean what is to be cleaned, record it unless `dry`, and return the counts."""
    files = selection.files + ledger.unfinished(besides=selection.files, redo=arguments.redo)
    options, out = chosen_options(arguments), None if dry else ledger.out
    jobs = [
        Job(file, options, ledger.settings, out, ledger.earlier(file) if arguments.resume else ()) for file in files
    ]
    summary = Summary(selection.skipped)
    progress = ProgressBar(len(jobs), stderr, quiet=arguments.quiet)
    with contextlib.closing(_process_files(jobs, arguments.jobs)) as finished:
        for done in finished:
            for row in ledger.show(done) if dry else ledger.record(done):
                summary.add(row)
                summary.kept += done.kept
            progress.step()
    summary.elsewhere = ledger.count_besides(files)
    if not arguments.quiet:
        stderr.write(summary.table(progress.seconds))
    if summary.pictures_asked:  # never left out
        say(stderr, summary.question())
    return summary


def _warn(ledger: Ledger, stderr: TextIO) -> bool:
    """Name pictures that are there without a row, or the other way round."""
    foreign, missing = ledger.foreign_pictures(), ledger.missing_pictures()
    if foreign:
        say(stderr, "The output folder holds pictures that this command did not make. Do not pass them on:", foreign)
    if missing:
        say(stderr, "The report names pictures that are missing from the output folder:", missing)
    return bool(foreign or missing)


def _process_files(jobs: Sequence[Job], width: int) -> Generator[Outcome, None, None]:
    """Yield outcomes in the order in which files finish; only a few files are in memory at a time."""
    waiting = iter(jobs)
    pool = ThreadPoolExecutor(width)
    running: set[Future[Outcome]] = set()
    try:
        while True:
            for job in waiting:
                running.add(pool.submit(process_file, job))
                if len(running) >= 2 * width:
                    break
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `rete-deidentify` or `python -m imaging`."""
    name = "python -m imaging" if sys.argv[0].endswith("__main__.py") else "rete-deidentify"
    parser = argparse.ArgumentParser(prog=name, description=__doc__.partition("\n\n")[2])
    parser.add_argument("--version", action="version", version=f"engine {ENGINE_VERSION}")
    add_arguments(parser)
    return run(parser.parse_args(argv))
