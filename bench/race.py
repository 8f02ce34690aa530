"""Withdrawal and narrowing against release, closing and writing, in two threads at the same moment.

    python -m bench.race --rounds 10000            on a private Postgres, which it starts
    python -m bench.race --rounds 1000 --sqlite    on SQLite

Prints one line for each pairing and exits with 1 when anything leaked or deadlocked. DATABASE_URL names another
Postgres server to make the databases on.
"""

import argparse
import contextlib
import math
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

Work = Callable[[], object]
PATIENCE_SECONDS = 120


@contextlib.contextmanager
def database(*, sqlite: bool, folder: Path, options: tuple[str, ...] = ()) -> Iterator[None]:
    """Set up a fresh pair of databases for Django, in `folder` or on a server of its own with these `options`."""
    os.environ |= {"RETE_DATA": str(folder / "var"), "RETE_LOG_LEVEL": "ERROR"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if sqlite:
        for name in ("DATABASE_URL", "KEYS_DATABASE_URL"):
            os.environ.pop(name, None)
        yield
        return
    from tests.services import make_databases, private_postgres

    with contextlib.ExitStack() as stack:
        place = Path(tempfile.mkdtemp(prefix="rete-race-", dir="/tmp"))
        stack.callback(_remove, place)
        url = os.environ.get("DATABASE_URL") or stack.enter_context(private_postgres(place, *options))
        server = url.rsplit("/", 1)[0]
        names = (f"race{os.getpid()}", f"race{os.getpid()}keys")
        make_databases(f"{server}/postgres", names)
        os.environ |= {"DATABASE_URL": f"{server}/{names[0]}", "KEYS_DATABASE_URL": f"{server}/{names[1]}"}
        yield


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


class Race:
    """Two threads that start the two tasks of each round at the same moment."""

    def __init__(self) -> None:
        self.start, self.end = threading.Barrier(3), threading.Barrier(3)
        self.work: list[Work] = []
        self.outcomes: Counter[str] = Counter()
        self.faults: list[str] = []
        for place in (0, 1):
            threading.Thread(target=self._run, args=(place,), daemon=True).start()

    def round(self, one: Work, other: Work) -> None:
        """Run both at once and wait for both."""
        self.work = [one, other]
        self.start.wait(PATIENCE_SECONDS)
        self.end.wait(PATIENCE_SECONDS)

    def _run(self, place: int) -> None:
        from django.db import DatabaseError

        from consent.withdrawal import NotPossible
        from consults.cases import gate
        from consults.exceptions import ChangeRefused

        while True:
            self.start.wait()
            try:
                self.work[place]()
            except (gate.Blocked, NotPossible, ChangeRefused) as refused:
                self.outcomes[type(refused).__name__] += 1
            except DatabaseError as error:
                self.faults.append(str(error).splitlines()[0])
            except Exception as error:  # noqa: BLE001 - counted, printed, and the run fails
                self.faults.append(repr(error))
            self.end.wait()


def run(*, rounds: int) -> int:
    """Run the pairings in turn; return the number of leaks and faults."""
    import django

    django.setup()
    from django.core.management import call_command

    for alias in ("default", "keys"):
        call_command("migrate", verbosity=0, database=alias)

    from consent import lifecycle
    from consent.models import Use, WithdrawnBy
    from consent.withdrawal import withdraw, withdraw_picture
    from consults.cases import gate
    from consults.discussion import closing, comments
    from consults.models import AnswerKind, Case, CaseState, Group, Outcome
    from core.jobs import queue
    from tests import factories, gate_world
    from tests.consults import reading

    queue._broker_down_until = math.inf  # do not ring: no worker runs here
    alice, bob, mod1 = (factories.person(name) for name in ("alice", "bob", "mod1"))
    hall = Group.objects.create(name="Hall")
    race = Race()
    leaks: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    done: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    patient = WithdrawnBy.PATIENT

    def visible(case: Case, *, whole: bool = True) -> bool:
        pictures = gate.servable_renditions(bob).filter(photo__placement__case=case).exists()
        return pictures or (whole and gate.visible_cases(bob).filter(pk=case.pk).exists())

    def checked(name: str, case: Case, take: Work) -> Work:
        def work() -> None:
            try:
                take()
            finally:
                # The call has returned: from now on nobody may see anything.
                leaks[name] += visible(case)

        return work

    def release(case: Case) -> Work:
        return lambda: gate.release(case=case, by=mod1)

    def whole(case: Case) -> Work:
        return lambda: withdraw(consent_id=case.consent_id, by=patient)

    def narrowed(case: Case) -> Work:
        part = lifecycle.Part(frozenset({(Use.ALL_MEMBERS, None)}))
        return lambda: lifecycle.narrow(consent_id=case.consent_id, part=part, by=patient)

    def picture(case: Case) -> Work:
        photo = case.pictures.get().photo_id
        return lambda: withdraw_picture(consent_id=case.consent_id, picture=photo, by=patient)

    def submitted(**fields: object) -> Case:
        return reading.case(alice, state=CaseState.SUBMITTED, **fields)

    def older(case: Case) -> Work:
        """Withdraw with the code of the consent that this case's has replaced."""
        old = reading.consent(alice)
        lifecycle.supersede(old=old, new=case.consent, by=alice)
        return lambda: withdraw(consent_id=old.pk, by=patient)

    def close_and_write(case: Case) -> Work:
        def work() -> None:
            comments.add_comment(case=case, by=alice, text="Rough under the finger.")
            outcome = Outcome(diagnosis="actinic-keratosis", reference="histopathology")
            closing.close(case=case, by=alice, outcome=outcome)

        return work

    def pairing(number: int) -> tuple[str, Case, Work, Work]:
        kind = number % 6
        case = reading.case(alice) if kind == 3 else submitted()
        if kind in (1, 5):
            gate_world.use(case.consent, hall)
        if kind == 3:
            reading.answer(case, bob)
            assert case.answers.get().kind == AnswerKind.READ_ONLY
        name, take, against = (
            ("withdrawal / release", whole, release),
            ("narrowing / release", narrowed, release),
            ("one picture / release", picture, release),
            ("withdrawal / comment and closing", whole, close_and_write),
            ("older code / release", older, release),
            ("narrowing / withdrawal", whole, narrowed),
        )[kind]
        return name, case, checked(name, case, take(case)), against(case)

    for number in range(rounds):
        name, case, take, against = pairing(number)
        began = time.perf_counter()
        race.round(*((take, against) if number // 6 % 2 else (against, take)))
        seconds[name] += time.perf_counter() - began
        done[name] += 1
        seen[name] += case.releases.exists() or Case.objects.get(pk=case.pk).released_at is not None
        leaks[name] += visible(case)
        own = gate.servable_renditions(alice).filter(photo__placement__case=case)
        if not name.startswith("narrowing / release"):
            leaks[name] += own.exists()
    for name, count in done.items():
        mean_ms = 1000 * seconds[name] / count
        print(
            f"{name:36} rounds {count:6}  was released {seen[name]:6}  leaks {leaks[name]:3}  {mean_ms:6.1f} ms a round"
        )
    for fault, count in Counter(race.faults).most_common():
        print(f"fault × {count}: {fault}")
    total = leaks.total()
    print(f"rounds {rounds}, leaks {total}, deadlocks and other faults {len(race.faults)}")
    return total + len(race.faults)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=600)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of a private Postgres")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rete-race-") as folder:
        Path(folder).chmod(0o700)
        with database(sqlite=wanted.sqlite, folder=Path(folder)):
            return 1 if run(rounds=wanted.rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
