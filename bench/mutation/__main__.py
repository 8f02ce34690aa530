"""Command line of the mutation check."""

import argparse
import os
import random
import sys
from pathlib import Path

import pytest

from bench.mutation import table
from bench.mutation.guards import ROOT, Guard, find
from bench.mutation.second_locks import NO_GUARDS, SECOND_LOCKS

KINDS = ("policy", "condition", "check", "decorator", "middleware", "transition", "trigger")


def main() -> int:
    """Take the chosen guards away in turn; return 1 when one survives."""
    asked = _arguments()
    os.chdir(ROOT)
    everything = {guard.name: guard for guard in find() if guard.name not in NO_GUARDS}
    guards = [guard for guard in everything.values() if not asked.kind or guard.kind in asked.kind]
    guards = [guard for guard in guards if not asked.only or any(words in guard.name for words in asked.only)]
    known = table.killers()
    if asked.sample:
        guards = sample([guard for guard in guards if guard.name in known], asked.sample, seed=asked.seed)
    if asked.list:
        print("\n".join(f"{guard.kind}\t{guard.name}" for guard in guards))
        return 0
    from bench.mutation import choosing
    from bench.mutation.runner import SURVIVED, Runner

    together = {
        name: [everything[other] for other in lock.others if other in everything] for name, lock in SECOND_LOCKS.items()
    }
    results: dict[str, str] = {}

    def tell(guard: Guard, found: str, seconds: float) -> None:
        results[guard.name] = found
        pair = " with its second lock" if guard.name in together else ""
        print(f"{guard.kind}\t{guard.name}{pair}\t{found}\t{seconds:.1f} s", file=out, flush=True)
        if asked.docs:
            table.write(list(everything.values()), table.killers() | results)

    runner = Runner(guards, together=together, known=known, tell=tell, at=Path(asked.reach_file))
    runner.looks_twice = not asked.sample  # a sample runs among all tests
    runner.to_reach = list(everything.values()) if asked.reach else ()
    every = all(guard.name in known for guard in guards) and not (asked.wide or asked.reach)
    chosen = sorted({known[guard.name].partition("::")[0] for guard in guards}) if every else choosing.files()
    chosen = asked.tests or chosen
    chosen = [path for path in chosen if (ROOT / path).exists()]
    out = os.fdopen(os.dup(1), "w")
    options = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "--no-header"]
    status = pytest.main([*options, *chosen], plugins=[runner])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) or len(results) < len(guards):
        print(f"The tests could not be collected or run: {status!r}", file=out, flush=True)
        return 2
    for test in runner.red:
        print(f"red with every guard in its place\t{test}", file=out, flush=True)
    survivors = [
        name for name, found in results.items() if found.startswith((SURVIVED, "ERROR")) or found in runner.red
    ]
    print(f"{len(results)} guards, {len(survivors)} survived", file=out, flush=True)
    return 1 if survivors else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.mutation", description=__doc__)
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=[], help="guards of these kinds only")
    parser.add_argument("--only", nargs="+", default=[], help="guards whose name holds one of these words")
    parser.add_argument("--sample", type=int, default=0, help="so many, one of each kind before a second of any")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--list", action="store_true", help="print the guards and take nothing away")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/security.md")
    parser.add_argument("--reach", action="store_true", help="run all tests once to note which come past which guard")
    parser.add_argument("--wide", action="store_true", help="collect all tests, not only those of the table")
    parser.add_argument("--tests", nargs="+", default=[], help="try only the tests of these files and folders")
    parser.add_argument("--reach-file", default=str(ROOT / "var" / "mutation" / "reach.json"), help=argparse.SUPPRESS)
    return parser.parse_args()


def sample(guards: list[Guard], number: int, *, seed: int) -> list[Guard]:
    """Return so many guards, of as many kinds as there are, always the same for one seed."""
    chance = random.Random(seed)
    mixed = sorted(guards, key=lambda guard: guard.name)
    chance.shuffle(mixed)
    kinds = [kind for kind in KINDS if any(guard.kind == kind for guard in mixed)]
    chance.shuffle(kinds)
    by_kind = {kind: [guard for guard in mixed if guard.kind == kind] for kind in kinds}
    taken: list[Guard] = []
    while len(taken) < min(number, len(guards)):
        taken += [by_kind[kind].pop() for kind in kinds if by_kind[kind]]
    return taken[:number]


if __name__ == "__main__":
    sys.exit(main())
