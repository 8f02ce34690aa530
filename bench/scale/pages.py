"""What one page, one picture costs in this process: queries, CPU of the application and of the database."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from bench.scale import cpu, toy
from bench.scale.fill import RARE, Filler, picture

Work = Callable[[], object]

TOY: Final = "toy view that decrypts"
DISPLAY: Final = "picture, display"
FEED: Final = "feed"


class Cost(NamedTuple):
    """The least of several runs: the work is the same each time, and others who use the machine only add to it."""

    queries: int
    app_ms: float
    db_ms: float

    @property
    def ms(self) -> float:
        return self.app_ms + self.db_ms


def works(filler: Filler) -> dict[str, Work]:
    """What is measured, by name; each returns after it has done the work of one page or one picture."""
    from django.test import Client
    from django.urls import reverse

    from consults.cases import gate
    from consults.cases.models import Case
    from imaging.models import Rendition
    from tests.factors import give_factor

    clients = {}
    for name in ("reader", "nurse", "student", "moderator", "officer", "busy", "prolific"):
        clients[name] = Client()
        clients[name].force_login(getattr(filler, name))
        give_factor(clients[name], getattr(filler, name))
    toy.seal(picture("display"))
    clients[TOY] = Client()
    clients[TOY].handler = toy.ToyHandler(enforce_csrf_checks=False)
    visible = gate.visible_cases(filler.reader)

    def newest(cases: "list[Case]") -> Case:
        return next(case for case in cases if visible.filter(pk=case.pk).exists())

    recent = Case.objects.filter(group=None).order_by("-released_at")
    waiting = newest(list(recent.filter(state="released").exclude(answers__member=filler.reader)[:50]))
    answered = newest(list(recent.filter(state="released", answers__member=filler.reader)[:50]))
    closed = newest(list(recent.filter(state="closed")[:50]))
    renditions = Rendition.objects.filter(photo__placement__case=waiting)
    to_read = gate.cases_to_second_read(filler.moderator).order_by("submitted_at")[0]
    feed, audit = reverse("consults:cases"), reverse("compliance:consent_audit")

    def get(address: str, name: str = "reader") -> Work:
        def ask() -> None:
            answer = clients[name].get(address)
            assert answer.status_code == 200, (address, answer.status_code)

        return ask

    def sent(size: str) -> Work:
        return get(reverse("consults:picture", args=[renditions.filter(name=size)[0].pk]))

    def of(case: Case) -> Work:
        return get(reverse("consults:case", args=[case.pk]))

    second_reads, members = reverse("consults:second_reads"), reverse("accounts:members")
    return {
        TOY: get("/toy/", TOY),
        DISPLAY: sent("display"),
        "picture, thumbnail": sent("thumbnail"),
        FEED: get(feed),
        "feed, fewest first": get(f"{feed}?sort=fewest"),
        "feed, one filter": get(f"{feed}?site=head-neck"),
        "feed, three filters": get(f"{feed}?status=open&site=head-neck&morphology=plaque"),
        "feed, unanswered": get(f"{feed}?only=unanswered"),
        "feed, most discussed": get(f"{feed}?sort=discussed"),
        "feed, urgent first": get(f"{feed}?sort=urgent"),
        "feed, one tag": get(f"{feed}?tag=hair"),
        "feed, one stain": get(f"{feed}?stain=he"),
        "feed, one diagnosis": get(f"{feed}?diagnosis=psoriasis"),
        "feed, nurse": get(feed, "nurse"),
        "feed, student": get(feed, "student"),
        "search, common word": get(f"{feed}?q=plaque"),
        "search, rare word": get(f"{feed}?q={RARE}"),
        "search, diagnosis": get(f"{feed}?q=psoriasis"),
        "search, three words": get(f"{feed}?q=itching+plaque+elbow"),
        "case, to answer": of(waiting),
        "case, answered": of(answered),
        "case, closed": of(closed),
        "similar cases": get(reverse("consults:similar", args=[closed.pk])),
        "notices": get(reverse("notifications:notices"), "busy"),
        "notices, prolific": get(reverse("notifications:notices"), "prolific"),
        "second reads": get(second_reads, "moderator"),
        "second read, one case": get(reverse("consults:second_read", args=[to_read.pk]), "moderator"),
        "saved": get(reverse("consults:saved")),
        "my cases": get(reverse("consults:mine"), "busy"),
        "my cases, prolific": get(reverse("consults:mine"), "prolific"),
        "members": get(members, "moderator"),
        "members, found": get(f"{members}?q=author7", "moderator"),
        "consent audit": get(audit, "officer"),
        "consent audit, exceptions": get(f"{audit}?exceptions=on", "officer"),
        "consent audit, not visible": get(f"{audit}?gate=not_visible", "officer"),
        "consent audit, summary": get(reverse("compliance:consent_audit_summary"), "officer"),
        "consent audit, figures": get(reverse("compliance:consent_audit_figures"), "officer"),
    }


def measured(found: dict[str, Work], *, runs: int, patience_s: float = 20) -> dict[str, Cost]:
    """Costs by name, in turns: each once, each again … A page that takes longer than `patience_s` has had its turns.

    CPU, because on a machine that others use too, wall time says more about them.
    """
    queries = {name: _queries(work) for name, work in found.items()}
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in found}
    for _run in range(runs):
        for name, work in found.items():
            if sum(map(sum, spent[name])) < 1000 * patience_s or not spent[name]:
                server, own = cpu.of_postgres(), time.process_time()
                work()
                spent[name].append((1000 * (time.process_time() - own), 1000 * (cpu.of_postgres() - server)))
    return {
        name: Cost(queries[name], min(app for app, _db in rows), min(db for _app, db in rows))
        for name, rows in spent.items()
    }


def _queries(work: Work) -> int:
    """How many queries a second run makes, on both databases; the first one may fill what is kept."""
    from contextlib import ExitStack

    from django.db import connections

    counted = 0

    def count(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal counted
        counted += 1
        return execute(*arguments)

    work()
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(count))
        work()
    return counted
