"""Suspension: by whom, why, what its member reads, the appeal, and who lifts it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import BadReason, NotYours, TooLate
from accounts.membership import lifecycle
from accounts.membership.suspension import appeals
from accounts.models import Member, Session, Suspension
from audit.models import Event
from core import permissions
from tests import factories
from tests.accounts.makers import PASSWORD

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], int]
SignIn = Callable[[object], Client]


def suspended(member: Member, by: Member, reason: str = "conduct", note: str = "Something was wrong.") -> Suspension:
    lifecycle.suspend(member=member, by=by, reason=reason, note=note)
    return Suspension.objects.get(member=member, state="in_force")


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


# --- Who lifts


@pytest.mark.parametrize(
    ("target", "reason", "by", "lifts", "may"),
    [
        ("bob", "conduct", "mod1", "mod1", False),
        ("bob", "conduct", "mod1", "mod2", True),
        ("bob", "conduct", "mod1", "admin", True),
        ("bob", "conduct", "admin", "admin", False),
        ("bob", "conduct", "admin", "mod1", True),
        ("bob", "requested", "mod1", "mod1", True),
        ("bob", "conduct", "mod1", "officer", False),
        ("bob", "conduct", "mod1", "alice", False),
        ("bob", "conduct", "mod1", "bob", False),
        ("mod2", "conduct", "admin", "mod1", False),  # moderators are an administrator's affair
        ("mod2", "conduct", "admin", "admin2", True),
        ("mod2", "conduct", "admin", "admin", False),
        ("officer", "security", "admin", "admin2", True),
        ("officer", "security", "admin", "mod1", False),
    ],
)
def test_who_lifts(target: str, reason: str, by: str, lifts: str, may: bool) -> None:
    people = {"admin2": factories.member(profession="", is_staff=True)}
    people |= {name: factories.person(name) for name in {target, by, lifts, "mod2", "admin"} - {"admin2"}}
    found = suspended(people[target], people[by], reason)
    member, lifter = Member.objects.get(pk=people[target].pk), people[lifts]
    assert permissions.allows(lifter, "member.reinstate", member) is may
    if not may:
        with pytest.raises(NotYours):
            lifecycle.reinstate(member=member, by=lifter, reason="resolved")
        assert Member.objects.get(pk=member.pk).standing == "suspended"
        return
    lifecycle.reinstate(member=member, by=lifter, reason="resolved")
    found.refresh_from_db()
    assert (found.state, found.lifted_by, found.alone) == ("lifted", lifter, by == lifts)
    assert Member.objects.get(pk=member.pk).standing == "verified"


@pytest.mark.parametrize(
    ("others", "may"),
    [
        ([], True),
        ([{"is_moderator": True}], False),
        ([{"is_staff": True, "profession": ""}], False),
        ([{"is_moderator": True, "standing": "suspended"}], True),
        ([{"is_privacy_officer": True, "profession": ""}], True),
        ([{}], True),
    ],
)
def test_who_suspended_lifts_it_only_while_nobody_else_could(
    bob: Member, mod1: Member, others: list[dict[str, Any]], may: bool
) -> None:
    for fields in others:
        factories.member(**fields)
    found = suspended(bob, mod1)
    assert permissions.allows(mod1, "member.reinstate", bob) is may
    if may:
        lifecycle.reinstate(member=bob, by=mod1, reason="mistake")
        found.refresh_from_db()
        assert found.alone


def test_another_administrator_alone_may_lift_an_administrators(admin: Member, mod1: Member, bob: Member) -> None:
    """A moderator cannot lift the suspension of an officer, so that is nobody else."""
    officer = factories.person("officer")
    suspended(officer, admin)
    assert permissions.allows(admin, "member.reinstate", officer)


def test_nobody_lifts_what_is_not_there(bob: Member, mod1: Member) -> None:
    with pytest.raises(NotYours):
        lifecycle.reinstate(member=bob, by=mod1, reason="resolved")
    with pytest.raises(BadReason):
        lifecycle.reinstate(member=bob, by=mod1, reason="conduct")


def test_who_was_suspended_before_suspensions_were_kept_is_lifted_too(mod1: Member) -> None:
    member = factories.person("suspended")
    lifecycle.reinstate(member=member, by=mod1, reason="resolved")
    assert member.standing == "verified"


@pytest.mark.parametrize(
    ("former", "days", "back"),
    [("verified", 5, "verified"), ("verified", -5, "lapsed"), ("lapsed", -5, "lapsed"), ("declined", -5, "declined")],
)
def test_the_standing_after_it(mod1: Member, mod2: Member, former: str, days: int, back: str) -> None:
    until = timezone.localdate() + timedelta(days=days)
    member = factories.member(standing=former, verified_until=until)
    suspended(member, mod1)
    lifecycle.reinstate(member=member, by=mod2, reason="resolved")
    assert member.standing == back


def test_the_same_member_is_suspended_again_later(bob: Member, mod1: Member, mod2: Member) -> None:
    suspended(bob, mod1)
    with pytest.raises(NotYours):
        lifecycle.suspend(member=bob, by=mod2, reason="conduct")
    lifecycle.reinstate(member=bob, by=mod2, reason="resolved")
    suspended(bob, mod2)
    assert list(Suspension.objects.filter(member=bob).values_list("state", flat=True)) == ["in_force", "lifted"]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "lifted"},
        {"state": "lifted", "lifted_by": "by", "lifted_at": True},
        {"answered_by": "by"},
        {"lifted_by": "other"},
    ],
)
def test_what_the_database_refuses(bob: Member, mod1: Member, mod2: Member, fields: dict[str, Any]) -> None:
    found = suspended(bob, mod1)
    people = {"by": mod1, "other": mod2}
    written = {name: people.get(value, value) for name, value in fields.items()}
    if "lifted_at" in written:
        written["lifted_at"] = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Suspension.objects.filter(pk=found.pk).update(**written)


# --- What the member is told


def test_the_mail_says_why_and_where_to_write(bob: Member, mod1: Member, run_jobs: RunJobs, settings: Any) -> None:
    settings.APPEALS_ADDRESS = "appeals@site.example"
    found = suspended(bob, mod1, "privacy", note="An eye was not covered.")
    run_jobs()
    [message] = mail.outbox
    assert message.to == [bob.email]
    assert "A patient's privacy was at risk" in message.body
    assert "appeals@site.example" in message.body
    assert appeals.path_of(found) in message.body
    assert "eye" not in message.body  # what somebody wrote stands on the page alone


def test_who_is_back_already_is_told_only_that(bob: Member, mod1: Member, mod2: Member, run_jobs: RunJobs) -> None:
    suspended(bob, mod1)
    lifecycle.reinstate(member=bob, by=mod2, reason="mistake")
    run_jobs()
    assert [("over" in message.subject) for message in mail.outbox] == [True]


def test_signing_in_shows_reason_day_and_address(bob: Member, mod1: Member, settings: Any) -> None:
    settings.APPEALS_ADDRESS = "appeals@site.example"
    bob.set_password(PASSWORD)
    bob.save()
    found = suspended(bob, mod1, note="An eye was not covered.")
    client = Client()
    answer = client.post(reverse("account_login"), {"login": bob.email, "password": PASSWORD}, follow=True)
    assert answer.status_code == 403
    page = words(answer)
    for word in ("Professional conduct", "An eye was not covered.", "appeals@site.example", appeals.path_of(found)):
        assert word in page
    assert mod1.name not in page
    assert not Session.objects.filter(member=bob).exists()
    assert client.get(appeals.path_of(found)).status_code == 200


def test_a_suspension_ends_every_session_at_once(bob: Member, mod1: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    assert client.get(reverse("accounts:me")).status_code == 200
    suspended(bob, mod1)
    assert client.get(reverse("accounts:me")).status_code == 302


# --- The appeal


def test_an_appeal_is_answered_by_somebody_uninvolved(
    bob: Member, mod1: Member, mod2: Member, officer: Member, run_jobs: RunJobs
) -> None:
    found = suspended(bob, mod1)
    run_jobs()
    mail.outbox.clear()
    appeals.appeal(suspension=found, statement=" It was somebody else. ")
    run_jobs()
    assert [message.to for message in mail.outbox] == [[mod2.email]]
    assert "somebody else" not in mail.outbox[0].body
    found.refresh_from_db()
    assert (found.state, found.statement) == ("appealed", "It was somebody else.")
    for nobody in (mod1, bob, officer):
        with pytest.raises(NotYours):
            appeals.uphold(suspension=found, by=nobody, answer="No.")
    appeals.uphold(suspension=found, by=mod2, answer="It was you.")
    found.refresh_from_db()
    assert (found.state, found.answered_by, found.alone) == ("upheld", mod2, False)
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"suspension.appealed", "suspension.upheld"} <= verbs
    mail.outbox.clear()
    run_jobs()
    assert [message.to for message in mail.outbox] == [[bob.email]]
    with pytest.raises(NotYours):
        appeals.uphold(suspension=found, by=mod2, answer="Again.")
    with pytest.raises(TooLate):
        appeals.appeal(suspension=found, statement="Again.")
    lifecycle.reinstate(member=bob, by=mod2, reason="resolved")
    assert Member.objects.get(pk=bob.pk).is_verified


def test_a_right_appeal_lifts_it(bob: Member, mod1: Member, mod2: Member) -> None:
    found = suspended(bob, mod1)
    appeals.appeal(suspension=found, statement="No.")
    lifecycle.reinstate(member=bob, by=mod2, reason="appeal", answer="You were right.")
    found.refresh_from_db()
    assert (found.state, found.lift_reason, found.answer) == ("lifted", "appeal", "You were right.")


def test_where_nobody_else_is_the_only_one_answers_and_that_is_kept(bob: Member, mod1: Member) -> None:
    found = suspended(bob, mod1)
    appeals.appeal(suspension=found, statement="No.")
    found.refresh_from_db()
    appeals.uphold(suspension=found, by=mod1, answer="Yes.")
    found.refresh_from_db()
    assert (found.state, found.alone) == ("upheld", True)


@pytest.mark.parametrize(("days", "may"), [(0, True), (30, True), (31, False)])
def test_how_long_one_may_appeal(bob: Member, mod1: Member, days: int, may: bool) -> None:
    found = suspended(bob, mod1)
    Suspension.objects.filter(pk=found.pk).update(at=timezone.now() - timedelta(days=days))
    found.refresh_from_db()
    assert found.may_be_appealed is may
    page = words(Client().get(appeals.path_of(found)))
    assert ("What should whoever answers know?" in page) is may
    answer = Client().post(appeals.path_of(found), {"statement": "No."})
    assert answer.status_code == (302 if may else 422)
    assert Suspension.objects.filter(state="appealed").exists() is may


def test_the_suspended_members_own_page(bob: Member, mod1: Member, mod2: Member) -> None:
    found = suspended(bob, mod1)
    client, address = Client(), appeals.path_of(found)
    assert client.post(address, {}).status_code == 422
    refused = client.post(address, {"statement": "It was on 3 March 2024, patient no. 1234567."})
    assert "could identify a patient" in words(refused)
    assert client.post(address, {"statement": "It was somebody else."})["Location"] == address
    assert "You appealed on" in words(client.get(address))
    found.refresh_from_db()
    appeals.uphold(suspension=found, by=mod2, answer="It was you.")
    page = words(client.get(address))
    assert "It was you." in page
    assert mod2.name not in page
    lifecycle.reinstate(member=bob, by=mod2, reason="resolved")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("token", ["forged", "a:b:c", ""])
def test_a_forged_link_shows_nothing(bob: Member, mod1: Member, token: str) -> None:
    suspended(bob, mod1)
    assert Client().get(f"/suspended/{token}/").status_code == 404


# --- The page of moderators


def test_the_page_lists_appeals_and_takes_the_answer(
    bob: Member, mod1: Member, mod2: Member, sign_in_again: SignIn
) -> None:
    found = suspended(bob, mod1)
    appeals.appeal(suspension=found, statement="It was somebody else.")
    involved, other = sign_in_again(mod1), sign_in_again(mod2)
    address = reverse("accounts:standing", args=[bob.pk])
    assert "Appeals against a suspension" not in words(involved.get(reverse("accounts:members")))
    assert "another moderator or administrator lifts it" in words(involved.get(address))
    refused = involved.post(address, {"decision": "lift", "lift-reason": "resolved"})
    assert refused.status_code == 422
    assert "Appeals against a suspension" in words(other.get(reverse("accounts:members")))
    page = words(other.get(address))
    assert "It was somebody else." in page
    assert other.post(address, {"decision": "uphold"}).status_code == 422
    assert other.post(address, {"decision": "lift"}).status_code == 422
    assert other.post(address, {"decision": "uphold", "uphold-answer": "No."}).status_code == 302
    found.refresh_from_db()
    assert found.state == "upheld"
    again = other.post(address, {"decision": "uphold", "uphold-answer": "No."})
    assert again.status_code == 422
    assert other.post(address, {"decision": "lift", "lift-reason": "resolved"}).status_code == 302
    assert Member.objects.get(pk=bob.pk).is_verified


def test_the_note_names_no_patient(bob: Member, mod1: Member, sign_in_again: SignIn) -> None:
    address = reverse("accounts:standing", args=[bob.pk])
    sent = {"reason": "privacy", "note": "Mrs Smith, born 3 March 1960, was named."}
    answer = sign_in_again(mod1).post(address, sent)
    assert answer.status_code == 422
    assert "could identify a patient" in words(answer)
    assert Member.objects.get(pk=bob.pk).is_verified
