"""Tries are counted in the database: exactly, for nobody else, and not for ever."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.db import connections
from django.utils import timezone

from core import counts
from core.counts import CountsUnavailable, Limit
from core.jobs import queue
from core.models import CacheEntry, Count

pytestmark = pytest.mark.django_db

LIMIT = Limit(name="test", most=3, seconds=60)


def waits(who: str, times: int, limit: Limit = LIMIT) -> list[bool]:
    """For each of so many tries, whether it has to wait."""
    return [counts.take_try(limit=limit, who=who) > 0 for _try in range(times)]


def expire() -> None:
    """A minute passes."""
    for model in (Count, CacheEntry):
        model.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def test_so_many_are_judged_and_no_more() -> None:
    assert waits("somebody", 5) == [False] * 3 + [True] * 2
    assert 0 < counts.seconds_to_wait(limit=LIMIT, who="somebody") <= 60
    assert counts.seconds_to_wait(limit=LIMIT, who="somebody else") == 0
    assert waits("somebody else", 1) == [False]
    assert waits("somebody", 1, Limit(name="another", most=1, seconds=60)) == [False]


def test_a_window_begins_with_the_first_try_and_ends() -> None:
    waits("somebody", 4)
    begun = Count.objects.get().expires_at
    waits("somebody", 1)
    assert Count.objects.get().expires_at == begun
    expire()
    assert counts.seconds_to_wait(limit=LIMIT, who="somebody") == 0
    assert waits("somebody", 4) == [False] * 3 + [True]


def test_what_has_passed_is_deleted() -> None:
    waits("old", 2)
    cache.set("old", [1.0], 60)
    expire()
    waits("new", 1)
    cache.set("new", [2.0], 60)
    assert counts.delete_expired() == 2
    assert (Count.objects.count(), CacheEntry.objects.count(), cache.get("new")) == (1, 1, [2.0])
    assert "core.counts.delete_expired" in queue._rounds


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
@pytest.mark.parametrize("work", ["take_try", "add"])
def test_none_is_lost_when_many_come_at_once(work: str) -> None:
    begin = threading.Barrier(60)
    judged: list[int] = []

    def one(number: int) -> None:
        begin.wait()
        try:
            granted = cache.add("key", number, 60) if work == "add" else not counts.take_try(limit=LIMIT, who="one")
            judged.extend([number] if granted else [])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(judged) == {"take_try": 3, "add": 1}[work]
    assert [row.number for row in Count.objects.all()] == {"take_try": [60], "add": []}[work]


def test_the_cache_keeps_json_for_a_time() -> None:
    cache.set("key", {"tries": [1.5]}, 60)
    assert (cache.get("key"), cache.add("key", 1, 60), cache.get("other", "none")) == ({"tries": [1.5]}, False, "none")
    with pytest.raises(TypeError, match="JSON"):
        cache.set("key", object())
    assert (cache.touch("key", 60), cache.touch("other", 60)) == (True, False)
    assert (cache.delete("key"), cache.delete("key"), cache.get("key")) == (True, False, None)
    cache.set("key", 1, None)
    cache.set("more", 2)
    expire()
    assert (cache.get("key"), cache.touch("key"), cache.add("key", 2, 60), cache.get("key")) == (None, False, True, 2)
    cache.clear()
    assert not CacheEntry.objects.exists()


def test_the_rows_name_nobody() -> None:
    cache.set("allauth:rl:ip:203.0.113.7", [1.0], 60)
    waits("alice@hospital.example", 1)
    kept = str(list(Count.objects.values()) + list(CacheEntry.objects.values()))
    assert not [word for word in ("203.0.113.7", "alice", "hospital") if word in kept]


def test_there_is_no_other_cache(settings: Any) -> None:
    assert settings.CACHES == {"default": {"BACKEND": "core.database_cache.DatabaseCache"}}
    assert caches.settings == settings.CACHES


def calls() -> dict[str, Any]:
    return {
        "take_try": lambda: counts.take_try(limit=LIMIT, who="one"),
        "seconds_to_wait": lambda: counts.seconds_to_wait(limit=LIMIT, who="one"),
        "add": lambda: cache.add("key", 1),
        "get": lambda: cache.get("key"),
        "set": lambda: cache.set("key", 1),
        "touch": lambda: cache.touch("key"),
        "delete": lambda: cache.delete("key"),
    }


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
@pytest.mark.usefixtures("no_counts")
@pytest.mark.parametrize("name", sorted(calls()))
def test_an_answer_that_does_not_come_is_said(name: str) -> None:
    with pytest.raises(CountsUnavailable):
        calls()[name]()
