"""Every test has one tier, and it is the one that its fixtures tell."""

import signal
import sys
from types import ModuleType

import numpy
import pytest

from tests import tiers
from tests.conftest import COLLECTED

pytestmark = pytest.mark.unit  # it imports what the tiers look for


def module(**names: object) -> ModuleType:
    made = ModuleType("tests.made_up")
    vars(made).update(names)
    return made


def helper_that_kills() -> object:
    """Stand for `every_death` and its like: a function of a helper that works with signals."""
    helper = ModuleType("tests.made_up_helper")
    vars(helper)["signal"] = signal

    def kill() -> None:
        """Do nothing."""

    kill.__module__ = helper.__name__
    sys.modules[helper.__name__] = helper
    return kill


@pytest.mark.parametrize(
    ("fixtures", "database", "names", "tier"),
    [
        ((), False, {}, "unit"),
        (("tmp_path",), False, {"pytest": pytest}, "unit"),
        ((), True, {}, "db"),
        (("alice", "db"), False, {}, "db"),
        (("transactional_db",), False, {}, "db"),
        (("client",), False, {}, "db"),
        (("db", "postgres_url"), True, {}, "service"),
        (("redis_url",), False, {}, "service"),
        (("prepared",), False, {}, "service"),
        (("db",), True, {"signal": signal}, "service"),
        ((), False, {"every_death": helper_that_kills()}, "service"),
        ((), False, {"numbers": numpy.zeros(3)}, "unit"),
        (("chromium", "prepared", "db"), True, {"signal": signal}, "browser"),
    ],
)
def test_the_tier_is_told_by_what_a_test_uses(
    fixtures: tuple[str, ...], database: bool, names: dict[str, object], tier: str
) -> None:
    assert tiers.told_by(fixtures, database=database, module=module(**names)) == tier


def test_every_test_has_exactly_one_tier(pytestconfig: pytest.Config) -> None:
    collected = pytestconfig.stash[COLLECTED]
    assert collected
    assert {test: found for test, found in collected.items() if len(found) != 1} == {}


@pytest.mark.parametrize("tier", tiers.TIERS)
def test_strict_markers_know_every_tier(pytestconfig: pytest.Config, tier: str) -> None:
    assert [line for line in pytestconfig.getini("markers") if line.startswith(f"{tier}:")] != []
