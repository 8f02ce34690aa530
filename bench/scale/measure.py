"""What pages, pictures and writes cost as cases become many, beside a toy view, nginx and bare SQL in the same run.

    python -m bench.scale.measure --sizes 1000 10000              on a private Postgres, which it starts
    python -m bench.scale.measure --sizes 1000 10000 --sqlite     on SQLite, pages only
    python -m bench.scale.measure --check                         10^3 and 10^4, then the Musts: 1 when one falls short

Prints, for each page and size, queries and milliseconds of CPU (of the application, of all Postgres processes), and the
slope of both together in log-log between the first size and the last: 0 is flat, 1 is in proportion. Then how many a
second at eight clients and at eight writers. The limits and their reasons are in `bench.scale.limits`.
"""

import argparse
import math
import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.race import database
from bench.scale import limits, load, pages
from bench.scale.fill import Filler
from bench.scale.load import Rate
from bench.scale.pages import Cost

WITH_PICTURES = 40  # of the newest cases
# As a fill needs it: checkpoints every minute would be most of what is measured, and the filler vacuums by itself. All
# else is Postgres's own default.
POSTGRES = ("max_wal_size=8GB", "checkpoint_timeout=30min", "autovacuum=off")


@dataclass
class Found:
    """What was measured at one size."""

    size: int
    pages: dict[str, Cost] = field(default_factory=dict)
    rates: dict[str, Rate] = field(default_factory=dict)
    log: str = ""
    is_log_whole: bool = True


def measure(filler: Filler, *, runs: int, seconds: float, under_load: bool) -> Found:
    """Measure what is filled now; pages by CPU, and under load if wanted."""
    found = Found(filler.cases)
    pictures = filler.hang_pictures(WITH_PICTURES)
    found.pages = pages.measured(pages.works(filler), runs=runs)
    print("\n".join(table_of_pages([found])), file=sys.stderr, flush=True)
    if under_load:
        found.rates = load.http(filler, pictures, seconds=seconds) | load.writes(seconds=seconds)
        _check_log(found)
    return found


def _check_log(found: Found) -> None:
    """Seal, tie and verify the whole log after all that was written at once."""
    from audit import access_log, heads
    from audit.verify import verify

    while access_log.write_block() is not None:
        pass
    heads.tie()
    began, used = time.perf_counter(), time.process_time()
    report = verify()
    took, used = time.perf_counter() - began, time.process_time() - used
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found.log = f"{report} ({took:.1f} s, of it {used:.1f} s CPU here; peak of this process {peak_mb:.0f} MB)"
    found.is_log_whole = report.ok


def slopes(found: Sequence[Found]) -> dict[str, float]:
    """Slope in log-log of each page's CPU from the first size to the last; empty for one size.

    As multiples of the toy view's: a machine whose cores are slower for a while makes no page steeper.
    """
    first, last = found[0], found[-1]
    if first.size == last.size:
        return {}
    slower = last.pages[pages.TOY].ms / first.pages[pages.TOY].ms
    decades = math.log(last.size / first.size)
    return {name: math.log(last.pages[name].ms / cost.ms / slower) / decades for name, cost in first.pages.items()}


def table_of_pages(found: Sequence[Found]) -> list[str]:
    """Lines of a Markdown table: a page a row, for each size `queries / ms of the application + ms of the database`."""
    steep = slopes(found)
    lines = [
        "| page | " + " | ".join(f"{one.size:,}" for one in found) + " | slope |",
        "|---|" + "---|" * (len(found) + 1),
    ]
    for name in found[0].pages:
        cells = [f"{c.queries} / {c.app_ms:.1f} + {c.db_ms:.1f}" for c in (one.pages[name] for one in found)]
        lines.append(f"| {name} | " + " | ".join(cells) + (f" | {steep[name]:.2f} |" if steep else " | |"))
    return lines


def table_of_rates(found: Sequence[Found]) -> list[str]:
    """Lines of a Markdown table: `a second, p95 ms / ms of the application + ms of the database`."""
    if not found[0].rates:
        return []
    lines = ["| eight at once | " + " | ".join(f"{one.size:,}" for one in found) + " |", "|---|" + "---|" * len(found)]
    for name in found[0].rates:
        rates = [one.rates[name] for one in found]
        cells = [f"{r.a_second:.0f}/s, p95 {r.p95_ms:.0f} ms / {r.app_ms:.2f} + {r.db_ms:.2f}" for r in rates]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def run(*, sizes: list[int], runs: int, seconds: float, under_load: bool) -> list[Found]:
    """Fill and measure, size by size."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("prepare")
    settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
    filler = Filler()
    found = []
    for size in sizes:
        began, used = time.perf_counter(), time.process_time()
        filler.fill(size)
        took, used = time.perf_counter() - began, time.process_time() - used
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{size} released cases: {took:.0f} s, {used:.0f} s CPU here, peak {peak_mb:.0f} MB", file=sys.stderr)
        found.append(measure(filler, runs=runs, seconds=seconds, under_load=under_load))
        print("\n".join([found[-1].log, *table_of_rates(found[-1:])]), file=sys.stderr, flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--runs", type=int, default=15, help="of each page; the least counts")
    parser.add_argument("--seconds", type=float, default=8, help="of each load")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of a private Postgres")
    parser.add_argument("--check", action="store_true", help="print a line for each Must")
    wanted = parser.parse_args()
    busy, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    if busy > cores / 2:
        print(
            f"The load average is {busy:.0f} on {cores} cores: rates and waits say more about others.", file=sys.stderr
        )
    with tempfile.TemporaryDirectory(prefix="rete-scale-") as folder:
        Path(folder).chmod(0o700)
        with database(sqlite=wanted.sqlite, folder=Path(folder), options=POSTGRES):
            found = run(
                sizes=sorted(wanted.sizes), runs=wanted.runs, seconds=wanted.seconds, under_load=not wanted.sqlite
            )
    for one in found:
        if one.log:
            print(f"log at {one.size} cases: {one.log}")
    print("\n".join(["", *table_of_pages(found), "", *table_of_rates(found)]))
    if not wanted.check:
        return 0
    print()
    results = limits.results(found, slopes=slopes(found))
    for result in results:
        print(result)
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
