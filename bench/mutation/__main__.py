"""Command line of the mutation check."""

import argparse
import os
import random
import sys
from pathlib import Path

import pytest

from bench.mutation import choosing, table
from bench.mutation.guards import ROOT, Guard, find
from bench.mutation.runner import Runner, Told
from bench.mutation.second_locks import NO_GUARDS, SECOND_LOCKS

OPTIONS = ("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header")
KINDS = ("policy", "condition", "check", "decorator", "middleware", "transition", "trigger")


def main() -> int:
    """Take the chosen guards away in turn; return 1 when one survives, 2 when the tests could not be run."""
    asked = _arguments()
    os.chdir(ROOT)
    everything = {guard.name: guard for guard in find() if guard.name not in NO_GUARDS}
    guards = _chosen(asked, everything)
    if asked.list:
        print("\n".join(f"{guard.kind}\t{guard.name}" for guard in guards))
        if asked.docs:
            table.write(list(everything.values()), table.killers())
        return 0
    out = os.fdopen(os.dup(1), "w")
    results: dict[str, str] = {}

    def tell(guard: Guard, found: str, seconds: float) -> None:
        results[guard.name] = found
        pair = " with its second lock" if guard.name in SECOND_LOCKS else ""
        print(f"{guard.kind}\t{guard.name}{pair}\t{found}\t{seconds:.1f} s", file=out, flush=True)
        if asked.docs:  # at once: who stops in the middle keeps what was found
            table.write(list(everything.values()), table.killers() | results)

    red = _take_away(asked, guards, everything, tell)
    if red is None or len(results) < len(guards):
        print("The tests could not be collected or run.", file=out, flush=True)
        return 2
    for test in red:
        print(f"red with every guard in its place\t{test}", file=out, flush=True)
    survivors = [name for name, found in results.items() if "::" not in found or found in red or "ERROR" in found[:5]]
    print(f"{len(results)} guards, {len(survivors)} survived", file=out, flush=True)
    return 1 if survivors else 0


def _chosen(asked: argparse.Namespace, everything: dict[str, Guard]) -> list[Guard]:
    guards = [guard for guard in everything.values() if not asked.kind or guard.kind in asked.kind]
    guards = [guard for guard in guards if not asked.only or any(words in guard.name for words in asked.only)]
    if asked.sample:
        known = table.killers()
        return sample([guard for guard in guards if guard.name in known], asked.sample, seed=asked.seed)
    if asked.untried:
        known = table.killers()
        guards = [guard for guard in guards if guard.name not in known]
    number, _of, share = asked.share.partition("/")
    return guards[int(number) - 1 :: int(share)]


def _take_away(
    asked: argparse.Namespace, guards: list[Guard], everything: dict[str, Guard], tell: Told
) -> list[str] | None:
    """Collect the tests and run them without each guard; return those that are red anyway, None when nothing ran."""
    known = table.killers()
    together = {name: [everything[other] for other in lock.others] for name, lock in SECOND_LOCKS.items()}
    at = Path(asked.reach_file)
    runner = Runner(guards, together=together, known=known, tell=tell, at=at)
    files = asked.tests or choosing.files()
    if asked.sample:
        # Only the tests that went red before; and they run as they are among all others.
        files = sorted({known[guard.name].partition("::")[0] for guard in guards})
        runner.looks_twice = False
    elif not asked.tests and (asked.reach or choosing.Reach.read(at).lacks(everything.values())):
        runner.to_reach = list(everything.values())
    status = pytest.main(
        [*OPTIONS, *(path for path in files if (ROOT / path.partition("::")[0]).exists())], plugins=[runner]
    )
    return runner.red if status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.mutation", description=__doc__)
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=[], help="guards of these kinds only")
    parser.add_argument("--only", nargs="+", default=[], help="guards whose name holds one of these words")
    parser.add_argument("--sample", type=int, default=0, help="so many, one of each kind before a second of any")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--list", action="store_true", help="print the guards and take nothing away")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/security.md")
    parser.add_argument("--reach", action="store_true", help="run all tests once to note which come past which guard")
    parser.add_argument("--untried", action="store_true", help="only guards for which the table names no test yet")
    parser.add_argument("--share", default="1/1", help="every so manieth: 1/2 and 2/2 for two processes side by side")
    parser.add_argument("--tests", nargs="+", default=[], help="try only these tests, files and folders")
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
