"""What a page costs as cases become many, on SQLite and on a private Postgres.

    python -m bench.scale.measure --sizes 1000 10000              on a private Postgres, which it starts
    python -m bench.scale.measure --sizes 1000 10000 --sqlite     on SQLite

Prints queries and milliseconds of CPU (of the application, of the database's process) for each page and size, and the
slope of both together in log-log between the first size and the last: 0 is flat, 1 is in proportion.
"""

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.race import database
from bench.scale.fill import RARE, Filler


def pages(filler: Filler) -> dict[str, Callable[[], object]]:
    """What is measured, by name; each returns after it has done the work of one page or one picture."""
    from django.test import Client
    from django.urls import reverse

    from consults.cases import gate
    from consults.cases.models import Case
    from imaging.models import Rendition

    clients = {}
    for name in ("reader", "nurse", "student"):
        clients[name] = Client()
        clients[name].force_login(getattr(filler, name))
    visible = Case.objects.filter(pk__in=gate.listing.candidates(gate.listing.reach_of(filler.reader)).values("case"))
    cases = list(visible.filter(group=None).order_by("-released_at")[:50])
    answered = next(case for case in cases if case.answers.filter(member=filler.reader).exists())
    waiting = next(case for case in cases if case.state == "released" and case.pk != answered.pk)
    rendition = Rendition.objects.filter(photo__placement__case=waiting, name="display").first()
    feed = reverse("consults:cases")

    def get(address: str, name: str = "reader") -> Callable[[], object]:
        def ask() -> None:
            answer = clients[name].get(address)
            assert answer.status_code == 200, (address, answer.status_code)

        return ask

    def picture() -> None:
        assert gate.servable_renditions(filler.reader).filter(pk=rendition.pk).exists()

    return {
        "feed": get(feed),
        "feed, fewest first": get(f"{feed}?sort=fewest"),
        "feed, one filter": get(f"{feed}?site=head-neck"),
        "feed, three filters": get(f"{feed}?status=open&site=head-neck&morphology=plaque"),
        "feed, unanswered": get(f"{feed}?only=unanswered"),
        "feed, nurse": get(feed, "nurse"),
        "feed, student": get(feed, "student"),
        "search, common word": get(f"{feed}?q=plaque"),
        "search, rare word": get(f"{feed}?q={RARE}"),
        "search, diagnosis": get(f"{feed}?q=psoriasis"),
        "search, three words": get(f"{feed}?q=itching+plaque+elbow"),
        "saved": get(reverse("consults:saved")),
        "case, to answer": get(reverse("consults:case", args=[waiting.pk])),
        "case, answered": get(reverse("consults:case", args=[answered.pk])),
        "picture, the gate alone": picture,
    }


def measured(work: Callable[[], object], *, runs: int) -> tuple[int, float, float]:
    """Queries, and CPU ms of one run in this process and in the database's: means after one run that is not counted.

    CPU, because on a machine that others use too, wall time says more about them.
    """
    from django.db import connection

    queries = 0

    def counted(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal queries
        queries += 1
        return execute(*arguments)

    with connection.execute_wrapper(counted):
        work()
    cpu, server = time.process_time(), _server_cpu()
    for _run in range(runs):
        work()
    return queries, 1000 * (time.process_time() - cpu) / runs, 1000 * (_server_cpu() - server) / runs


def _server_cpu() -> float:
    """CPU seconds of the Postgres process that serves this connection; 0 on SQLite, which works in this process."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def run(*, sizes: list[int], runs: int) -> None:
    """Fill and measure, size by size."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("prepare")
    settings.ALLOWED_HOSTS = ["testserver"]
    filler = Filler()
    found: dict[str, list[tuple[int, float, float]]] = {}
    for size in sizes:
        began = time.perf_counter()
        filler.fill(size)
        print(f"{size} released cases after {time.perf_counter() - began:.0f} s", flush=True)
        for name, work in pages(filler).items():
            found.setdefault(name, []).append(measured(work, runs=runs))
    head = "".join(f"{f'{size}: queries':>16}{'app ms':>8}{'db ms':>8}" for size in sizes)
    print(f"{'':26}{head}{'slope':>8}")
    for name, rows in found.items():
        cells = "".join(f"{queries:16}{app:8.1f}{server:8.1f}" for queries, app, server in rows)
        (first, last) = (sum(row[1:]) for row in (rows[0], rows[-1]))
        slope = math.log(last / first) / math.log(sizes[-1] / sizes[0]) if len(rows) > 1 else 0.0
        print(f"{name:26}{cells}{slope:8.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of a private Postgres")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rete-scale-") as folder:
        Path(folder).chmod(0o700)
        with database(sqlite=wanted.sqlite, folder=Path(folder)):
            run(sizes=sorted(wanted.sizes), runs=wanted.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
