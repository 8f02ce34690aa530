"""The view that sends a picture."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from accounts.security.models import Session
from audit.models import PictureServed
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
