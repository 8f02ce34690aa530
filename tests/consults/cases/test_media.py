"""The view that sends a picture."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from accounts.security.models import Session
from audit import access_log
from audit.models import PictureServed, ViewCount
from consults.models import Release
from core import storage
from imaging.models import Rendition
from tests.consults import reading
from tests.consults.new_case import JPEG
from tests.matrix import journey


def get_picture(member: Member, rendition: Rendition) -> HttpResponse:
    return journey.client_of(member).get(reverse("consults:picture", args=[rendition.pk]))


@pytest.fixture
def rendition(alice: Member) -> Rendition:
    """A picture that members see."""
    reading.case(alice, data=JPEG)
    return Rendition.objects.get(name="display")


def test_a_picture_as_it_is_sent(rendition: Rendition, bob: Member) -> None:
    answer = get_picture(bob, rendition)
    assert answer.content == JPEG
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == "inline"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    served = PictureServed.objects.get()
    assert (served.member_id, served.rendition_id, served.name) == (bob.pk, rendition.pk, "display")


def test_more_than_anybody_looks_at_is_not_sent(rendition: Rendition, bob: Member, settings: Any) -> None:
    settings.RULES = settings.RULES | {"views_an_hour": 1}
    ViewCount.objects.create(member_id=bob.pk, minute=access_log.an_hour_ago() + 30, slot=0, tenths=access_log.TENTHS)
    answer = get_picture(bob, rendition)
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    ViewCount.objects.update(tenths=access_log.TENTHS - 1)
    assert get_picture(bob, rendition).status_code == 200


def test_bytes_that_nobody_reviewed_are_not_sent(rendition: Rendition, bob: Member) -> None:
    """Somebody has edited the row and its release by hand."""
    for rows in (Rendition.objects.filter(pk=rendition.pk), Release.objects.filter(rendition=rendition)):
        rows.update(sha256="0" * 64)
    assert get_picture(bob, rendition).status_code == 404
    assert not PictureServed.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"standing": "suspended"},
        {"verified_until": timezone.localdate() - timedelta(days=1)},
        {"factor_enrolled_at": None},
    ],
)
def test_no_picture_before_the_next_step_of_the_member(
    rendition: Rendition, bob: Member, fields: dict[str, Any]
) -> None:
    client = journey.client_of(bob)
    Member.objects.filter(pk=bob.pk).update(**fields)
    answer = client.get(reverse("consults:picture", args=[rendition.pk]))
    assert answer.status_code in (302, 403)
    assert not PictureServed.objects.exists()


def test_no_other_address_sends_one(rendition: Rendition, bob: Member) -> None:
    client = journey.client_of(bob)
    address = reverse("consults:picture", args=[rendition.pk])
    for other in (address.replace("/m/", "/n/"), address[:-1] + "x", "/x" + address[2:]):
        assert other != address
        assert client.get(other).status_code == 404
    assert not PictureServed.objects.exists()


def test_what_is_not_sent_is_not_logged_as_sent(rendition: Rendition, nurse: Member) -> None:
    answer = get_picture(nurse, rendition)
    assert answer.status_code == 404
    assert "no-store" in answer["Cache-Control"]
    assert not PictureServed.objects.exists()


def test_a_copied_address_is_worth_nothing(rendition: Rendition, bob: Member) -> None:
    client = journey.client_of(bob)
    address = reverse("consults:picture", args=[rendition.pk])
    assert client.get(address).status_code == 200
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    client.post(reverse("account_logout"))
    assert client.get(address).status_code == 302


@pytest.mark.parametrize(
    ("ending", "status"), [("x.css", 404), ("x.css/", 404), ("?size=full", 200), ("thumbnail/", 404), (".jpg", 404)]
)
def test_only_the_exact_address(rendition: Rendition, bob: Member, ending: str, status: int) -> None:
    answer = journey.client_of(bob).get(reverse("consults:picture", args=[rendition.pk]) + ending)
    assert answer.status_code == status
    assert "no-store" in answer["Cache-Control"]


def test_an_unreachable_store_is_a_moments_trouble(
    rendition: Rendition, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*args: object, **named: object) -> bytes:
        raise storage.StorageUnavailable("EndpointConnectionError")

    monkeypatch.setattr(storage, "get_sealed", unreachable)
    answer = get_picture(bob, rendition)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert not PictureServed.objects.exists()


def test_looking_at_pictures_alone_keeps_a_session_alive(rendition: Rendition, bob: Member) -> None:
    client = journey.client_of(bob)
    address = reverse("consults:picture", args=[rendition.pk])
    client.get(address)
    soon = timezone.now() + timedelta(minutes=5)
    Session.objects.update(expire_date=soon)

    answer = client.get(address)

    assert Session.objects.get().expire_date > soon + timedelta(minutes=50)
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == settings.SESSION_COOKIE_AGE
    kept = Session.objects.get().expire_date
    again = client.get(address)  # within the same minute nothing is written
    assert Session.objects.get().expire_date == kept
    assert settings.SESSION_COOKIE_NAME not in again.cookies


def test_a_picture_that_is_not_sent_keeps_no_session_alive_of_somebody_signed_out(rendition: Rendition) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert client.get(reverse("consults:picture", args=[rendition.pk])).status_code == 302
    assert not Session.objects.exists()
