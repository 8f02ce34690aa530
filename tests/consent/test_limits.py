"""Guessing codes is slowed down; nobody is locked out by anybody, and a right code always works."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from audit.models import Event
from consent import attempt_limits
from consent.records import codes
from core import counts
from core.models import Count
from tests.consent import making

pytestmark = pytest.mark.django_db

WRONG = {"code": "7K3M-9TQA-02XC-VB5N-4HJW-Z8PD-6RYE"}
MOST = attempt_limits.WRONG_CODES.most


def guess(client: Client, times: int, **extra: str) -> int:
    """The last status of so many wrong codes."""
    return [client.post("/withdraw/", WRONG, **extra).status_code for _time in range(times)][-1]


def test_wrong_codes_are_counted_by_connection_and_then_refused(client):
    assert guess(client, MOST) == 422
    refused = client.post("/withdraw/", WRONG)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= attempt_limits.WRONG_CODES.seconds
    assert "ask your clinician" in refused.content.decode()
    assert client.get("/withdraw/").status_code == 200


def test_a_right_code_works_after_any_number_of_wrong_ones(client):
    published = making.published()
    assert guess(client, MOST + 5) == 429
    assert client.post("/withdraw/", {"code": published.code}).status_code == 302


def test_a_ward_of_guessers_stops_nobody(client):
    """Threat: 550 wrong codes from 55 addresses, and everybody got 429."""
    published = making.published()
    for number in range(55):
        assert guess(client, MOST, REMOTE_ADDR=f"203.0.113.{number}") == 422
    fresh = {"REMOTE_ADDR": "198.51.100.1"}
    assert client.post("/withdraw/", WRONG, **fresh).status_code == 422
    assert client.post("/withdraw/", {"code": published.code}, **fresh).status_code == 302


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ({}, 429),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 429),
        ({"HTTP_X_REAL_IP": "203.0.113.9"}, 429),
        ({"HTTP_FORWARDED": "for=203.0.113.9"}, 429),
        ({"HTTP_USER_AGENT": "another"}, 429),
        ({"REMOTE_ADDR": "203.0.113.9"}, 422),
    ],
)
def test_only_another_connection_gets_another_guess(client, extra, status):
    guess(client, MOST)
    assert Client().post("/withdraw/", WRONG, **extra).status_code == status


def test_right_codes_are_not_counted(client):
    published = making.published()
    for _time in range(MOST + 5):
        assert client.post("/withdraw/", {"code": published.code}).status_code == 302
    assert not Count.objects.exists()


@pytest.mark.parametrize("entered", [WRONG["code"], "no code", "", "0" * 5000])
def test_a_wrong_code_is_logged_without_code_and_address(client, entered):
    client.post("/withdraw/", {"code": entered}, REMOTE_ADDR="203.0.113.77")
    (line,) = Event.objects.filter(verb="consent.wrong_code")
    assert (line.actor_id, line.subject_type, line.facts) == (None, "unknown_code", {})


def test_what_is_refused_unread_fills_no_log(client):
    guess(client, MOST + 7)
    assert Event.objects.filter(verb="consent.wrong_code").count() == MOST


def test_a_window_ends(client):
    guess(client, MOST)
    Count.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert guess(client, 1) == 422


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


@pytest.mark.usefixtures("no_counts")
def test_withdrawal_stays_open_while_tries_cannot_be_counted(client):
    published = making.published()
    assert client.post("/withdraw/", WRONG).status_code == 422
    assert client.post("/withdraw/", {"code": published.code}).status_code == 302


def test_a_code_has_128_bits_or_more():
    made = {codes.new_code() for _code in range(50)}
    assert len(made) == 50
    assert len(set(codes.ALPHABET)) == len(codes.ALPHABET) == 32
    for code in made:
        assert [len(group) for group in code.split("-")] == [4] * 7
        assert 5 * len(codes.normalise(code)) >= 128
    assert set("".join(made)) <= {*codes.ALPHABET, "-"}


@pytest.mark.parametrize(
    ("code", "reads_as"),
    [
        ("7k3m 9tqa 02xc vb5n 4hjw z8pd 6rye", "7K3M9TQA02XCVB5N4HJWZ8PD6RYE"),
        ("7K3M-9TQA-O2XC-VB5N-4HJW-Z8PD-6RYE", "7K3M9TQA02XCVB5N4HJWZ8PD6RYE"),
        ("7K3M-9TQA-02XC-VB5N", "7K3M9TQA02XCVB5N"),  # a receipt of before
        ("7K3M-9TQA-02XC-VB5N-4HJW-Z8PD-6RY", ""),
        ("7K3M-9TQA-02XC-VB5N-4HJW-Z8PD-6RYU", ""),
    ],
)
def test_a_code_is_read_in_any_notation(code, reads_as):
    assert codes.normalise(code) == reads_as


def test_no_address_stands_in_the_counts(client):
    guess(client, 1, REMOTE_ADDR="203.0.113.77")
    (row,) = Count.objects.all()
    assert (row.number, len(row.key)) == (1, 64)
    assert row.key == counts.digest(attempt_limits.WRONG_CODES.name, "203.0.113.77")
