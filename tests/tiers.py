"""The tier of a test, told by what it uses, so that quick runs can leave out what is slow.

    unit      the test's own process, no database
    db        both databases, by the fixtures and the mark of pytest-django
    service   Postgres, Redis, a prepared instance or processes of the test's own; or a whole-house sweep that says so
    browser   Chromium

A module that says `pytestmark = pytest.mark.service` overrules what its fixtures would tell.
"""

import multiprocessing
import signal
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from types import FunctionType, ModuleType

import pytest

TIERS = ("unit", "db", "service", "browser")
LONGEST_FIRST = ("service", "browser", "db", "unit")
BROWSER_FIXTURES = {"chromium"}
SERVICE_FIXTURES = {"postgres_url", "redis_url", "prepared"}
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "client", "admin_client"}
PROCESSES = (subprocess, signal, multiprocessing)


def tier_of(item: pytest.Item) -> str:
    """Return the one tier of a collected test."""
    said = [name for name in TIERS if item.get_closest_marker(name)]
    if said:
        return said[-1]
    database = item.get_closest_marker("django_db") is not None
    return told_by(getattr(item, "fixturenames", ()), database=database, module=getattr(item, "module", None))


def told_by(fixtures: Iterable[str], *, database: bool, module: ModuleType | None) -> str:
    """Return the tier of a test with these fixtures, the `django_db` mark or not, in this module."""
    used = set(fixtures)
    if used & BROWSER_FIXTURES:
        return "browser"
    if used & SERVICE_FIXTURES or (module is not None and starts_processes(module)):
        return "service"
    if database or used & DATABASE_FIXTURES:
        return "db"
    return "unit"


@cache
def starts_processes(module: ModuleType) -> bool:
    """Whether a test module works with processes itself or through a helper of the tests."""
    for value in vars(module).values():
        if _is_about_processes(value):
            return True
        home = getattr(value, "__module__", None) if isinstance(value, type | FunctionType) else None
        if home and home.startswith("tests.") and home not in (module.__name__, "tests.services"):
            helper = sys.modules.get(home)
            if helper is not None and any(map(_is_about_processes, vars(helper).values())):
                return True
    return False


def _is_about_processes(value: object) -> bool:
    """Compare by identity: arrays compare element by element."""
    return any(value is module for module in PROCESSES)
