"""Which tests are tried on a guard, and in which order: those that should go red first."""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bench.mutation.guards import ROOT, Guard

# Where tests of guards are looked for. Left out: browsers and servers, and rooms that know no members.
FOLDERS = (
    "accounts", "audit", "compliance", "config", "consent", "consults", "core", "insights", "learning", "matrix",
    "notifications", "security",
)  # fmt: skip
IN_MATRIX = (  # the others take minutes
    "tests/matrix/test_routes.py",
    "tests/matrix/test_strangers.py",
    "tests/matrix/test_leaks.py::test_nobody_takes_all_pictures_home",
)
SWEEPS = "tests/matrix/test_routes.py"  # every address and everybody: last, and among the tiers that are run
MARKS = (  # of them those that look at the marks of views alone: at once, and first
    f"{SWEEPS}::test_addresses_for_forms_alone_say_where_they_lead",
    f"{SWEEPS}::test_views_are_open_to_the_audiences_that_get_something_there",
)
STRANGERS = "tests/matrix/test_strangers.py"  # every policy
UNKNOWN_SECONDS = 0.05
MOST_SECONDS = 40  # of tests on one guard, by what they took without load


@dataclass
class Reach:
    """What each test took (seconds of CPU), and the places of guards that it came past."""

    seconds: dict[str, float] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # the places that were looked for

    @classmethod
    def read(cls, path: Path) -> "Reach":
        return cls(**json.loads(path.read_text())) if path.is_file() else cls()

    def lacks(self, guards: Iterable[Guard]) -> bool:
        """Whether a guard stands in a place that was not looked for."""
        return bool({guard.place for guard in guards} - set(self.asked))

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(vars(self)))


def is_tried(item: Any) -> bool:
    """Whether a collected test may be tried on a guard."""
    path = item.nodeid
    if path.startswith("tests/matrix/") and not path.startswith(IN_MATRIX):
        return False
    if path == f"{SWEEPS}::test_every_address_has_a_row":  # false of the narrowed sweeps, whatever is taken away
        return False
    if item.get_closest_marker("slow") or item.get_closest_marker("browser"):
        return False
    return not item.get_closest_marker("service") or path.startswith(SWEEPS)


def files() -> list[str]:
    return [f"tests/{folder}" for folder in FOLDERS if (ROOT / "tests" / folder).is_dir()]


def choose(
    guard: Guard, *, known: str, reach: Reach, collected: Iterable[str], addresses: Collection[str] = ()
) -> list[str]:
    """Return the tests to try on a guard, by id: the one that went red before it first.

    Of a view's guard also those that name one of its `addresses`: whom a decorator refuses never comes to the view.
    """
    every = list(collected)
    first = [known] if known in every else []
    found = [one for one in every if guard.place in reach.places.get(one, ())]
    if reach.places:  # and those of its room that were written since
        found += [one for one in every if one not in reach.places and one.startswith(_home_of(guard))]
    if not found:
        homes = HOMES.get(guard.path, ())
        found = [one for one in every if one.startswith(homes)] if homes else []
    if guard.kind in ("middleware", "trigger") or not found:
        paths = {one.partition("::")[0] for one in every}
        told = {path for path in paths if _is_told_of(guard, path)}
        found += [one for one in every if one.partition("::")[0] in told]
    if addresses:
        found += [one for one in every if _names_any(addresses, one.partition("::")[0])]
    if guard.kind == "policy":
        found += [one for one in every if one.startswith(STRANGERS)]
    if guard.kind in ("middleware", "decorator", "policy") or addresses:
        found += [one for one in every if one.startswith(SWEEPS)]
    found.sort(key=lambda one: _distance(guard, one, reach))
    tests = [*first, *(one for one in dict.fromkeys(found) if one not in first)]
    # The runner narrows the sweeps to the addresses of a view, so that all of them together take seconds.
    of_a_view = guard.kind == "decorator" or bool(addresses)
    narrowed = frozenset(one for one in tests if of_a_view and one.startswith(SWEEPS))
    return _within_time(tests, reach, free=narrowed)


def _within_time(tests: list[str], reach: Reach, *, free: frozenset[str]) -> list[str]:
    kept, seconds = [], 0.0
    for test in tests:
        if test in free or seconds < MOST_SECONDS:
            kept.append(test)
            seconds += 0 if test in free else reach.seconds.get(test, UNKNOWN_SECONDS)
    return kept


def _distance(guard: Guard, test: str, reach: Reach) -> tuple[bool, bool, bool, bool, int, float]:
    """Order tests: of marks first, of the guard's own room, then known ones, then by few other guards, then by time."""
    at_home = test.startswith((_home_of(guard), CHAIN))
    return (
        test not in MARKS,
        test.startswith(SWEEPS),
        not at_home,
        test not in reach.places,
        len(reach.places.get(test, ())),
        reach.seconds.get(test, UNKNOWN_SECONDS),
    )


def _home_of(guard: Guard) -> str:
    return f"tests/{guard.path.partition('/')[0]}/"


# The first tests to look at where nobody has noted which test comes past which guard.
_GATE = "tests/consults/cases/"
HOMES: dict[str, tuple[str, ...]] = {
    "consults/cases/gate/visibility.py": (f"{_GATE}test_gate.py", f"{_GATE}test_servable.py"),
    "consults/cases/gate/blockers.py": (f"{_GATE}test_blockers.py",),
    "consults/cases/gate/release.py": (f"{_GATE}test_release.py", f"{_GATE}test_asked_before.py"),
    "consults/cases/gate/holding.py": (
        f"{_GATE}test_gate.py::test_what",
        f"{_GATE}test_release.py",
        "tests/consults/moderation",
    ),
    "consults/cases/gate/shown_pictures.py": (f"{_GATE}test_blockers.py", f"{_GATE}test_covered_more.py"),
    "consults/cases/media.py": (f"{_GATE}test_media.py",),
    "consults/cases/media_path.py": (f"{_GATE}test_media.py",),
    "consults/cases/policy.py": (f"{_GATE}authoring", f"{_GATE}test_quotas.py"),
    "consults/discussion/policy.py": ("tests/consults/discussion", "tests/consults/moderation"),
    "consults/moderation/policy.py": ("tests/consults/moderation",),
    "consults/withdrawal/policy.py": ("tests/consults/withdrawal",),
    "consults/groups/policy.py": ("tests/consults/groups",),
    "consults/cases/consenting/handover/middleware.py": (f"{_GATE}consenting/test_handover.py",),
}


@cache
def _text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _names_any(addresses: Iterable[str], path: str) -> bool:
    return any(f'"{address}"' in _text_of(path) for address in addresses)


def _is_told_of(guard: Guard, path: str) -> bool:
    """Whether a file of tests names the guard, or what it is of."""
    text = _text_of(path)
    if guard.kind == "trigger":
        return "trigger" in text or guard.path.split("/")[0] in path
    if guard.kind == "policy":
        return f'"{guard.where}"' in text
    last = re.split(r"[.:]", guard.where)[-1]
    names = {last, last.removesuffix("Middleware"), *HEADERS.get(last, ())}
    if path == CHAIN and guard.kind == "middleware":
        return True
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names if name)


CHAIN = "tests/core/test_chain.py"  # every middleware in its place
# Words by which tests speak of what a middleware of others does.
HEADERS = {
    "SecurityMiddleware": ("Referrer-Policy", "Strict-Transport-Security", "Cross-Origin-Opener-Policy"),
    "CSPMiddleware": ("Content-Security-Policy",),
    "PermissionsPolicyMiddleware": ("Permissions-Policy",),
    "PrivateResponsesMiddleware": ("no-store", "nosniff"),
    "XFrameOptionsMiddleware": ("X-Frame-Options",),
    "CsrfViewMiddleware": ("enforce_csrf_checks",),
    "CountsUnavailableMiddleware": ("no_counts",),
    "AccessLinesMiddleware": ("ACCESS_LINES_DIR",),
}
