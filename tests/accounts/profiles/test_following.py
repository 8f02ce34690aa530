"""Following: who may follow whom, who knows, and what becomes of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.exceptions import NotYours
from accounts.membership import lifecycle
from accounts.models import Follow, Member
from accounts.profiles import service, views
from tests import factories
from tests.accounts.profiles.makers import say

LIST = "/members/following/"


def press(client: Client, of: Member, follow: str = "1", **more: str) -> Any:
    return client.post(reverse("accounts:follow", args=[of.pk]), {"follow": follow, **more})


def test_follow_and_stop(client: Client, alice: Member, bob: Member) -> None:
    client.force_login(alice)
    at = reverse("accounts:profile", args=[bob.pk])
    for _twice in range(2):
        assert press(client, bob)["Location"] == at
    assert Follow.objects.filter(follower=alice, followed=bob).count() == 1
    assert "Stop following" in client.get(at).content.decode()
    assert "Bob" in client.get(LIST).content.decode()
    assert press(client, bob, "0")["Location"] == at
    assert not Follow.objects.exists()
    assert "You follow nobody yet" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("who", "of", "status"),
    [
        ("alice", "bob", 302),
        ("student", "mod1", 302),
        ("alice", "alice", 404),
        ("alice", "officer", 404),
        ("alice", "suspended", 404),
        ("alice", "lapsed", 404),
        ("alice", "applicant", 404),
        ("officer", "bob", 403),
        ("applicant", "bob", 403),
        ("lapsed", "bob", 403),
    ],
)
def test_who_follows_whom(client: Client, who: str, of: str, status: int, db: None) -> None:
    client.force_login(factories.person(who))
    assert press(client, factories.person(of)).status_code == status
    assert Follow.objects.exists() is (status == 302)


def test_whoever_is_away_comes_back_to_the_list(client: Client, alice: Member, bob: Member, admin: Member) -> None:
    service.follow(member=alice, followed=bob)
    client.force_login(alice)
    lifecycle.suspend(member=bob, by=admin, reason="conduct")
    assert "Bob" not in client.get(LIST).content.decode()
    lifecycle.reinstate(member=bob, by=admin, reason="resolved")
    assert "Bob" in client.get(LIST).content.decode()
    lifecycle.suspend(member=bob, by=admin, reason="conduct")
    assert press(client, bob, "0")["Location"] == LIST
    assert not Follow.objects.exists()


def test_nobody_else_knows(client: Client, alice: Member, bob: Member, mod1: Member) -> None:
    service.follow(member=alice, followed=bob)
    for other in (bob, mod1):
        client.force_login(other)
        for of in (alice, bob):
            body = client.get(reverse("accounts:profile", args=[of.pk])).content.decode()
            assert "Stop following" not in body
        assert "You follow nobody yet" in client.get(LIST).content.decode()


def test_there_is_an_end_of_following(client: Client, alice: Member, bob: Member, mod1: Member, settings: Any) -> None:
    settings.RULES = settings.RULES | {"follows": 1}
    client.force_login(alice)
    press(client, bob)
    assert "You follow as many members as one can." in press_and_read(client, mod1)
    assert Follow.objects.count() == 1
    assert "You follow as many" not in press_and_read(client, bob)  # whom one follows already


def press_and_read(client: Client, of: Member) -> str:
    return str(client.post(reverse("accounts:follow", args=[of.pk]), {"follow": "1"}, follow=True).content.decode())


def test_the_service_asks_the_policy(alice: Member, officer: Member) -> None:
    with pytest.raises(NotYours):
        service.follow(member=alice, followed=officer)


def test_nobody_follows_themselves(alice: Member) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Follow.objects.create(follower=alice, followed=alice)


@pytest.mark.parametrize("number", [3, 40])
def test_the_list_is_flat_and_in_pages(
    client: Client, alice: Member, number: int, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "FOLLOWED_ON_A_PAGE", 20)
    for _one in range(number):
        other = factories.member()
        say(other, interests=["hair"])
        service.follow(member=alice, followed=other)
    client.force_login(alice)
    client.get(LIST)
    with django_assert_max_num_queries(6):
        first = client.get(LIST)
    assert len(first.context["cards"]) == min(number, 20)
    assert ("?page=2" in first.content.decode()) is (number > 20)


def test_list_and_profile_have_their_way_back(client: Client, alice: Member, bob: Member) -> None:
    service.follow(member=alice, followed=bob)
    client.force_login(alice)
    assert press(client, bob, "0", back="list")["Location"] == LIST


def test_erased_members_leave_nothing(alice: Member, bob: Member, mod1: Member, run_jobs: Callable[[], int]) -> None:
    from tests.accounts.profiles.makers import full_profile

    full_profile(bob)
    service.follow(member=bob, followed=alice)
    service.follow(member=alice, followed=bob)
    service.follow(member=alice, followed=mod1)
    Member.objects.filter(pk=bob.pk).update(standing="erased")
    with transaction.atomic():
        lifecycle.standing_changed.send(sender=Member, member_id=bob.pk)
    bob = Member.objects.get(pk=bob.pk)
    assert not any((bob.trainings.exists(), bob.positions.exists(), bob.publications.exists(), hasattr(bob, "profile")))
    assert list(Follow.objects.values_list("followed", flat=True)) == [mod1.pk]
