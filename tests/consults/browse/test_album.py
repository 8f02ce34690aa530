"""Albums of closed teaching cases: ordered, and each reader sees what the gate shows them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.browse import album_page
from consults.exceptions import ChangeRefused
from consults.groups.rooms import writing
from consults.models import AlbumCase, Case, Group, Post
from tests import factories
from tests.consults import reading
from tests.consults.groups.making import group

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Group:
    """A group of alice, bob and a student."""
    return group(members=("bob", "student"))


@pytest.fixture
def album(hall: Group, alice: Member) -> Post:
    return writing.open_album(group=hall, by=alice, title="Nails")


def taught(alice: Member, title: str, **fields: Any) -> Case:
    return reading.closed(reading.case(alice, kind="teaching", title=title, **fields), "actinic-keratosis")


def titles(client: Client, album: Post) -> list[str]:
    return [card.title for card in client.get(reverse("consults:album", args=[album.pk])).context["cards"]]


def test_only_closed_teaching_cases_of_the_audience_are_added(hall: Group, album: Post, alice: Member) -> None:
    ward = group("Ward")
    allowed = [taught(alice, "Ours", group=hall), taught(alice, "Everybody's")]
    refused = [
        taught(alice, "Another's", group=ward),
        reading.case(alice, kind="teaching", group=hall),
        reading.closed(reading.case(alice, group=hall), "actinic-keratosis"),
    ]
    for case in allowed:
        album_page.add(album=album, by=alice, case_id=case.pk)
        album_page.add(album=album, by=alice, case_id=case.pk)
    for case in refused:
        with pytest.raises(ChangeRefused):
            album_page.add(album=album, by=alice, case_id=case.pk)
    with pytest.raises(ChangeRefused):
        album_page.add(album=album, by=alice, case_id=None)
    with pytest.raises(ChangeRefused):
        album_page.add(album=album, by=factories.person("bob"), case_id=allowed[0].pk)
    assert list(album.places.values_list("case__title", flat=True)) == ["Ours", "Everybody's"]


def test_an_album_holds_so_many(hall: Group, album: Post, alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(album_page, "MOST_IN_ALBUM", 1)
    album_page.add(album=album, by=alice, case_id=taught(alice, "First").pk)
    with pytest.raises(ChangeRefused):
        album_page.add(album=album, by=alice, case_id=taught(alice, "Second").pk)


def test_the_page_orders_adds_and_takes_out(
    hall: Group, album: Post, alice: Member, sign_in: Callable[[object], Client]
) -> None:
    client, at = sign_in(alice), reverse("consults:album_cases", args=[album.pk])
    first, second = taught(alice, "First", group=hall), taught(alice, "Second", group=hall)
    assert "First" in client.get(reverse("consults:album", args=[album.pk])).content.decode()
    for case in (first, second):
        client.post(at, {"action": "add", "case": str(case.pk)})
    assert titles(client, album) == ["First", "Second"]
    client.post(at, {"action": "up", "case": str(second.pk)})
    client.post(at, {"action": "up", "case": str(second.pk)})
    assert titles(client, album) == ["Second", "First"]
    client.post(at, {"action": "remove", "case": str(second.pk)})
    client.post(at, {"action": "remove", "case": "nonsense"})
    client.post(at, {"action": "add", "case": "nonsense"})
    assert titles(client, album) == ["First"]
    assert Event.objects.filter(verb="album.changed").count() == 3
    student = sign_in(factories.person("student"))
    assert titles(student, album) == ["First"]
    student.post(at, {"action": "remove", "case": str(first.pk)})
    assert titles(student, album) == ["First"]
    assert student.get(reverse("consults:post", args=[album.pk])).status_code == 302


def test_a_case_that_is_gone_is_in_no_album(
    hall: Group, album: Post, alice: Member, sign_in: Callable[[object], Client], run_jobs: Callable[[], int]
) -> None:
    case = taught(alice, "First", group=hall)
    album_page.add(album=album, by=alice, case_id=case.pk)
    client = sign_in(factories.person("bob"))
    assert titles(client, album) == ["First"]
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    assert titles(client, album) == []
    run_jobs()
    assert not AlbumCase.objects.exists()
