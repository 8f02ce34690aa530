"""The key of a session: long, random, another one after each sign-in, and worth nothing afterwards."""

import math
import string
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from accounts.security.models import Session
from tests.accounts.test_signin import PASSWORD

ALPHABET = set(string.ascii_lowercase + string.digits)


@pytest.fixture
def visitor(alice: Member) -> Client:
    alice.set_password(PASSWORD)
    alice.save()
    return Client()


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def sign_in(client: Client, member: Member) -> None:
    client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    assert "_auth_user_id" in client.session


def test_a_key_has_128_bits_or_more(visitor: Client, alice: Member) -> None:
    keys = set()
    for _time in range(20):
        client = Client()
        client.force_login(alice)
        keys.add(key_of(client))
    assert len(keys) == 20
    assert all(set(key) <= ALPHABET and len(key) * math.log2(len(ALPHABET)) >= 128 for key in keys)


def test_a_key_that_somebody_chose_is_not_taken(visitor: Client, alice: Member) -> None:
    """Threat: an attacker sets the cookie before the member signs in, and has the session with it afterwards."""
    planted = visitor.session
    planted["x"] = "y"
    planted.save()
    visitor.cookies[settings.SESSION_COOKIE_NAME] = before = planted.session_key or ""
    sign_in(visitor, alice)
    assert key_of(visitor) != before
    assert not Session.objects.filter(session_key=before).exists()
    invented = Client()
    invented.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert invented.get("/cases/").status_code == 302
    assert not Session.objects.filter(session_key="a" * 32).exists()


@pytest.mark.parametrize(("minutes", "status"), [(1, 200), (-1, 302)])
def test_an_hour_without_use_ends_it(alice: Member, minutes: int, status: int) -> None:
    client = Client()
    client.force_login(alice)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=minutes))
    assert client.get(reverse("accounts:me")).status_code == status
    assert settings.SESSION_COOKIE_AGE == 3600
