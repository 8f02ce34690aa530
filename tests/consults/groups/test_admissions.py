"""Joining a group: by request, which a moderator answers, or by invitation, which the member answers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consults.exceptions import ChangeRefused
from consults.groups import admissions
from consults.groups.models import Kind, Way
from consults.models import Admission, Group, GroupProposal, GroupRemoval
from consults.tasks import expire_admissions
from tests import factories
from tests.consults.groups.making import group

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Group:
    """An open group that alice moderates; nobody else is in it."""
    return group("Hall", kind=Kind.OPEN)


def verbs() -> list[str]:
    return list(Event.objects.filter(verb__startswith="group.").order_by("at").values_list("verb", flat=True))


def told() -> list[str]:
    return [message.to[0] for message in mail.outbox]


def test_a_request_is_accepted(hall: Group, alice: Member, bob: Member, run_jobs: Callable[[], int]) -> None:
    asked = admissions.request(group=hall, by=bob)
    run_jobs()
    assert told() == [alice.email]
    assert not hall.members.contains(bob)
    admissions.accept(admission=asked, by=alice)
    run_jobs()
    assert told() == [alice.email, bob.email]
    assert not any("Hall" in message.body + message.subject for message in mail.outbox)
    assert hall.members.contains(bob)
    assert not hall.memberships.get(member=bob).is_moderator
    assert verbs() == ["group.requested", "group.joined"]
    with pytest.raises(ChangeRefused):
        admissions.accept(admission=asked, by=alice)


def test_a_request_is_refused_with_a_reason(
    hall: Group, alice: Member, bob: Member, run_jobs: Callable[[], int], sign_in: Callable[[object], Client]
) -> None:
    asked = admissions.request(group=hall, by=bob)
    with pytest.raises(ChangeRefused):
        admissions.refuse(admission=asked, by=alice)
    with pytest.raises(ChangeRefused):
        admissions.refuse(admission=asked, by=alice, reason="other", words="Call 0532 123 45 67")
    with pytest.raises(IntegrityError), transaction.atomic():
        Admission.objects.update(state="refused")
    admissions.refuse(admission=asked, by=alice, reason="full", words="Ask again in spring.")
    run_jobs()
    assert told()[-1] == bob.email
    page = sign_in(bob).get(reverse("consults:groups")).content.decode()
    assert "was not accepted" in page
    assert "Ask again in spring." in page
    assert not hall.members.contains(bob)
    with pytest.raises(ChangeRefused):
        admissions.request(group=hall, by=bob)
    assert verbs() == ["group.requested", "group.not_joined"]


def test_an_invitation_is_accepted(alice: Member, bob: Member, run_jobs: Callable[[], int]) -> None:
    hidden = group()
    invited = admissions.invite(group=hidden, member=bob, by=alice)
    run_jobs()
    assert told() == [bob.email]
    with pytest.raises(ChangeRefused):
        admissions.accept(admission=invited, by=alice)
    admissions.accept(admission=invited, by=bob)
    assert hidden.members.contains(bob)
    assert verbs() == ["group.invited", "group.joined"]


def test_an_invitation_is_declined(alice: Member, bob: Member) -> None:
    hidden = group()
    admissions.refuse(admission=admissions.invite(group=hidden, member=bob, by=alice), by=bob)
    again = admissions.invite(group=hidden, member=bob, by=alice)
    admissions.take_back(admission=again, by=alice)
    with pytest.raises(ChangeRefused):
        admissions.accept(admission=again, by=bob)
    with pytest.raises(ChangeRefused):
        admissions.refuse(admission=again, by=bob)
    with pytest.raises(ChangeRefused):
        admissions.take_back(admission=again, by=alice)
    assert not hidden.members.contains(bob)
    assert verbs()[-1] == "group.admission_taken_back"


def test_an_invitation_ends_after_thirty_days(alice: Member, bob: Member) -> None:
    hidden = group()
    invited = admissions.invite(group=hidden, member=bob, by=alice)
    assert timedelta(days=29) < invited.expires_at - timezone.now() <= timedelta(days=30)
    Admission.objects.update(expires_at=timezone.now())
    with pytest.raises(ChangeRefused):
        admissions.accept(admission=invited, by=bob)
    again = admissions.invite(group=hidden, member=bob, by=alice)
    invited.refresh_from_db()
    assert (invited.state, again.state) == ("expired", "waiting")
    expire_admissions()
    again.refresh_from_db()
    assert again.state == "waiting"
    Admission.objects.update(expires_at=timezone.now())
    expire_admissions()
    again.refresh_from_db()
    assert again.state == "expired"


@pytest.mark.parametrize(
    ("who", "open_to_nurses", "allowed"),
    [
        ("bob", False, True),
        ("student", False, True),
        ("resident", False, True),
        ("nurse", False, False),
        ("nurse", True, True),
        ("alice", False, False),
        ("suspended", False, False),
        ("lapsed", False, False),
        ("applicant", False, False),
        ("officer", False, False),
        ("admin", False, False),
    ],
)
def test_who_is_invited(who: str, open_to_nurses: bool, allowed: bool, alice: Member) -> None:
    one = group(moderators=("alice", "mod1"), open_to_nurses=open_to_nurses)
    by = factories.person("mod1")
    if allowed:
        assert admissions.invite(group=one, member=factories.person(who), by=by).pk
    else:
        with pytest.raises(ChangeRefused):
            admissions.invite(group=one, member=factories.person(who), by=by)


@pytest.mark.parametrize("by", ["bob", "nurse", "mod1", "admin", "suspended"])
def test_only_a_moderator_invites(by: str) -> None:
    one = group(moderators=("alice", "suspended"), members=("bob", "nurse"))
    with pytest.raises(ChangeRefused):
        admissions.invite(group=one, member=factories.person("resident"), by=factories.person(by))


def test_one_thing_waits_at_a_time(hall: Group, alice: Member, bob: Member) -> None:
    admissions.request(group=hall, by=bob)
    for attempt in (
        lambda: admissions.request(group=hall, by=bob),
        lambda: admissions.invite(group=hall, member=bob, by=alice),
    ):
        with pytest.raises(ChangeRefused):
            attempt()
    with pytest.raises(IntegrityError), transaction.atomic():
        Admission.objects.create(group=hall, member=bob, way=Way.INVITATION, by=alice)
    resident = factories.person("resident")
    admissions.invite(group=hall, member=resident, by=alice)
    for attempt in (
        lambda: admissions.request(group=hall, by=resident),
        lambda: admissions.invite(group=hall, member=resident, by=alice),
    ):
        with pytest.raises(ChangeRefused):
            attempt()


@pytest.mark.parametrize(("way", "by"), [(Way.REQUEST, "alice"), (Way.INVITATION, "bob")])
def test_the_database_knows_who_asks_whom(hall: Group, way: str, by: str, bob: Member) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Admission.objects.create(group=hall, member=bob, way=way, by=factories.person(by))


def test_whoever_is_suspended_meanwhile_does_not_join(hall: Group, alice: Member, bob: Member) -> None:
    asked = admissions.request(group=hall, by=bob)
    Member.objects.filter(pk=bob.pk).update(standing="suspended")
    with pytest.raises(ChangeRefused):
        admissions.accept(admission=asked, by=alice)
    assert not hall.members.contains(bob)


def test_a_nurse_does_not_join_a_group_that_was_shut_to_them(alice: Member, nurse: Member) -> None:
    one = group(open_to_nurses=True, kind=Kind.OPEN)
    asked = admissions.request(group=one, by=nurse)
    Group.objects.update(open_to_nurses=False)
    with pytest.raises(ChangeRefused):
        admissions.accept(admission=asked, by=alice)


def test_limits(settings: Any, alice: Member, bob: Member) -> None:
    settings.RULES = settings.RULES | {"group_requests_waiting": 1, "group_invitations_a_day": 1}
    one, other = group("One", kind=Kind.OPEN), group("Other", kind=Kind.OPEN)
    admissions.request(group=one, by=bob)
    with pytest.raises(ChangeRefused):
        admissions.request(group=other, by=bob)
    admissions.invite(group=one, member=factories.person("mod1"), by=alice)
    with pytest.raises(ChangeRefused):
        admissions.invite(group=one, member=factories.person("mod2"), by=alice)


def test_mails_of_what_is_over_are_not_sent(
    hall: Group, alice: Member, bob: Member, run_jobs: Callable[[], int]
) -> None:
    admissions.take_back(admission=admissions.request(group=hall, by=bob), by=bob)
    admissions.take_back(admission=admissions.invite(group=hall, member=bob, by=alice), by=alice)
    run_jobs()
    assert mail.outbox == []


def test_what_was_answered_is_forgotten_after_a_year(hall: Group, alice: Member, bob: Member) -> None:
    admissions.refuse(admission=admissions.request(group=hall, by=bob), by=alice, reason="full")
    waiting = admissions.request(group=hall, by=factories.person("resident"))
    GroupRemoval.objects.create(group=hall, member=bob, by=alice, reason="moved")
    GroupProposal.objects.create(name="Nails", by=alice, second=bob, state="refused", decided_at=timezone.now())
    assert admissions.forget() == 0
    long_ago = timezone.now() - timedelta(days=366)
    Admission.objects.filter(state="refused").update(decided_at=long_ago)
    GroupProposal.objects.update(decided_at=long_ago)
    GroupRemoval.objects.update(at=long_ago)
    assert admissions.forget() == 3
    assert list(Admission.objects.all()) == [waiting]


def test_the_pages(hall: Group, alice: Member, bob: Member, sign_in: Callable[[object], Client]) -> None:
    client, moderator = sign_in(bob), sign_in(alice)
    at, members = (reverse(f"consults:{name}", args=[hall.pk]) for name in ("group", "group_members"))
    assert "Ask to join" in client.get(at).content.decode()
    assert client.post(reverse("consults:group_join", args=[hall.pk]))["Location"] == at
    assert "have not answered yet" in client.get(at).content.decode()
    assert client.post(reverse("consults:group_join", args=[hall.pk])).status_code == 403
    asked = reverse("consults:group_admission", args=[Admission.objects.get().pk])
    assert "1 request waits" in moderator.get(reverse("consults:groups")).content.decode()
    assert "1 member asks to join" in moderator.get(at).content.decode()
    assert bob.name in moderator.get(members).content.decode()
    assert "Harbour Hospital" in moderator.get(asked).content.decode()
    page = moderator.post(asked, {"action": "refuse"})
    assert (page.status_code, "Choose a reason" in page.content.decode()) == (422, True)
    words = {"action": "refuse", "reason": "full", "words": "Call 0532 123 45 67"}
    assert moderator.post(asked, words).status_code == 422
    assert moderator.post(asked, words | {"words": ""})["Location"] == members
    assert "You can ask again after 30 days" in client.get(at).content.decode()
    assert moderator.post(members, {"email": "nobody@lake.example"}).status_code == 422
    assert moderator.post(members, {"email": alice.email}).status_code == 422
    assert moderator.post(members, {"email": bob.email})["Location"] == members
    assert "Invited, and not answered yet" in moderator.get(members).content.decode()
    invited = reverse("consults:group_admission", args=[Admission.objects.get(way="invitation").pk])
    assert "invites you to" in client.get(reverse("consults:groups")).content.decode()
    assert "You are invited" in client.get(at).content.decode()
    assert client.post(invited, {})["Location"] == invited  # no button, no answer
    assert Admission.objects.filter(state="waiting").exists()
    assert client.post(invited, {"action": "refuse"})["Location"] == reverse("consults:groups")
    moderator.post(members, {"email": bob.email})
    again = reverse("consults:group_admission", args=[Admission.objects.get(state="waiting").pk])
    assert client.get(again).status_code == 200
    assert client.post(again, {"action": "accept"})["Location"] == at
    assert hall.members.contains(bob)
    assert client.post(again, {"action": "accept"}).status_code == 404


def test_a_change_between_two_clicks_is_told(hall: Group, alice: Member, nurse: Member, sign_in: Any) -> None:
    Group.objects.update(open_to_nurses=True)
    asked = admissions.request(group=hall, by=nurse)
    Group.objects.update(open_to_nurses=False)
    page = sign_in(alice).post(reverse("consults:group_admission", args=[asked.pk]), {"action": "accept"}, follow=True)
    assert "not open to nurses" in page.content.decode()


def test_who_belongs_is_shown_to_those_who_belong(hall: Group, sign_in: Callable[[object], Client]) -> None:
    address = reverse("consults:group_members", args=[hall.pk])
    for name, status in (("alice", 200), ("physician", 403), ("officer", 403)):
        assert sign_in(factories.person(name)).get(address).status_code == status, name
    Group.objects.filter(pk=hall.pk).update(kind=Kind.CLOSED)
    assert sign_in(factories.person("physician")).get(address).status_code == 404
