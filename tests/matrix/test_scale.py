"""The cases that `bench.scale` measures with are like those that members make."""

import fnmatch
import socketserver
import threading
from dataclasses import replace
from datetime import timedelta
from itertools import cycle

import pytest
from django.db import connections

from audit.verify import verify
from bench.scale import limits
from bench.scale.fill import Filler
from bench.scale.load import CLIENTS, Rate, _round
from bench.scale.measure import Found, slopes
from bench.scale.pages import TOY, Cost, measured, works
from consults.cases import gate
from consults.cases.gate import listing
from consults.models import Case, Listing
from imaging.models import Rendition
from imaging.renditions.pipeline import read_rendition


def filled(*sizes: int) -> Filler:
    filler = Filler()
    for size in sizes:
        filler.fill(size)
    return filler


def test_members_see_what_was_filled(db: None) -> None:
    filler = filled(20, 60)
    seen = set(gate.visible_cases(filler.reader).values_list("pk", flat=True))
    listed = listing.candidates(listing.reach_of(filler.reader)).values_list("case", flat=True)
    assert seen == set(listed)
    assert len(seen) > 40
    waiting = Case.objects.filter(state="submitted")
    assert waiting.count() == 50
    assert gate.cases_to_second_read(filler.moderator).count() == waiting.count()
    for connection in connections.all():
        connection.check_constraints()


def test_listings_and_counts_are_as_the_gate_says(db: None) -> None:
    filled(20, 60)
    assert listing.compare() == 0
    assert Listing.objects.count() == 60
    Case.objects.filter(state="released").update(state="closed")
    assert listing.compare() > 0


def test_the_log_is_whole(db: None) -> None:
    filled(20, 60)
    assert str(verify()) == "60 events and 0 sealed picture views: whole and unchanged."


def test_pictures_are_really_stored(db: None) -> None:
    filler = filled(10)
    pictures = filler.hang_pictures(3)
    shown = gate.servable_renditions(filler.reader).filter(name=Rendition.Name.DISPLAY)
    assert set(pictures) <= set(shown.values_list("pk", flat=True))
    assert pictures
    for rendition in Rendition.objects.filter(pk__in=pictures):
        assert len(read_rendition(rendition=rendition)) == rendition.size > 200_000


def test_nobody_has_more_of_their_own_because_there_are_more_cases(db: None) -> None:
    filler = filled(100)
    assert Case.objects.filter(author=filler.busy).count() == 10
    assert filler.reader.bookmarks.count() == 10
    assert Case.objects.filter(submitted_at__gt=filler.now - timedelta(hours=1), state="submitted").count() == 50


# --- What is measured, and the limits


PAGES = {
    name: Cost(queries=4, app_ms=1.0, db_ms=1.0)
    for name in (
        *(TOY, "picture, display", "feed", "search, rare word", "case, closed", "second reads", "saved"),
        *("my cases", "members", "consent audit", "consent audit, summary", "consent audit, figures"),
    )
}
RATES = {
    "toy view that decrypts": 1350.0,
    "picture, display": 200.0,
    "feed": 80.0,
    "search": 70.0,
    "bare one-row transactions": 2900.0,
    "answers": 310.0,
    "comments": 310.0,
    "events": 900.0,
}


def found(size: int, *, pages: dict[str, Cost] | None = None, rates: dict[str, float] | None = None) -> Found:
    """Figures that fit every Must, but for those given."""
    a_second = RATES | (rates or {})
    return Found(
        size,
        pages=PAGES | (pages or {}),
        rates={name: Rate(each, p95_ms=100, app_ms=1, db_ms=1, failed=0) for name, each in a_second.items()},
    )


def short(last: Found) -> list[str]:
    """What falls short between 10^3 cases and these."""
    both = [found(1000), last]
    return [result.name for result in limits.results(both, slopes=slopes(both)) if not result.holds]


@pytest.mark.parametrize(
    ("last", "names"),
    [
        (found(10_000), []),
        (found(10_000, pages={"feed": Cost(8, 1, 1)}), []),
        (found(10_000, pages={"feed": Cost(9, 1, 1)}), ["feed: queries"]),
        (found(10_000, pages={"case, closed": Cost(4, 1.2, 1.3)}), []),
        (found(10_000, pages={"case, closed": Cost(4, 1.2, 1.4)}), ["case, closed: slope"]),
        (found(10_000, pages={"case, closed": Cost(4, 1.2, 1.4), TOY: Cost(0, 1.1, 1.1)}), []),
        (found(10_000, pages={"consent audit, figures": Cost(99, 9, 9)}), []),
        (found(10_000, rates={"picture, display": 140}), ["picture, display: a second / toy"]),
        (found(10_000, rates={"picture, display": 140, "toy view that decrypts": 1000}), []),
        (found(10_000, rates={"events": 290}), ["events: a second / bare"]),
        (
            found(10_000, rates={"toy view that decrypts": 1950}),
            ["picture, display: a second / toy", "feed: a second / toy"],
        ),
        (replace(found(10_000), is_log_whole=False), ["log whole after all writers"]),
    ],
)
def test_what_falls_short_is_named(last: Found, names: list[str]) -> None:
    assert short(last) == names


def test_who_waits_too_long_is_named() -> None:
    slow = found(10_000)
    slow.rates["search"] = slow.rates["search"]._replace(p95_ms=401)
    slow.rates["feed"] = slow.rates["feed"]._replace(p95_ms=299)
    assert short(slow) == ["search: p95 / toy"]


def test_every_limit_is_about_something_that_is_measured(db: None) -> None:
    filler = filled(40)
    filler.hang_pictures(20)
    costs = measured(works(filler), runs=1)
    for limit in (*limits.QUERIES, *limits.SLOPES):
        assert fnmatch.filter(costs, limit.of), limit.of
    assert costs["toy view that decrypts"].queries == 0
    assert costs["picture, display"].queries == 4


class OneAnswer(socketserver.BaseRequestHandler):
    """Answers one request of a connection, in two pieces, and hangs up."""

    status = b"200 OK"

    def handle(self) -> None:
        if self.request.recv(1000):
            self.request.sendall(b"HTTP/1.1 " + self.status + b"\r\nContent-Le")
            self.request.sendall(b"ngth: 3\r\n\r\nabc")


class OneRefusal(OneAnswer):
    status = b"404 Not Found"


@pytest.mark.parametrize(("answers", "share"), [(OneAnswer, 0), (OneRefusal, 1)])
def test_clients_open_what_the_server_closed_and_count_what_was_refused(answers: type[OneAnswer], share: int) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        waits, failed, _took = _round(server.server_address[1], cycle([b"GET / HTTP/1.1\r\n\r\n"]), seconds=0.2)
        server.shutdown()
    assert len(waits) > CLIENTS
    assert failed == share * len(waits)
