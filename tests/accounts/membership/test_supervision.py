"""Supervision: asked, taken on, refused, ended by the supervisor; what waits then, and what stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import AlreadyDecided, NotYet, NotYours, TooLate
from accounts.membership.supervision import service
from accounts.models import Application, Member, Profession, Reference, Supervision
from accounts.policy import rights
from accounts.vetting import decisions
from audit.models import Event
from consults.cases import gate
from consults.models import Case
from core import permissions
from tests import factories
from tests.accounts.makers import claim
from tests.consults import reading

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], int]
SignIn = Callable[[object], Client]


def now(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def left(resident: Member) -> Member:
    """A resident whose supervisor, alice, has stepped back."""
    service.step_back(resident=resident, by=factories.person("alice"))
    return now(resident)


@pytest.fixture
def resident(db: None) -> Member:
    return factories.person("resident")


def test_stepping_back_takes_effect_at_once_and_is_told(resident: Member, run_jobs: RunJobs) -> None:
    alice = factories.person("alice")
    assert rights(resident).post
    service.step_back(resident=resident, by=alice)
    assert not rights(now(resident)).post
    run_jobs()
    assert [message.to for message in mail.outbox] == [[resident.email]]
    assert alice.name not in mail.outbox[0].body
    assert Event.objects.get(verb="supervision.ended").actor_id == alice.pk
    with pytest.raises(NotYours):
        service.step_back(resident=resident, by=alice)


def test_what_waits_waits_and_what_is_released_stays(resident: Member, bob: Member, mod1: Member) -> None:
    released = reading.case(resident)
    waiting = reading.case(resident, state="submitted")
    service.step_back(resident=resident, by=factories.person("alice"))
    assert set(gate.visible_cases(bob)) == {released}
    fresh = Case.objects.get(pk=waiting.pk)
    assert [blocker.code for blocker in gate.blockers(fresh)] == ["author_rights"]
    with pytest.raises(gate.Blocked):
        gate.release(case=fresh, by=mod1)
    question = service.ask(resident=now(resident), email=bob.email)
    service.answer(question=question, by=bob, takes=True)
    gate.release(case=Case.objects.get(pk=waiting.pk), by=mod1)
    assert set(gate.visible_cases(bob)) == {released, waiting}


def test_a_question_and_its_yes(left: Member, bob: Member, run_jobs: RunJobs) -> None:
    run_jobs()
    mail.outbox.clear()
    question = service.ask(resident=left, email=f" {bob.email.upper()} ")
    run_jobs()
    assert [message.to for message in mail.outbox] == [[bob.email]]
    assert left.name not in mail.outbox[0].body
    service.answer(question=question, by=bob, takes=True)
    assert now(left).supervisor == bob
    question.refresh_from_db()
    assert (question.state, question.email) == ("active", "")
    run_jobs()
    assert mail.outbox[-1].to == [left.email]
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"supervision.asked", "supervision.answered"} <= verbs
    with pytest.raises(NotYours):
        service.answer(question=question, by=bob, takes=False)


def test_a_no_changes_nothing_and_another_can_be_asked(left: Member, bob: Member) -> None:
    question = service.ask(resident=left, email=bob.email)
    with pytest.raises(NotYet):
        service.ask(resident=left, email="somebody@else.example")
    service.answer(question=question, by=bob, takes=False)
    assert now(left).supervisor is None
    service.ask(resident=left, email=bob.email)


def test_a_new_supervisor_takes_the_place_of_the_former_one(resident: Member, bob: Member, run_jobs: RunJobs) -> None:
    alice = factories.person("alice")
    first = service.ask(resident=resident, email=bob.email)
    assert rights(now(resident)).post  # alice supervises until somebody else says yes
    service.answer(question=first, by=bob, takes=True)
    run_jobs()
    assert {message.to[0] for message in mail.outbox if "ended" in message.subject} == {alice.email}
    second = service.ask(resident=now(resident), email=alice.email)
    service.answer(question=second, by=alice, takes=True)
    first.refresh_from_db()
    assert (first.state, now(resident).supervisor) == ("ended", alice)


@pytest.mark.parametrize(
    ("email", "error"), [("resident@hospital.example", NotYet), ("alice@hospital.example", NotYet)]
)
def test_whom_one_cannot_ask(resident: Member, email: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        service.ask(resident=resident, email=email)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("resident", True),
        ("nurse", True),
        ("alice", False),
        ("physician", False),
        ("student", False),
        ("officer", False),
        ("applicant", False),
        ("lapsed", False),
        ("suspended", False),
    ],
)
def test_who_asks(who: str, may: bool, bob: Member) -> None:
    member = factories.person(who)
    if may:
        service.ask(resident=member, email=bob.email)
        return
    with pytest.raises(NotYours):
        service.ask(resident=member, email=bob.email)


@pytest.mark.parametrize(
    "fields",
    [None, {"profession": "physician"}, {"standing": "suspended"}, {"is_privacy_officer": True}, {"is_staff": True}],
)
def test_the_answer_is_the_same_for_whoever_cannot_be_asked(
    left: Member, fields: dict[str, Any] | None, run_jobs: RunJobs, sign_in: SignIn
) -> None:
    run_jobs()
    mail.outbox.clear()
    email = factories.member(**fields).email if fields else "nobody@x.example"
    client = sign_in(left)
    page = words(client.post(reverse("accounts:ask_supervisor"), {"email": email}, follow=True))
    assert f"You asked {email}. There is no answer yet." in page
    assert "they get a mail" in page
    run_jobs()
    assert not mail.outbox


@pytest.mark.parametrize(
    ("who", "may"),
    [("asked", True), ("other", False), ("resident", False), ("lapsed", False), ("no specialist", False)],
)
def test_who_answers(left: Member, bob: Member, who: str, may: bool) -> None:
    question = service.ask(resident=left, email=bob.email)
    if who == "lapsed":
        Member.objects.filter(pk=bob.pk).update(standing="lapsed")
    if who == "no specialist":
        Member.objects.filter(pk=bob.pk).update(profession="physician")
    by = {"other": factories.person("alice"), "resident": left}.get(who, bob)
    by = now(by)
    assert permissions.allows(by, "supervision.answer", question) is may
    if not may:
        with pytest.raises(NotYours):
            service.answer(question=question, by=by, takes=True)


def test_one_supervises_only_so_many(left: Member, bob: Member, settings: Any) -> None:
    settings.RULES = settings.RULES | {"residents_a_supervisor": 1}
    other = factories.member(profession="resident", supervisor=bob)
    question = service.ask(resident=left, email=bob.email)
    with pytest.raises(TooLate):
        service.answer(question=question, by=bob, takes=True)
    assert now(left).supervisor is None
    service.step_back(resident=other, by=bob)
    service.answer(question=question, by=bob, takes=True)
    assert now(left).supervisor == bob


def test_nor_more_through_an_application(applied: Callable[..., Application], bob: Member, settings: Any) -> None:
    settings.RULES = settings.RULES | {"residents_a_supervisor": 0}
    application = applied(profession="resident", supervisor_email=bob.email)
    reference = Reference.objects.get(application=application)
    with pytest.raises(TooLate):
        decisions.answer(reference=reference, by=bob, vouches=True)
    decisions.answer(reference=reference, by=bob, vouches=False)


@pytest.mark.parametrize(
    ("profession", "named", "answer", "after"),
    [
        ("nurse", None, None, "alice"),  # nurses name nobody when they apply
        ("resident", "alice", None, "alice"),  # who has not answered supervises on
        ("resident", "alice", True, "alice"),
        ("resident", "alice", False, None),
        ("resident", "bob", True, "bob"),
        ("resident", "bob", None, None),  # until bob says yes
        ("resident", "nobody", None, None),
    ],
)
def test_what_a_full_check_leaves_of_a_supervision(
    mods: list[Member],
    vote: Callable[..., object],
    profession: str,
    named: str | None,
    answer: bool | None,
    after: str | None,
) -> None:
    alice, bob = factories.person("alice"), factories.person("bob")
    soon = timezone.localdate() + timedelta(days=30)
    member = factories.member(profession=profession, verified_until=soon)
    service.answer(question=service.ask(resident=member, email=alice.email), by=alice, takes=True)
    email = "nobody@x.example" if named == "nobody" else f"{named}@hospital.example"
    application = decisions.apply_again(
        member=now(member), claim=claim(profession=Profession(profession), supervisor_email=email if named else "")
    )
    decisions.confirm_address(application=application)
    if answer is not None:
        reference = Reference.objects.get(application=application)
        decisions.answer(reference=reference, by={"alice": alice, "bob": bob}[str(named)], vouches=answer)
    for moderator in mods[:2]:
        vote(application, moderator, True)
    expected = {"alice": alice, "bob": bob, None: None}[after]
    assert now(member).supervisor == expected
    assert Supervision.objects.filter(state="active").exists() is (after == "alice")


def test_a_question_is_taken_back(left: Member, bob: Member) -> None:
    question = service.ask(resident=left, email=bob.email)
    with pytest.raises(NotYours):
        service.cancel(question=question, by=bob)
    service.cancel(question=question, by=left)
    assert not permissions.allows(bob, "supervision.answer", question)
    with pytest.raises(AlreadyDecided):
        service.cancel(question=question, by=left)


@pytest.mark.parametrize("fields", [{"supervisor": "resident"}, {"state": "active", "supervisor": None}])
def test_what_the_database_refuses(left: Member, bob: Member, fields: dict[str, Any]) -> None:
    question = service.ask(resident=left, email=bob.email)
    written = {name: left if value == "resident" else value for name, value in fields.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Supervision.objects.filter(pk=question.pk).update(**written)


def test_the_page(resident: Member, bob: Member, sign_in: SignIn) -> None:
    address = reverse("accounts:membership")
    young, alice, other = sign_in(resident), sign_in(factories.person("alice")), sign_in(bob)
    assert "Alice supervises what you post." in words(young.get(address))
    assert "You supervise" in words(alice.get(address))
    alice.post(reverse("accounts:step_back", args=[resident.pk]))
    assert "Nobody supervises you now." in words(young.get(address))
    bad = young.post(reverse("accounts:ask_supervisor"), {"email": "bob"}, follow=True)
    assert "Write a whole e-mail address" in words(bad)
    young.post(reverse("accounts:ask_supervisor"), {"email": bob.email})
    question = Supervision.objects.get()
    assert "Resident asks you to supervise them" in words(other.get(address))
    answer = reverse("accounts:answer_question", args=[question.pk])
    assert alice.post(answer, {"answer": "yes"}).status_code == 404
    assert other.post(answer, {"answer": "yes"}).status_code == 302
    assert "Bob supervises what you post." in words(young.get(address))
    again = young.post(reverse("accounts:ask_supervisor"), {"email": bob.email}, follow=True)
    assert "They supervise you already." in words(again)
    young.post(reverse("accounts:ask_supervisor"), {"email": "nobody@x.example"})
    waits = Supervision.objects.get(state="asked")
    assert other.post(reverse("accounts:cancel_question", args=[waits.pk])).status_code == 404
    young.post(reverse("accounts:cancel_question", args=[waits.pk]))
    taken = young.post(reverse("accounts:cancel_question", args=[waits.pk]), follow=True)
    assert "answered or taken back already" in words(taken)


LAPSED = {"standing": "lapsed"}
SUSPENDED = {"standing": "suspended"}


@pytest.mark.parametrize(
    ("specialist", "other", "seen"),
    [({}, {}, True), (LAPSED, {}, False), (SUSPENDED, {}, False), ({}, LAPSED, False), ({}, SUSPENDED, False)],
)
def test_a_question_is_between_two_who_are_verified(
    left: Member, bob: Member, specialist: dict[str, str], other: dict[str, str], seen: bool
) -> None:
    question = service.ask(resident=left, email=bob.email)
    Member.objects.filter(pk=bob.pk).update(**specialist)
    Member.objects.filter(pk=left.pk).update(**other)
    assert (question in permissions.allowed(now(bob), "supervision.answer")) is seen


@pytest.mark.parametrize(("standing", "seen"), [("verified", True), ("lapsed", False), ("suspended", False)])
def test_whom_one_supervises_is_known_to_the_verified(resident: Member, standing: str, seen: bool) -> None:
    alice = factories.person("alice")
    Member.objects.filter(pk=alice.pk).update(standing=standing)
    assert (resident in permissions.allowed(now(alice), "supervision.end")) is seen
