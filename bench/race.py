"""What takes a case away (withdrawal, narrowing, suspension, lapse, leaving a group) against release, reading (feed,
search, counts, pictures), answering and closing, in two threads at the same moment.

    python -m bench.race --rounds 10000            on a private Postgres, which it starts
    python -m bench.race --rounds 1000 --sqlite    on SQLite

Prints one line for each pairing and exits with 1 when anything leaked or deadlocked. DATABASE_URL names another
Postgres server to make the databases on.
"""

import argparse
import contextlib
import logging
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
ON_EVERY_SURFACE = 7  # the gate's two questions, feed and search with a count each, and the one picture


@contextlib.contextmanager
def database(*, sqlite: bool, folder: Path, options: tuple[str, ...] = ()) -> Iterator[None]:
    """Set up a fresh pair of databases for Django, in `folder` or on a server of its own with these `options`.

    DATABASE_URL may name one on another server, with `keys` beside it: then these are copies of them.
    """
    os.environ |= {"RETE_DATA": str(folder / "var"), "RETE_LOG_LEVEL": "ERROR"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if sqlite:
        for name in ("DATABASE_URL", "KEYS_DATABASE_URL"):
            os.environ.pop(name, None)
        yield
        return
    from tests.services import copy_database, private_postgres

    with contextlib.ExitStack() as stack:
        place = Path(tempfile.mkdtemp(prefix="rete-race-", dir="/tmp"))
        stack.callback(_remove, place)
        url = os.environ.get("DATABASE_URL") or stack.enter_context(private_postgres(place, *options))
        server, begun_as = url.rsplit("/", 1)
        names = (f"race{os.getpid()}", f"race{os.getpid()}keys")
        for template, name in zip((begun_as, "keys"), names, strict=True):
            copy_database(server, template, name)
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


def run(*, rounds: int, only: str = "") -> int:
    """Run the pairings in turn, or those whose name holds `only`; return the number of leaks and faults."""
    import django

    django.setup()
    from datetime import timedelta

    from django.conf import settings
    from django.core.management import call_command
    from django.http import QueryDict
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from vocabulary import terms

    call_command("prepare")

    from accounts.membership import lifecycle as membership
    from accounts.models import Member
    from consent import lifecycle
    from consent.models import Use, WithdrawnBy
    from consent.withdrawal import withdraw, withdraw_picture
    from consults.browse import feed, filters
    from consults.cases import gate
    from consults.discussion import answers, closing, comments
    from consults.groups import running
    from consults.models import AnswerKind, Case, CaseState, Group, Membership, Outcome
    from core.jobs import queue
    from imaging.models import Rendition
    from tests import factories, gate_world
    from tests.consults import reading

    queue._broker_down_until = math.inf  # do not ring: no worker runs here
    settings.ALLOWED_HOSTS = ["testserver"]
    nobody_is_stopped = dict.fromkeys(("views_an_hour", "releases_a_day", "suspensions_a_day"), 10 * rounds + 1000)
    settings.RULES = settings.RULES | nobody_is_stopped
    logging.disable(logging.WARNING)  # every picture that is gone would be a line
    alice, bob, mod1 = (factories.person(name) for name in ("alice", "bob", "mod1"))
    hall = Group.objects.create(name="Hall")
    browser = Client()
    browser.force_login(bob)
    race = Race()
    leaks: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    done: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    patient = WithdrawnBy.PATIENT

    # --- What a reader sees: of every earlier round nothing is left, so that feed, search and counts are empty.

    def pages(case: Case) -> int:
        """On how many of feed, search and their counts anything is left."""
        everything = feed.page(member=bob, filters=filters.parse(QueryDict("")))
        found = feed.page(member=bob, filters=filters.parse(QueryDict(f"q={case.title.split()[-1]}")))
        return sum(bool(page.cards) + bool(page.total) for page in (everything, found))

    def pictures(case: Case) -> int:
        """How many pictures of a case come over the route that members' browsers use."""
        ids = Rendition.objects.filter(photo__placement__case=case, name="display").values_list("pk", flat=True)
        return sum(browser.get(reverse("consults:picture", args=[pk])).status_code == 200 for pk in ids)

    def visible(case: Case) -> int:
        confirmed = gate.visible_cases(bob).filter(pk=case.pk).exists()
        servable = gate.servable_renditions(bob).filter(photo__placement__case=case).exists()
        return confirmed + servable + pages(case) + pictures(case)

    def checked(name: str, case: Case, take: Work) -> Work:
        def work() -> None:
            try:
                take()
            finally:
                # The call has returned: from now on nobody may see anything.
                leaks[name] += visible(case)

        return work

    # --- What takes a case away

    def whole(case: Case) -> Work:
        return lambda: withdraw(consent_id=case.consent_id, by=patient)

    def narrowed(case: Case) -> Work:
        part = lifecycle.Part(frozenset({(Use.ALL_MEMBERS, None)}))
        return lambda: lifecycle.narrow(consent_id=case.consent_id, part=part, by=patient)

    def one_picture(case: Case) -> Work:
        photo = case.pictures.get().photo_id
        return lambda: withdraw_picture(consent_id=case.consent_id, picture=photo, by=patient)

    def older(case: Case) -> Work:
        """Withdraw with the code of the consent that this case's has replaced."""
        old = reading.consent(case.author, patient=case.consent.patient)
        lifecycle.supersede(old=old, new=case.consent, by=case.author)
        return lambda: withdraw(consent_id=old.pk, by=patient)

    def suspended(case: Case) -> Work:
        return lambda: membership.suspend(member=case.author, by=mod1, reason="privacy")

    def lapsed(case: Case) -> Work:
        """The day passes on which the author's verification ends, and the beat marks it."""

        def work() -> None:
            Member.objects.filter(pk=case.author_id).update(verified_until=yesterday)
            membership.lapse_expired()

        return work

    def left(case: Case) -> Work:
        return lambda: running.leave(group=case.group, by=bob)

    # --- What happens at the same moment

    def release(case: Case) -> Work:
        return lambda: gate.release(case=case, by=mod1, accepted=gate.to_accept(case))

    def read(case: Case) -> Work:
        return lambda: visible(case)

    def diagnose(case: Case) -> Work:
        choice = answers.Choice("psoriasis", terms.Confidence.PROBABLE)
        return lambda: answers.answer(case=case, by=bob, choices=[choice])

    def close_and_write(case: Case) -> Work:
        def work() -> None:
            comments.add_comment(case=case, by=case.author, text="Rough under the finger.")
            outcome = Outcome(diagnosis="actinic-keratosis", reference="histopathology")
            closing.close(case=case, by=case.author, outcome=outcome)

        return work

    pairings: list[tuple[str, Callable[[Case], Work], Callable[[Case], Work]]] = [
        ("withdrawal / release", whole, release),
        ("narrowing / release", narrowed, release),
        ("one picture / release", one_picture, release),
        ("withdrawal / comment and closing", whole, close_and_write),
        ("older code / release", older, release),
        ("narrowing / withdrawal", whole, narrowed),
        *((f"{name} / {doing}", take, against)
          for name, take in (("suspension", suspended), ("lapse", lapsed), ("leaving the group", left))
          for doing, against in (("release", release), ("reading", read), ("answer", diagnose))),
        ("suspension / comment and closing", suspended, close_and_write),
        *((f"{name} / {doing}", take, against)
          for name, take in (("withdrawal", whole), ("narrowing", narrowed), ("one picture", one_picture))
          for doing, against in (("reading", read), ("answer", diagnose))),
    ]  # fmt: skip

    pairings = [pairing for pairing in pairings if only in pairing[0]]

    def made(number: int, take: object, against: object) -> Case:
        """A case of its own author where that is who goes, and in a group of its own where that is what is left."""
        author = factories.member() if take in (suspended, lapsed) else alice
        facts: dict[str, object] = {"title": f"Plaque of round x{number}x", "data": b"picture"}
        if take is left:
            facts["group"] = Group.objects.create(name=f"Group {number}")
            for member in (author, bob, mod1):
                Membership.objects.create(group=facts["group"], member=member)
        facts["state"] = CaseState.SUBMITTED if against in (release, narrowed) else CaseState.RELEASED
        case = reading.case(author, **facts)
        if narrowed in (take, against):
            gate_world.use(case.consent, hall)
        if against is close_and_write:
            reading.answer(case, bob)
            assert case.answers.get().kind == AnswerKind.READ_ONLY
        return case

    yesterday = timezone.localdate() - timedelta(days=1)
    for number in range(rounds):
        name, make_take, make_against = pairings[number % len(pairings)]
        case = made(number, make_take, make_against)
        if number < len(pairings) and case.state == CaseState.RELEASED:
            assert visible(case) == ON_EVERY_SURFACE, f"{name}: the reader does not see what will be taken away"
        take, against = checked(name, case, make_take(case)), make_against(case)
        began = time.perf_counter()
        race.round(*((take, against) if number // len(pairings) % 2 else (against, take)))
        seconds[name] += time.perf_counter() - began
        done[name] += 1
        seen[name] += case.releases.exists() or Case.objects.get(pk=case.pk).released_at is not None
        leaks[name] += visible(case)
        if make_take in (whole, one_picture, older):
            leaks[name] += gate.servable_renditions(alice).filter(photo__placement__case=case).exists()
        if (number + 1) % 1000 == 0:
            print(f"{number + 1} rounds, leaks {leaks.total()}, faults {len(race.faults)}", flush=True)
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
    parser.add_argument("--only", default="", help="pairings whose name holds this")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rete-race-") as folder:
        Path(folder).chmod(0o700)
        with database(sqlite=wanted.sqlite, folder=Path(folder)):
            return 1 if run(rounds=wanted.rounds, only=wanted.only) else 0


if __name__ == "__main__":
    sys.exit(main())
