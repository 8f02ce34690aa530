"""Guessing is slowed down; nobody is locked out by somebody else for long."""

import pytest
from django.test import Client, RequestFactory, override_settings

from consent import attempt_limits
from tests.consent import making

pytestmark = pytest.mark.django_db

WRONG = {"code": "7K3M-9TQA-02XC-VB5N"}


def guess(client: Client, times: int, **extra: str) -> int:
    """The last status of so many wrong codes."""
    return [client.post("/withdraw/", WRONG, **extra).status_code for _time in range(times)][-1]


@pytest.fixture(autouse=True)
def _one_window(monkeypatch):
    """All of a test lies in one window, whatever the clock says."""
    monkeypatch.setattr(attempt_limits.time, "time", lambda: 1_000_000_800.0)


def test_wrong_codes_are_counted_by_connection_and_then_refused(client):
    published = making.published()
    assert guess(client, attempt_limits.WRONG_CODES.max_failures) == 422
    refused = client.post("/withdraw/", {"code": published.code})
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= attempt_limits.WRONG_CODES.seconds
    assert "ask your clinician" in refused.content.decode()
    assert client.get("/withdraw/").status_code == 200


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ({}, 429),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 429),
        ({"HTTP_X_REAL_IP": "203.0.113.9"}, 429),
        ({"HTTP_FORWARDED": "for=203.0.113.9"}, 429),
        ({"HTTP_USER_AGENT": "another"}, 429),
        ({"REMOTE_ADDR": "203.0.113.9"}, 302),
    ],
)
def test_only_another_connection_gets_another_chance(client, extra, status):
    published = making.published()
    guess(client, attempt_limits.WRONG_CODES.max_failures)
    assert Client().post("/withdraw/", {"code": published.code}, **extra).status_code == status


def test_right_codes_are_not_counted(client):
    published = making.published()
    for _time in range(attempt_limits.WRONG_CODES.max_failures + 5):
        assert client.post("/withdraw/", {"code": published.code}).status_code == 302


def test_everybody_together_has_a_limit_too(client, monkeypatch):
    published = making.published()
    monkeypatch.setattr(
        attempt_limits, "WRONG_CODES_EVERYWHERE", attempt_limits.Limit(name="few", max_failures=3, seconds=60)
    )
    for number in range(3):
        assert guess(client, 1, REMOTE_ADDR=f"203.0.113.{number}") == 422
    refused = client.post("/withdraw/", {"code": published.code}, REMOTE_ADDR="198.51.100.1")
    assert (refused.status_code, int(refused["Retry-After"]) <= 60) == (429, True)


def test_a_window_ends(monkeypatch):
    limit = attempt_limits.Limit(name="short", max_failures=2, seconds=60)
    for _time in range(2):
        attempt_limits.count_failure(limit=limit, who="somebody")
    assert attempt_limits.seconds_to_wait(limit=limit, who="somebody") > 0
    assert attempt_limits.seconds_to_wait(limit=limit, who="somebody else") == 0
    monkeypatch.setattr(attempt_limits.time, "time", lambda: 1_000_000_800.0 + 60)
    assert attempt_limits.seconds_to_wait(limit=limit, who="somebody") == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2:3::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
def test_an_ipv6_network_is_one_connection(one, other, same):
    made = [attempt_limits.client_address(RequestFactory().get("/", REMOTE_ADDR=address)) for address in (one, other)]
    assert (made[0] == made[1]) is same


@override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}})
def test_no_address_stands_in_the_cache(client):
    from django.core.cache import cache

    guess(client, 1, REMOTE_ADDR="203.0.113.77")
    assert cache._cache  # type: ignore[attr-defined]
    assert not [key for key in cache._cache if "203.0.113" in key]  # type: ignore[attr-defined]
