"""The Musts of scale, as `make scale-check` asks them, and the reason for each number.

Queries and slopes are hard numbers. Times are not: they say as much about the machine as about the program. So the
figures that the Musts name were divided by what a toy view, or bare SQL, did on the machine where they were set
(2 cores, client included), and are asked as ratios to the toy view, or the bare SQL, of the same run.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.scale.load import CLIENTS

if TYPE_CHECKING:
    from bench.scale.measure import Found

# What the machine did on which the Musts were set.
TOY_A_SECOND: Final = 1350  # eight clients, a view that decrypts one picture
TOY_WAIT_MS: Final = 1000 * CLIENTS / TOY_A_SECOND  # 5.9: how long a client waits, of eight of whom each always waits
BARE_A_SECOND: Final = 2900  # bare one-row transactions


class Limit(NamedTuple):
    """One Must: of what (a pattern of names), how much, and why so much."""

    of: str
    limit: float
    why: str


# Queries of one page, whatever the rows.
QUERIES: Final = (
    Limit("picture, *", 4, "session, gate, key, line in the log"),
    Limit("feed*", 8, "session, groups, cards, thumbnails, counts"),
    Limit("search, *", 8, "a feed with words"),
    Limit("case, *", 8, "the case, pictures, answers, thread"),
    Limit("second reads", 15, "a page of a queue"),
    Limit("saved", 15, "a page of cards"),
    Limit("my cases*", 15, "a page of one's own"),
    Limit("members*", 15, "a page of people"),
    Limit("consent audit", 15, "a page of rows, each judged by the gate"),
    Limit("consent audit, [!f]*", 15, "exceptions and summary too; the figures come later and have no Must"),
)

# Slope in log-log of CPU, application and database together, from the first size to the last.
SLOPES: Final = (
    Limit("picture, *", 0.1, "constant, but for the height of an index"),
    Limit("feed*", 0.1, "candidates come from an index, counts from sums"),
    Limit("search, *", 0.1, "as the feed"),
    Limit("case, *", 0.1, "one case"),
    Limit("second reads", 0.1, "one page of the queue; the queue itself grows by one in a thousand"),
    Limit("saved", 0.1, "the reader's saved cases are as many at each size"),
    Limit("my cases", 0.1, "the author's cases are as many at each size"),
    Limit("members", 0.1, "one page; there is a member for each hundred cases"),
    Limit("consent audit", 0.1, "one page"),
    Limit("consent audit, [!f]*", 0.1, "exceptions look at 500 cases, the summary at 5,000 or none"),
)

# How many a second at eight clients, as a share of the toy view's.
RATES: Final = (
    Limit("picture, display", 150 / TOY_A_SECOND, "150 a second where the toy view sends 1,350"),
    Limit("feed", 60 / TOY_A_SECOND, "60 a second, likewise"),
)

# What 95 of 100 wait at most at eight clients, as a multiple of how long clients of the toy view wait on average.
WAITS: Final = (
    Limit("picture, display", 150 / TOY_WAIT_MS, "150 ms where clients of the toy view wait 5.9 ms"),
    Limit("feed", 300 / TOY_WAIT_MS, "300 ms, likewise"),
    Limit("search", 400 / TOY_WAIT_MS, "400 ms, likewise"),
)

# How many a second at eight writers, as a share of bare one-row transactions.
WRITES: Final = (
    Limit("answers", 300 / BARE_A_SECOND, "300 a second where bare one-row transactions reach 2,900"),
    Limit("comments", 300 / BARE_A_SECOND, "likewise"),
    Limit("events", 300 / BARE_A_SECOND, "likewise"),
)


class Result(NamedTuple):
    """One line of the check."""

    name: str
    value: float
    limit: float
    holds: bool

    def __str__(self) -> str:
        value, limit = (f"{number:.3f}".rstrip("0").rstrip(".") for number in (self.value, self.limit))
        return f"{self.name:44} {value:>8} {limit:>8} {'ok' if self.holds else 'short'}"


def results(found: Sequence["Found"], *, slopes: Mapping[str, float]) -> list[Result]:
    """Compare what was measured at the largest size, and the slopes, with every Must."""
    return list(_results(found, slopes))


def _results(found: Sequence["Found"], slopes: Mapping[str, float]) -> Iterator[Result]:
    last = found[-1]
    most = {name: max(one.pages[name].queries for one in found) for name in last.pages}
    yield from _at_most("queries", QUERIES, most)
    yield from _at_most("slope", SLOPES, slopes)
    rates = last.rates
    if not rates:
        return
    toy, bare = rates["toy view that decrypts"], rates["bare one-row transactions"]
    yield from _at_least("a second / toy", RATES, {name: rate.a_second / toy.a_second for name, rate in rates.items()})
    yield from _at_most("p95 / toy", WAITS, {name: rate.p95_ms / toy.mean_wait_ms for name, rate in rates.items()})
    yield from _at_least("a second / bare", WRITES, {name: r.a_second / bare.a_second for name, r in rates.items()})
    # Answers, because a member may be chosen twice for one case.
    failed = sum(rate.failed for name, rate in rates.items() if name != "answers")
    yield Result("requests and writes that were refused", failed, 0, failed == 0)
    yield Result("log whole after all writers", last.is_log_whole, 1, last.is_log_whole)


def _at_most(what: str, limits: Iterable[Limit], values: Mapping[str, float]) -> Iterator[Result]:
    for limit, name, value in _matching(limits, values):
        yield Result(f"{name}: {what}", value, limit.limit, value <= limit.limit)


def _at_least(what: str, limits: Iterable[Limit], values: Mapping[str, float]) -> Iterator[Result]:
    for limit, name, value in _matching(limits, values):
        yield Result(f"{name}: {what}", value, limit.limit, value >= limit.limit)


def _matching(limits: Iterable[Limit], values: Mapping[str, float]) -> Iterator[tuple[Limit, str, float]]:
    for limit in limits:
        names = [name for name in values if fnmatchcase(name, limit.of)]
        if not names and values:
            raise LookupError(f"nothing was measured that is called {limit.of}")
        for name in names:
            yield limit, name, values[name]
