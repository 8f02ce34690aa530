"""A group is proposed by one specialist and confirmed by a second one; or made, empty, by an administrator."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consults.exceptions import ChangeRefused
from consults.groups import founding
from consults.groups.naming import NameRefused
from consults.models import Group, GroupProposal
from consults.tasks import expire_admissions
from tests import factories
from tests.consults.groups.making import group

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {
    "name": "Nail surgery",
    "description": "Difficult nails",
    "purpose": "subspecialty",
    "kind": "open",
    "open_to_nurses": False,
}


def proposed(by: str = "alice", second: str = "bob", **facts: Any) -> GroupProposal:
    return founding.propose(by=factories.person(by), second=factories.person(second), **FACTS | facts)


def verbs() -> set[str]:
    return set(Event.objects.filter(verb__startswith="group.").values_list("verb", flat=True))


def test_two_specialists_found_a_group(alice: Member, bob: Member, run_jobs: Callable[[], int]) -> None:
    made = proposed()
    run_jobs()
    assert [(m.to, FACTS["name"] in m.body + m.subject) for m in mail.outbox] == [([bob.email], False)]
    assert not Group.objects.exists()
    group = founding.answer_proposal(proposal=made, by=bob, confirm=True)
    assert group is not None
    assert group.members.count() == group.memberships.filter(is_moderator=True).count() == 2
    assert (group.name, group.kind, group.purpose) == ("Nail surgery", "open", "subspecialty")
    assert GroupProposal.objects.get().group == group
    run_jobs()
    assert mail.outbox[-1].to == [alice.email]
    assert verbs() == {"group.proposed", "group.proposal_answered", "group.made"}
    with pytest.raises(ChangeRefused):
        founding.answer_proposal(proposal=made, by=bob, confirm=True)


def test_a_refused_or_taken_back_proposal_makes_no_group(alice: Member, bob: Member) -> None:
    assert founding.answer_proposal(proposal=proposed(), by=bob, confirm=False) is None
    again = proposed()  # the name is free again
    founding.take_back_proposal(proposal=again, by=alice)
    with pytest.raises(ChangeRefused):
        founding.take_back_proposal(proposal=again, by=alice)
    with pytest.raises(ChangeRefused):
        founding.answer_proposal(proposal=again, by=bob, confirm=True)
    assert not Group.objects.exists()
    assert "group.proposal_taken_back" in verbs()


@pytest.mark.parametrize(
    ("by", "second", "allowed"),
    [
        ("alice", "bob", True),
        ("alice", "mod2", True),
        ("alice", "alice", False),
        ("alice", "resident", False),
        ("alice", "physician", False),
        ("alice", "nurse", False),
        ("alice", "student", False),
        ("alice", "suspended", False),
        ("alice", "officer", False),
        ("alice", "admin", False),
        ("resident", "bob", False),
        ("nurse", "bob", False),
        ("suspended", "bob", False),
        ("admin", "bob", False),
    ],
)
def test_who_proposes_to_whom(by: str, second: str, allowed: bool) -> None:
    if allowed:
        assert proposed(by, second).pk
    else:
        with pytest.raises(ChangeRefused):
            proposed(by, second)
    assert GroupProposal.objects.count() == allowed


def test_whoever_proposed_it_must_still_be_a_specialist(alice: Member, bob: Member) -> None:
    made = proposed()
    Member.objects.filter(pk=alice.pk).update(standing="suspended")
    with pytest.raises(ChangeRefused):
        founding.answer_proposal(proposal=made, by=bob, confirm=True)
    assert not Group.objects.exists()


@pytest.mark.parametrize("there", ["closed", "ended", "proposed", "reserved"])
def test_the_refusal_of_a_name_does_not_tell_what_is_there(there: str) -> None:
    name = "Nail  Surgery"
    if there == "reserved":
        name = "Moderators"
    elif there == "proposed":
        proposed("mod1", "mod2")
    else:
        group("nail-surgery", **({"ended_at": timezone.now()} if there == "ended" else {}))
    with pytest.raises(NameRefused) as refused:
        proposed(name=name)
    assert refused.value.sentence.startswith("This name cannot be used")
    assert "group.name_refused" in verbs()


def test_nobody_tries_names_all_day(settings: Any) -> None:
    settings.RULES = settings.RULES | {"group_names_a_day": 2}
    for _ in range(2):
        with pytest.raises(NameRefused):
            proposed(name="Everybody")
    with pytest.raises(ChangeRefused, match="ChangeRefused"):
        proposed()
    assert proposed("mod1").pk
    Event.objects.filter(verb="group.name_refused").count()
    assert not GroupProposal.objects.filter(by=factories.person("alice")).exists()


def test_nobody_proposes_without_end(settings: Any, alice: Member) -> None:
    settings.RULES = settings.RULES | {"group_proposals_waiting": 2, "group_proposals_a_month": 3}
    first = proposed(name="First")
    proposed(name="Second")
    with pytest.raises(ChangeRefused):
        proposed(name="Third")
    founding.take_back_proposal(proposal=first, by=alice)
    third = proposed(name="Third")
    founding.take_back_proposal(proposal=third, by=alice)
    with pytest.raises(ChangeRefused):
        proposed(name="Fourth")
    GroupProposal.objects.update(made_at=timezone.now() - timedelta(days=31))
    assert proposed(name="Fourth").pk


def test_a_proposal_that_nobody_answers_ends(bob: Member) -> None:
    made = proposed()
    GroupProposal.objects.update(expires_at=timezone.now())
    with pytest.raises(ChangeRefused):
        founding.answer_proposal(proposal=made, by=bob, confirm=True)
    again = proposed()
    assert GroupProposal.objects.get(pk=made.pk).state == "expired"
    GroupProposal.objects.update(expires_at=timezone.now())
    expire_admissions()
    assert GroupProposal.objects.get(pk=again.pk).state == "expired"


def test_a_name_that_was_taken_while_it_waited(bob: Member) -> None:
    made = proposed()
    group("Nail surgery")
    with pytest.raises(NameRefused):
        founding.answer_proposal(proposal=made, by=bob, confirm=True)
    made.refresh_from_db()
    assert made.state == "waiting"


@pytest.mark.parametrize("what", ["name", "description"])
def test_what_could_identify_a_patient_is_refused(what: str) -> None:
    with pytest.raises(ChangeRefused):
        proposed(**{what: "Call 0532 123 45 67"})


def test_the_pages(alice: Member, bob: Member, resident: Member, sign_in: Callable[[object], Client]) -> None:
    new = reverse("consults:group_new")
    assert sign_in(resident).get(new).status_code == 403
    client = sign_in(alice)
    assert "Propose a group" in client.get(reverse("consults:groups")).content.decode()
    page = client.post(new, FACTS | {"second": "nobody@lake.example"})
    assert (page.status_code, "No verified member signs in" in page.content.decode()) == (422, True)
    page = client.post(new, FACTS | {"name": "Everyone", "second": bob.email})
    assert (page.status_code, "This name cannot be used" in page.content.decode()) == (422, True)
    assert client.post(new, FACTS | {"second": alice.email}).status_code == 422
    assert client.post(new, FACTS | {"second": bob.email})["Location"] == reverse("consults:groups")
    at = reverse("consults:group_proposal", args=[GroupProposal.objects.get().pk])
    assert "has not answered yet" in client.get(at).content.decode()
    assert client.post(at, {"action": "confirm"})["Location"] == reverse("consults:groups")  # not one's own
    assert not Group.objects.exists()
    second = sign_in(bob)
    assert "proposes a group with you" in second.get(reverse("consults:groups")).content.decode()
    assert second.post(at, {"action": "take_back"}).status_code == 403
    assert second.post(at, {})["Location"] == at  # no button, no answer
    assert second.post(at, {"action": "confirm"})["Location"] == reverse(
        "consults:group", args=[Group.objects.get().pk]
    )
    assert (
        "No moderator of the site"
        in second.get(reverse("consults:group", args=[Group.objects.get().pk])).content.decode()
    )
    client.post(new, FACTS | {"name": "Hair", "second": bob.email})
    hair = reverse("consults:group_proposal", args=[GroupProposal.objects.get(name="Hair").pk])
    assert client.post(hair, {"action": "take_back"}).status_code == 302
    client.post(new, FACTS | {"name": "Hair", "second": bob.email})
    hair = reverse("consults:group_proposal", args=[GroupProposal.objects.get(name="Hair", state="waiting").pk])
    assert second.post(hair, {"action": "refuse"}).status_code == 302
    assert Group.objects.count() == 1
