"""A group's life: what it says of itself, moderators, leaving, removal, and its end; and administrators without one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from audit.models import Event
from consults.cases import gate
from consults.cases.gate.listing import compare
from consults.exceptions import ChangeRefused
from consults.groups import admissions, running
from consults.groups.models import Kind
from consults.models import Admission, Case, Group, GroupRemoval, Membership
from core import permissions
from tests import factories
from tests.accounts.appointments.test_appointments import confirmed
from tests.consults import reading
from tests.consults.groups.making import group, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Group:
    """A closed group of alice, who moderates it, and bob."""
    return group("Hall", members=("bob",))


def verbs() -> set[str]:
    return set(Event.objects.filter(verb__startswith="group.").values_list("verb", flat=True))


# --- Moderators


def test_a_moderator_appoints_and_steps_back(
    hall: Group, alice: Member, bob: Member, run_jobs: Callable[[], int]
) -> None:
    with pytest.raises(ChangeRefused):
        running.step_back(group=hall, by=alice)
    with pytest.raises(ChangeRefused):
        running.leave(group=hall, by=alice)
    running.appoint(place=place(hall, bob), by=alice)
    run_jobs()
    assert [message.to for message in mail.outbox] == [[bob.email]]
    running.step_back(group=hall, by=alice)
    assert not place(hall, alice).is_moderator
    with pytest.raises(ChangeRefused):
        running.step_back(group=hall, by=alice)
    with pytest.raises(ChangeRefused):
        running.appoint(place=place(hall, alice), by=alice)
    assert verbs() == {"group.moderator_appointed", "group.moderator_stepped_back"}


@pytest.mark.parametrize("other", ["suspended", "lapsed"])
def test_a_moderator_who_is_gone_does_not_count_as_another(other: str, alice: Member) -> None:
    one = group(moderators=("alice", other))
    for act in (running.step_back, running.leave):
        with pytest.raises(ChangeRefused):
            act(group=one, by=alice)


@pytest.mark.parametrize("who", ["nurse", "student", "suspended", "mod1"])
def test_who_is_not_appointed(who: str, alice: Member) -> None:
    one = group(moderators=("alice", "mod1"), members=("nurse", "student", "suspended"))
    with pytest.raises(ChangeRefused):
        running.appoint(place=place(one, who), by=alice)


# --- Leaving and removal


def test_whoever_leaves_loses_the_cases(hall: Group, alice: Member, bob: Member) -> None:
    case = reading.case(alice, group=hall)
    assert gate.visible_cases(bob).contains(case)
    running.leave(group=hall, by=bob)
    assert not gate.visible_cases(bob).exists()
    with pytest.raises(ChangeRefused):
        running.leave(group=hall, by=bob)
    assert "group.left" in verbs()


def test_whoever_is_removed_reads_why(
    hall: Group, alice: Member, bob: Member, run_jobs: Callable[[], int], sign_in: Callable[[object], Client]
) -> None:
    reading.case(alice, group=hall)
    with pytest.raises(ChangeRefused):
        running.remove(place=place(hall, bob), by=alice, reason="other", words="Call 0532 123 45 67")
    running.remove(place=place(hall, bob), by=alice, reason="moved", words="Come back any time.")
    assert not gate.visible_cases(bob).exists()
    run_jobs()
    assert [message.to for message in mail.outbox] == [[bob.email]]
    page = sign_in(bob).get(reverse("consults:groups")).content.decode()
    assert "Come back any time." in page
    assert "Hall" not in page  # it is a closed group, and theirs no more
    Group.objects.update(kind=Kind.INVITED)
    assert "“Hall”" in sign_in(bob).get(reverse("consults:groups")).content.decode()
    assert "group.member_removed" in verbs()


@pytest.mark.parametrize(
    ("who", "by"), [("mod1", "alice"), ("alice", "alice"), ("bob", "bob"), ("alice", "bob"), ("bob", "admin")]
)
def test_who_is_not_removed(who: str, by: str) -> None:
    one = group(moderators=("alice", "mod1"), members=("bob",))
    with pytest.raises(ChangeRefused):
        running.remove(place=place(one, who), by=factories.person(by), reason="other")
    assert place(one, who).pk


def test_a_moderator_who_is_suspended_can_be_removed(alice: Member) -> None:
    one = group(moderators=("alice", "suspended"))
    running.remove(place=place(one, "suspended"), by=alice, reason="inactive")
    assert one.members.count() == 1


# --- Changes


def test_a_change(hall: Group, alice: Member, bob: Member) -> None:
    facts: dict[str, Any] = {"description": "Nails", "purpose": "teaching", "kind": "open", "open_to_nurses": True}
    with pytest.raises(ChangeRefused):
        running.change(group=hall, by=bob, **facts)
    running.change(group=hall, by=alice, **facts)
    hall.refresh_from_db()
    assert {name: getattr(hall, name) for name in facts} == facts
    asked = admissions.request(group=hall, by=factories.person("resident"))
    with pytest.raises(ChangeRefused):
        running.change(group=hall, by=alice, **facts | {"description": "Call 0532 123 45 67"})
    running.change(group=hall, by=alice, **facts | {"kind": "closed"})
    asked.refresh_from_db()
    assert asked.state == "expired"  # nobody asks to join what they may not know of
    event = Event.objects.filter(verb="group.changed").latest("seq")
    assert (event.facts["kind_before"], event.facts["kind"]) == ("open", "closed")


# --- The end


@pytest.mark.parametrize(("by", "allowed"), [("alice", True), ("bob", False), ("admin", False), ("mod1", False)])
def test_who_closes_a_group_down(hall: Group, by: str, allowed: bool) -> None:
    if allowed:
        running.end(group=hall, by=factories.person(by))
    else:
        with pytest.raises(ChangeRefused):
            running.end(group=hall, by=factories.person(by))
    assert Group.objects.active().exists() is not allowed


def test_the_cases_of_a_group_that_was_closed_down(
    hall: Group,
    alice: Member,
    bob: Member,
    mod1: Member,
    run_jobs: Callable[[], int],
    sign_in: Callable[[object], Client],
) -> None:
    Membership.objects.create(group=hall, member=mod1)
    cases = {state: reading.case(bob, group=hall, state=state) for state in ("draft", "submitted", "released")}
    closed = reading.closed(reading.case(bob, group=hall), "actinic-keratosis")
    invited = admissions.invite(group=hall, member=factories.person("resident"), by=alice)
    assert gate.cases_to_second_read(mod1).exists()
    run_jobs()
    mail.outbox.clear()
    running.end(group=hall, by=alice)
    run_jobs()
    assert sorted(message.to[0] for message in mail.outbox) == sorted([bob.email, bob.email, mod1.email])
    assert not any("Hall" in message.body + message.subject for message in mail.outbox)
    for member in (alice, mod1, factories.person("resident")):
        assert not gate.visible_cases(member).exists()
        assert not gate.servable_renditions(member).exists()
        assert not gate.cases_to_second_read(member).exists()
        assert not permissions.allowed(member, "group.view").exists()
    assert set(gate.visible_cases(bob)) == {cases["released"], closed}
    assert Case.objects.get(pk=cases["submitted"].pk).state == "draft"
    assert Case.objects.get(pk=closed.pk).state == "closed"
    assert Admission.objects.get(pk=invited.pk).state == "expired"
    assert compare() == 0
    page = sign_in(bob).get(reverse("consults:mine")).content.decode()
    assert page.count("No audience: only you see it") == 4
    assert page.count("Back to my drafts") == 2
    client = sign_in(bob)
    client.post(reverse("consults:retract", args=[cases["released"].pk]))
    assert "group" in {found.code for found in gate.blockers(Case.objects.get(pk=cases["released"].pk))}
    for act in (running.end, running.step_back, running.leave):
        with pytest.raises(ChangeRefused):
            act(group=hall, by=alice)
    assert "group.ended" in verbs()


def test_a_name_that_a_consent_holds_stays_after_the_end(hall: Group, alice: Member) -> None:
    from consent.records.wording import allowed_in_words

    case = reading.case(alice, group=hall)
    running.end(group=hall, by=alice)
    assert any("Hall" in words for words in allowed_in_words(case.consent))


# --- An administrator, where nobody moderates


def test_an_administrator_fills_a_group_and_hands_it_over(admin: Member, bob: Member, mod1: Member) -> None:
    one = group(moderators=())
    for member in (bob, mod1):
        running.add(group=one, member=member, by=admin)
    for who in (bob.pk, factories.person("officer").pk, factories.person("nurse").pk):
        with pytest.raises(ChangeRefused):
            running.add(group=one, member=Member.objects.get(pk=who), by=admin)
    running.hand_over(place=place(one, bob), by=admin)
    assert place(one, bob).is_moderator
    with pytest.raises(ChangeRefused):
        running.hand_over(place=place(one, mod1), by=admin)
    with pytest.raises(ChangeRefused):
        running.add(group=one, member=factories.person("alice"), by=admin)


def test_an_administrator_adds_nobody_where_there_is_a_case(admin: Member, bob: Member) -> None:
    one = group(moderators=("suspended",), members=("mod1", "nurse"))
    reading.case(factories.person("mod1"), group=one)
    with pytest.raises(ChangeRefused):
        running.add(group=one, member=bob, by=admin)
    with pytest.raises(ChangeRefused):
        running.hand_over(place=place(one, "nurse"), by=admin)
    gone = place(one, "mod1")
    running.hand_over(place=gone, by=admin)
    assert place(one, "mod1").is_moderator


# --- Pages


def test_the_pages_of_a_moderator(
    hall: Group, alice: Member, bob: Member, nurse: Member, sign_in: Callable[[object], Client]
) -> None:
    reading.case(alice, group=hall)
    Membership.objects.create(group=hall, member=nurse)
    client = sign_in(alice)
    one = reverse("consults:group_member", args=[hall.pk, bob.pk])
    members = reverse("consults:group_members", args=[hall.pk])
    assert "Make a moderator of the group" in client.get(one).content.decode()
    assert client.post(one, {"action": "remove"}).status_code == 422
    assert client.post(one, {"action": "appoint"})["Location"] == members
    assert client.post(one, {"action": "appoint"}, follow=True).status_code == 200
    assert "A moderator is not removed" in client.get(one).content.decode()
    assert "This is you" in client.get(reverse("consults:group_member", args=[hall.pk, alice.pk])).content.decode()
    page = client.post(one, {"action": "remove", "reason": "other"}, follow=True).content.decode()
    assert "then they step back" in page
    assert client.post(reverse("consults:group_step_back", args=[hall.pk])).status_code == 302
    assert sign_in(bob).post(one.replace(str(bob.pk), str(alice.pk)), {"reason": "mistake"}).status_code == 302
    assert GroupRemoval.objects.get().member == alice
    client = sign_in(bob)
    change = reverse("consults:group_change", args=[hall.pk])
    facts = {"purpose": "region", "description": "Lakes", "kind": "invited", "open_to_nurses": "on"}
    page = client.post(change, facts)
    assert page.status_code == 422
    assert "in this group (1) see all its cases (1) at once" in page.content.decode()
    hall.refresh_from_db()
    assert not hall.open_to_nurses
    assert client.post(change, facts | {"sure": "on"}).status_code == 302
    assert client.post(change, facts).status_code == 302  # nothing is opened any more
    assert client.post(change, facts | {"description": "Call 0532 123 45 67"}).status_code == 422
    hall.refresh_from_db()
    assert (hall.open_to_nurses, hall.kind) == (True, "invited")
    assert client.post(reverse("consults:group_leave", args=[hall.pk]))["Location"] == reverse(
        "consults:group", args=[hall.pk]
    )
    end = reverse("consults:group_end", args=[hall.pk])
    assert "1 case has no audience then" in client.get(end).content.decode()
    assert client.post(end, {"sure": "on"})["Location"].startswith(reverse("account_reauthenticate"))
    client = confirmed(bob)
    assert client.post(end, {}).status_code == 422
    assert client.post(end, {"sure": "on"})["Location"] == reverse("consults:groups")
    assert client.get(reverse("consults:group", args=[hall.pk])).status_code == 404
    assert sign_in(nurse).post(reverse("consults:group_leave", args=[hall.pk])).status_code == 404


def test_a_member_leaves_on_the_page(hall: Group, bob: Member, sign_in: Callable[[object], Client]) -> None:
    client = sign_in(bob)
    assert "Leave the group" in client.get(reverse("consults:group", args=[hall.pk])).content.decode()
    assert client.post(reverse("consults:group_leave", args=[hall.pk]))["Location"] == reverse("consults:groups")
    assert client.get(reverse("consults:group", args=[hall.pk])).status_code == 404


def test_the_pages_of_an_administrator(
    admin: Member, bob: Member, mod1: Member, officer: Member, sign_in: Callable[[object], Client]
) -> None:
    at = reverse("consults:managed_groups")
    facts = {"name": "Hall", "purpose": "other", "description": "Rounds", "kind": "closed"}
    assert sign_in(officer).get(at).status_code == 403
    assert at in sign_in(admin).get(reverse("accounts:people")).content.decode()
    assert sign_in(admin).post(at, facts)["Location"].startswith(reverse("account_reauthenticate"))
    client = confirmed(admin)
    assert client.post(at, facts | {"name": ""}).status_code == 422
    assert client.post(at, facts | {"name": "Everybody"}).status_code == 422
    assert client.post(at, facts | {"description": "Call 0532 123 45 67"}).status_code == 422
    one = client.post(at, facts)["Location"]
    hall = Group.objects.get()
    assert one == reverse("consults:managed_group", args=[hall.pk])
    assert client.post(at, facts | {"name": "hall"}).status_code == 422
    assert "Hall" in client.get(at).content.decode()
    assert "No moderator belongs to this group" in client.get(one).content.decode()
    assert sign_in(admin).post(one, {"action": "end"})["Location"].startswith(reverse("account_reauthenticate"))
    client = confirmed(admin)
    for member in (bob, mod1):
        assert client.post(one, {"action": "add", "email": member.email}).status_code == 302
    page = client.get(one).content.decode()
    assert bob.name in page
    assert "No moderator belongs" not in page
    assert client.post(one, {"action": "add", "email": bob.email}).status_code == 422
    assert client.post(one, {"action": "add", "email": "nobody@x.example"}).status_code == 422
    assert client.post(one, {"action": "nothing"}).status_code == 200
    assert client.post(one, {"action": "hand_over", "member": "nobody"})["Location"] == one
    assert client.post(one, {"action": "hand_over", "member": str(bob.pk)})["Location"] == at
    assert client.get(one).status_code == 404  # it is closed, and has a moderator
    assert "Hall" not in client.get(at).content.decode()
    Group.objects.update(kind=Kind.OPEN)
    page = client.get(one).content.decode()
    assert "It has a moderator" in page
    assert bob.name not in page
    assert client.post(one, {"action": "end"}, follow=True).status_code == 200
    assert Group.objects.active().exists()
    Membership.objects.update(is_moderator=False)
    assert client.post(one, {"action": "end"})["Location"] == at
    assert not Group.objects.active().exists()
    assert {"group.made", "group.member_added", "group.moderator_appointed", "group.ended"} <= verbs()
