"""Kills the command at each of its steps on the disk in turn, and says what is wrong afterwards. Run as a program.

    python -m tests.imaging.cli.killing FOLDER SCENARIO

A process of its own, because it forks: one child a kill. Prints {"kills": number, "problems": [sentence]}.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from imaging.cli import models, rows
from imaging.cli.arguments import EXIT_STOPPED
from tests.imaging.cli.commands import Engine, listed, run

STEPS = ("write", "fsync", "replace", "unlink", "open", "mkdir")
Arguments = Sequence[str]
OUT = ("--out", "out", "--jobs", "1")
SCENARIOS: dict[str, tuple[list[Arguments], Arguments, Arguments]] = {
    # What ran before, what is killed, and what runs next.
    "first": ([], ["in", *OUT], ["in", *OUT, "--resume"]),
    "more": ([["in", *OUT]], ["in", "more", *OUT, "--resume"], ["in", "more", *OUT, "--resume"]),
    "again": ([["in", *OUT]], ["in", "more", *OUT], ["in", "more", *OUT]),
    "redo": ([["in", *OUT, "--keep-faces"]], ["more", *OUT, "--redo"], ["more", *OUT, "--redo"]),
    "redo and resume": ([["in", *OUT, "--keep-faces"]], ["more", *OUT, "--redo"], ["more", *OUT, "--resume"]),
}


def kill_at(number: int) -> None:
    """Let this process die at its step of this number, and before it: a write is cut in half."""
    counter = itertools.count(1)

    def dying(step: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **more: Any) -> Any:
            if next(counter) == number:
                if step is written:
                    step(arguments[0], arguments[1][: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*arguments, **more)

        return do

    written = os.write
    for name in STEPS:
        setattr(os, name, dying(getattr(os, name)))


def prepare(home: Path, before: list[Arguments]) -> None:
    """Four pictures, of which two are equal; what ran before; then one of the equal ones and another change."""
    for name, data in {"in/a.jpg": b"same#a", "in/b.jpg": b"same#b", "in/d.jpg": b"d", "more/c.jpg": b"c"}.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(data)
    for arguments in before:
        run(*arguments)
    (home / "in/a.jpg").write_bytes(b"changed")
    (home / "in/d.jpg").write_bytes(b"changed too")


def known_pictures(out: Path) -> set[str]:
    lines = (out / "manifest.jsonl").read_text().splitlines() if (out / "manifest.jsonl").exists() else []
    entries = []
    for line in lines[1:]:
        try:
            entries.append(json.loads(line))
        except ValueError:
            break  # cut short
    return {row["output"] for entry in entries for row in entry["rows"] if row["output"]}


def problems_after(home: Path, following: Arguments, expected: dict[str, str]) -> list[str]:
    out = home / "out"
    problems = []
    if unknown := {path.name for path in out.glob("*.jpg")} - known_pictures(out):
        problems.append(f"pictures that the manifest does not name: {unknown}")
    status, said = run(*following)
    if status == EXIT_STOPPED and "other settings" in said:  # --redo had not begun
        status, said = run(*following, "--redo")
    if status:
        problems.append(f"the next run ends with {status}: {said}")
    if not (out / "report.jsonl").exists():
        return [*problems, "no report"]
    table = listed(out / "report.jsonl")
    got = {Path(row["file"]).name: Path(row["output"] or ".").name for row in table}
    if len(table) != len(got) or got != expected:
        problems.append(f"rows are {got}, not {expected}")
    if {path.name for path in out.iterdir()} != {*expected.values(), "report.jsonl", "manifest.jsonl"}:
        problems.append(f"the folder holds {sorted(path.name for path in out.iterdir())}")
    return problems


def main(home: Path, scenario: str) -> dict[str, Any]:
    rows.deidentify = Engine()
    models.missing_packages = list
    before, killed, following = SCENARIOS[scenario]
    work, template = home / "work", home / "template"
    work.mkdir()
    os.chdir(work)
    prepare(work, before)
    shutil.copytree(work, template)
    run(*killed)
    expected = {Path(row["file"]).name: Path(row["output"]).name for row in listed(Path("out/report.jsonl"))}
    problems: list[str] = []
    for number in itertools.count(1):
        shutil.rmtree(work)
        shutil.copytree(template, work)
        os.chdir(work)
        child = os.fork()
        if child == 0:
            kill_at(number)
            run(*killed)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            return {"kills": number - 1, "problems": problems, "files": sorted(expected)}
        problems += [f"killed at step {number}: {problem}" for problem in problems_after(work, following, expected)]
    raise AssertionError


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))  # noqa: T201
