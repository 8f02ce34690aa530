"""Whose mark is this: for officers alone, after a reason and their password, with a line for each member named."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.membership.numbers import in_two
from accounts.models import Member
from audit.models import Event, PictureServed
from compliance.audit import marks
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/consent-audit/mark/"


def asked(number: str, **changes: Any) -> dict[str, Any]:
    return {"number": number, "seen_at": "", "reason": "incident"} | changes


def lines() -> list[tuple[object, object]]:
    return list(Event.objects.filter(verb="viewer_mark.resolved").values_list("actor_id", "subject_id"))


def test_once_more_who_is_there(signed_in: Client) -> None:
    bob = factories.person("bob")
    for answer in (signed_in.get(PAGE), signed_in.post(PAGE, asked(bob.number))):
        assert (answer.status_code, answer["Location"]) == (302, f"{reverse('account_reauthenticate')}?next={PAGE}")
    assert lines() == []


def test_a_number_names_its_member_and_leaves_a_line(at_work: Client, officer: Member) -> None:
    alice, bob = factories.person("alice"), factories.person("bob")
    assert bob.name not in at_work.get(PAGE).content.decode()
    page = at_work.post(PAGE, asked(in_two(bob.number).lower())).content.decode()

    assert bob.name in page
    assert alice.name not in page
    assert lines() == [(officer.pk, bob.pk)]
    event = Event.objects.get(verb="viewer_mark.resolved")
    assert (event.subject_type, event.facts) == ("member", {"reason": "incident"})


def test_with_some_of_it_unreadable(at_work: Client) -> None:
    for number, name in (("AAAA0000", "Ada"), ("AAAA1111", "Eve"), ("BBBB0000", "Kay")):
        factories.member(number=number, name=f"Somebody {name}")
    page = at_work.post(PAGE, asked("AAAA-????")).content.decode()

    assert [name in page for name in ("Somebody Ada", "Somebody Eve", "Somebody Kay")] == [True, True, False]
    assert len(lines()) == 2


def test_nobody(at_work: Client, officer: Member) -> None:
    Member.objects.filter(pk=officer.pk).update(number="BBBBBBBB")
    page = at_work.post(PAGE, asked("AAAAAAAA")).content.decode()

    assert "No member has this number." in page
    assert [actor for actor, _about in lines()] == [officer.pk]
    assert Event.objects.get(verb="viewer_mark.resolved").subject_type == "mark"


def test_too_many_are_not_all_named(at_work: Client) -> None:
    for last in range(marks.MOST + 2):
        factories.member(number=f"ZZZZ{last:04}")
    page = at_work.post(PAGE, asked("ZZZZ????")).content.decode()

    assert "More members fit." in page
    assert page.count("<code>ZZZZ") == len(lines()) == marks.MOST


def test_how_many_pictures_before(at_work: Client) -> None:
    bob, at = factories.person("bob"), timezone.now().replace(second=0, microsecond=0)
    for hours in (1, 2, 30, -1):
        PictureServed.objects.create(
            at=at - timedelta(hours=hours), member_id=bob.pk, rendition_id=bob.pk, name="display"
        )
    page = at_work.post(PAGE, asked(bob.number, seen_at=at.strftime("%Y-%m-%dT%H:%M"))).content.decode()
    assert "2 pictures" in page
    assert "pictures" not in at_work.post(PAGE, asked(bob.number)).content.decode().partition(bob.name)[2][:200]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"number": "K7Q2"}, "no number of a mark"),
        ({"number": ""}, "Write the number"),
        ({"reason": ""}, "Reason"),
        ({"reason": "curiosity"}, "Reason"),
        ({"seen_at": "yesterday"}, "Date and time"),
    ],
)
def test_refused(at_work: Client, changes: dict[str, str], sentence: str) -> None:
    answer = at_work.post(PAGE, asked("AAAAAAAA") | changes)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert lines() == []
