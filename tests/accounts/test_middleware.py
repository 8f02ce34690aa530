"""Deny by default: who gets past for which kind of view."""

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.access import open_to
from accounts.middleware import VerifiedMembersMiddleware, passes
from accounts.models import Member
from accounts.security.security_events import SIGNED_IN_AT
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[object], Client]


def unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


VIEWS: dict[str, Callable[..., object]] = {
    "unmarked": unmarked,
    "moderator": open_to("moderator")(lambda request: HttpResponse()),
    "officer": open_to("officer")(lambda request: HttpResponse()),
    "applicant": open_to("applicant")(lambda request: HttpResponse()),
    "everybody": open_to("applicant", "member", "officer")(lambda request: HttpResponse()),
    "public": login_not_required(lambda request: HttpResponse()),
}
ENTERS = {
    "alice": {"unmarked", "everybody", "public"},
    "resident": {"unmarked", "everybody", "public"},
    "nurse": {"unmarked", "everybody", "public"},
    "student": {"unmarked", "everybody", "public"},
    "mod1": {"unmarked", "moderator", "everybody", "public"},
    "officer": {"officer", "everybody", "public"},
    "admin": {"officer", "everybody", "public"},
    "applicant": {"applicant", "everybody", "public"},
    "lapsed": {"applicant", "everybody", "public"},
    "suspended": set(),
}


def ask(client: Client, member: Member, view: Callable[..., object]) -> Any:
    request = RequestFactory().get("/somewhere/")
    request.session = client.session
    request.user = member
    return VerifiedMembersMiddleware(lambda request: HttpResponse()).process_view(request, view, (), {})


@pytest.mark.parametrize("kind", VIEWS)
@pytest.mark.parametrize("name", ENTERS)
def test_who_gets_past(sign_in: SignIn, name: str, kind: str) -> None:
    member = factories.person(name)
    refused = ask(sign_in(member), member, VIEWS[kind])
    assert (refused is None) is (kind in ENTERS[name])
    if refused is not None:
        assert refused.status_code == 403


@pytest.mark.parametrize("kind", [kind for kind in VIEWS if kind != "public"])
@pytest.mark.parametrize("name", ENTERS)
def test_a_picture_is_asked_the_same(sign_in: SignIn, name: str, kind: str) -> None:
    """The short way of pictures past the middleware admits whom the middleware would."""
    member = factories.person(name)
    request = RequestFactory().get("/somewhere/")
    request.session = sign_in(member).session
    request.user = member
    assert passes(request, member, VIEWS[kind]) is (kind in ENTERS[name])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"standing": "applicant", "verified_until": None}, "Your application is being read"),
        ({"standing": "declined"}, "Your application was declined"),
        ({"standing": "lapsed"}, "Your membership has lapsed"),
        ({"verified_until": date(2020, 1, 31)}, "Your membership has lapsed"),
        ({"standing": "suspended"}, "Your account is suspended"),
        ({"is_privacy_officer": True}, "This page is not open to you"),
        ({}, "This page is not open to you"),
    ],
)
def test_refusal_says_what_to_do_next(sign_in: SignIn, fields: dict[str, Any], sentence: str) -> None:
    response = sign_in(factories.member(**fields)).get(reverse("accounts:queue"))
    assert response.status_code == 403
    if fields.get("is_privacy_officer"):
        sentence = "This page is for members"
    assert sentence in response.content.decode()


def test_suspension_ends_the_session_with_the_next_request(sign_in: SignIn, alice: Member) -> None:
    client = sign_in(alice)
    assert client.get(reverse("accounts:me")).status_code == 200
    Member.objects.filter(pk=alice.pk).update(standing="suspended")
    assert client.get(reverse("accounts:me")).status_code == 403
    assert SESSION_KEY not in client.session
    assert client.get(reverse("accounts:me")).status_code == 302


def test_lapse_closes_with_the_next_request(sign_in: SignIn, mod1: Member) -> None:
    client = sign_in(mod1)
    assert client.get(reverse("accounts:queue")).status_code == 200
    Member.objects.filter(pk=mod1.pk).update(verified_until="2020-01-31")
    assert client.get(reverse("accounts:queue")).status_code == 403


@pytest.mark.parametrize(("age_hours", "status"), [(0, 200), (11.9, 200), (12.1, 302), (None, 302)])
def test_session_ends_after_twelve_hours(sign_in: SignIn, alice: Member, age_hours: float | None, status: int) -> None:
    client = sign_in(alice)
    session = client.session
    if age_hours is None:
        del session[SIGNED_IN_AT]
    else:
        session[SIGNED_IN_AT] = int(time.time() - age_hours * 3600)
    session.save()
    response = client.get(reverse("accounts:me"))
    assert response.status_code == status
    assert (SESSION_KEY in client.session) is (status == 200)


@pytest.mark.parametrize("words", [(), ("stranger",), ("member", "staff")])
def test_unknown_audience_is_a_mistake(words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="open_to takes"):
        open_to(*words)  # type: ignore[arg-type]
