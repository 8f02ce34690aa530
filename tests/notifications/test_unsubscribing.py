"""One click stops mails of a kind, without a sign-in, by POST alone (RFC 8058)."""

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts.models import Member, Standing
from notifications.models import Preference
from notifications.notices import Kind
from notifications.notices.unsubscribing import path_of, read
from tests.notifications.making import deliver, digest_is_due, prefers, told

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def link_in(message: object) -> str:
    """The path of the header's link."""
    return message.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")


def stranger() -> Client:
    return Client(enforce_csrf_checks=True)


def test_a_mail_program_stops_a_kind(bob: Member) -> None:
    prefers(bob)
    told(bob, Kind.MENTION)
    link = link_in(deliver()[0])
    assert stranger().get(link).status_code == 200
    assert Preference.objects.get().choices == {}  # looking stops nothing
    answer = stranger().post(link, ONE_CLICK)
    assert (answer.status_code, answer.cookies.get("rete_session")) == (200, None)
    assert Preference.objects.get().choices == {"mention": "in_app"}
    assert stranger().post(link, ONE_CLICK).status_code == 200
    told(bob, Kind.MENTION)
    assert deliver() == []


def test_a_mail_about_two_kinds_stops_both_and_no_other(bob: Member) -> None:
    prefers(bob)
    told(bob, Kind.MENTION)
    told(bob, Kind.SENT_BACK)
    [sent] = deliver()
    assert {kind.value for kind in read(link_in(sent).split("/")[-2]).kinds} == {"mention", "sent_back"}
    stranger().post(link_in(sent), ONE_CLICK)
    assert set(Preference.objects.get().choices) == {"mention", "sent_back"}


def test_the_digest_stops_whole(bob: Member) -> None:
    prefers(bob)
    told(bob, Kind.POLL)
    digest_is_due(bob)
    stranger().post(link_in(deliver()[0]), ONE_CLICK)
    row = Preference.objects.get()
    assert (row.rhythm, row.digest_due_at, row.choices) == ("never", None, {})


@pytest.mark.parametrize("signed", ["nothing", {"m": "x", "k": []}, {"k": []}, [], {"m": "0" * 32, "k": []}], ids=str)
def test_a_link_that_is_not_ours(signed: object) -> None:
    token = "nonsense" if signed == "nothing" else signing.dumps(signed, salt="notifications.unsubscribe")
    for answer in (
        stranger().get(reverse("notifications:stop", args=[token])),
        stranger().post(reverse("notifications:stop", args=[token]), ONE_CLICK),
    ):
        assert answer.status_code == 404
    assert not Preference.objects.exists()


def test_a_link_of_another_purpose_or_of_whoever_left(bob: Member) -> None:
    other = signing.dumps({"m": bob.pk.hex, "k": []}, salt="another")
    assert read(other) is None
    of_no_kind = signing.dumps({"m": bob.pk.hex, "k": ["pigeon"]}, salt="notifications.unsubscribe")
    assert read(of_no_kind) is None
    link = path_of(bob, [Kind.MENTION])
    Member.objects.filter(pk=bob.pk).update(standing=Standing.ERASED)
    assert stranger().post(link, ONE_CLICK).status_code == 404
