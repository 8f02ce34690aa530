"""What happens to an account's security leaves a line in the log, whoever tried it."""

import time
from collections.abc import Callable

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Member
from accounts.security.security_events import reauthenticated_recently
from audit.models import Event
from tests import factories
from tests.accounts.makers import PASSWORD

pytestmark = pytest.mark.django_db
FRESH = "kettle drumming under violets"


@pytest.fixture
def ada() -> Member:
    return factories.member(email="ada@hospital.example", name="Ada", password=PASSWORD)


def sign_in_with(client: Client, **fields: str) -> None:
    client.post(reverse("account_login"), {"login": "ada@hospital.example", "password": PASSWORD} | fields)


def change_password(client: Client, **fields: str) -> None:
    passwords = {"oldpassword": PASSWORD, "password1": FRESH, "password2": FRESH}
    client.post(reverse("account_change_password"), passwords | fields)


def confirm(client: Client, password: str = PASSWORD) -> None:
    client.post(reverse("account_reauthenticate"), {"password": password})


# What is done -> the verbs that it leaves, and whether the actor is known.
DONE: dict[str, tuple[bool, Callable[[Client], None], list[tuple[str, str, bool]]]] = {
    "sign in": (False, sign_in_with, [("member.signed_in", "member", True)]),
    "wrong password": (
        False,
        lambda client: sign_in_with(client, password="wrong"),
        [("member.sign_in_failed", "member", False)],
    ),
    "another spelling": (
        False,
        lambda client: sign_in_with(client, login=" ADA@Hospital.example", password="wrong"),
        [("member.sign_in_failed", "member", False)],
    ),
    "unknown address": (
        False,
        lambda client: sign_in_with(client, login="nobody@hospital.example"),
        [("member.sign_in_failed", "unknown_address", False)],
    ),
    "sign out": (
        True,
        lambda client: client.post(reverse("account_logout")),
        [("member.signed_out", "member", True)],
    ),
    "password changed": (True, change_password, [("member.password_changed", "member", True)]),
    "password not changed": (True, lambda client: change_password(client, password2="other"), []),
    "confirmed": (True, confirm, [("member.confirmed", "member", True)]),
    "not confirmed": (True, lambda client: confirm(client, "wrong"), [("member.sign_in_failed", "member", False)]),
}


@pytest.mark.parametrize("what", DONE)
def test_what_is_done_is_logged(ada: Member, what: str) -> None:
    signed_in, do, expected = DONE[what]
    client = Client()
    if signed_in:
        client.force_login(ada)
    before = Event.objects.count()
    do(client)
    lines = list(Event.objects.all()[before:])
    assert [(line.verb, line.subject_type, line.actor_id == ada.pk) for line in lines] == expected
    assert "ada@" not in str([line.facts for line in lines])
    assert "nobody@" not in str([line.facts for line in lines])


def test_a_new_password_by_mail_is_logged(ada: Member, run_jobs: Callable[[], int], mailoutbox: list[object]) -> None:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": ada.email})
    run_jobs()
    path = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    address = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(address, {"password1": FRESH, "password2": FRESH})
    assert Event.objects.filter(verb="member.password_reset", subject_id=ada.pk).count() == 1


def test_attempts_beyond_the_limit_do_not_fill_the_log(ada: Member) -> None:
    client = Client()
    for _attempt in range(9):
        sign_in_with(client, password="wrong")
    assert Event.objects.filter(verb="member.sign_in_failed").count() == 5


def test_the_way_back_after_confirming_stays_on_this_site(ada: Member, sign_in: Callable[[object], Client]) -> None:
    client = sign_in(ada)
    for asked, goes_to in (("/cases/", "/cases/"), ("https://elsewhere.example/", "/")):
        page = client.get(reverse("account_reauthenticate"), {"next": asked})
        assert "Is it you?" in page.content.decode()
        response = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": asked})
        assert (response.status_code, response["Location"]) == (302, goes_to)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], False),
        ([{"method": "password", "ago": 1}], False),  # the sign-in itself
        ([{"method": "password", "ago": 1, "reauthenticated": True}], True),
        ([{"method": "mfa", "ago": 299, "reauthenticated": True}], True),
        ([{"method": "password", "ago": 301, "reauthenticated": True}], False),
        ([{"method": "password", "ago": -60, "reauthenticated": True}], False),  # a clock that was put back
        ([{"method": "password", "ago": 1, "reauthenticated": True}, {"method": "password", "ago": 0}], True),
    ],
)
def test_what_counts_as_reauthenticated_recently(ada: Member, records: list[dict[str, object]], expected: bool) -> None:
    client = Client()
    sign_in_with(client)
    request = RequestFactory().get("/")
    request.session = client.session
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [one | {"at": time.time() - one["ago"]} for one in records]
    for who, answer in ((ada, expected), (factories.member(), False), (AnonymousUser(), False)):
        request.user = who
        assert reauthenticated_recently(request) is answer
