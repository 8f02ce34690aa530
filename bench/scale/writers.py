"""Four writers in threads of one process: answers, comments, events, or bare rows. Started by `bench.scale.load`.

    python -m bench.scale.writers KIND SECONDS NUMBER

Prints "ready", waits for a line, writes for SECONDS, prints what came of it as JSON.
"""

import json
import math
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable
from itertools import cycle

THREADS = 4
CASES = 4000
_BARE = "bench_bare_rows"


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from core.jobs import queue

    settings.RULES["comments_an_hour"] = 10**6  # still counted: eight writers are more than a few members' hour
    queue._broker_down_until = math.inf  # do not ring: no worker runs here
    kind, seconds, number = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1)")
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {_BARE} (id bigserial PRIMARY KEY, words text NOT NULL)")
        cursor.execute("SELECT pg_advisory_unlock(1)")
    works = [_work(kind, THREADS * number + thread) for thread in range(THREADS)]
    found: dict[str, list[float]] = {"waits": [], "failed": []}
    threads = [threading.Thread(target=_write, args=(work, found, seconds)) for work in works]
    print("ready", flush=True)
    sys.stdin.readline()
    began, used = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, used = time.perf_counter() - began, time.process_time() - used
    print(json.dumps({"waits": found["waits"], "failed": len(found["failed"]), "took": took, "cpu": used}))


def _write(work: Callable[[], object], found: dict[str, list[float]], seconds: float) -> None:
    from django.db import connection

    from consults.exceptions import ChangeRefused

    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        try:
            work()
        except ChangeRefused:
            found["failed"].append(began)
        else:
            found["waits"].append(time.perf_counter() - began)
    connection.close()


def _work(kind: str, writer: int) -> Callable[[], object]:
    """One write of this kind, each on the next case of this writer's own: members do not all answer the same one."""
    from django.db import connection, transaction

    from audit.record import record
    from consults.discussion import answers, comments
    from vocabulary import diagnoses, terms

    pick = random.Random(writer)
    codes = [one.code for one in diagnoses.all() if diagnoses.is_answerable(one.code)]

    def bare() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {_BARE} (words) VALUES (%s)", ["a" * 100])  # noqa: S608 - a constant

    def event() -> None:
        with transaction.atomic():
            record(verb="bench.written", actor=None, subject=("bench", uuid.uuid4()), number=writer)

    if kind == "events":
        return event
    if kind == "bare one-row transactions":
        return bare
    cases, members = cycle(_cases(writer)), _members()

    def comment() -> None:
        case = next(cases)
        comments.add_comment(case=case, by=case.author, text=f"Firm, and tender {pick.random()}.")

    def answer() -> None:
        choice = answers.Choice(code=pick.choice(codes), confidence=terms.Confidence.PROBABLE)
        answers.answer(case=next(cases), by=pick.choice(members), choices=[choice])

    return {"answers": answer, "comments": comment}[kind]


def _cases(writer: int) -> list[object]:
    """Open cases for all members, a share for each of the eight writers."""
    from consults.models import Case

    found = Case.objects.filter(state="released", group=None).select_related("author", "consent")
    return list(found.order_by("-released_at")[writer : CASES : 2 * THREADS])


def _members() -> list[object]:
    from accounts.models import Member

    return list(Member.objects.filter(email__startswith="author")[:400])


if __name__ == "__main__":
    main()
