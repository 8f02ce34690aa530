"""A change of profession, country or register: two moderators again; answers keep what they counted as."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import AlreadyDecided, NotYet, NotYours
from accounts.models import Application, Member
from accounts.policy import rights
from accounts.vetting import changing, decisions
from consults.discussion import answers
from consults.models import Answer
from core.deadlines import add_months
from tests import factories
from tests.accounts.makers import claim
from tests.consults import reading
from vocabulary import terms

pytestmark = pytest.mark.django_db
AK = "actinic-keratosis"


def now(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def specialist(**changes: Any) -> Any:
    return claim(profession="dermatologist", **changes)


def answer(member: Member) -> Answer:
    case = reading.case(title="To be answered")
    answers.answer(case=case, by=member, choices=[answers.Choice(AK, terms.Confidence.SURE)])
    return Answer.objects.get(case=case, member=member)


def test_a_resident_becomes_a_specialist(vote: Callable[..., object], mods: list[Member]) -> None:
    resident = factories.person("resident")
    before = answer(resident)
    assert (before.counted_as, before.is_dermatologist) == ("trainee", False)
    application = changing.ask(member=resident, claim=specialist())
    assert [(str(one.label), one.former, one.new) for one in changing.changes_of(application)] == [
        ("Profession", "Resident in dermatology or dermatopathology", "Dermatologist"),
        ("Institution", "", "Lake Hospital"),
    ]
    decisions.confirm_address(application=application)
    vote(application, mods[0], True)
    assert rights(now(resident)).counted_as == "trainee"  # nothing changes before two have said so
    vote(application, mods[1], True)
    member = now(resident)
    assert (member.profession, member.supervisor, rights(member).post) == ("dermatologist", None, True)
    after = answer(member)
    assert (after.counted_as, after.is_dermatologist) == ("expert", True)
    before.refresh_from_db()
    assert (before.counted_as, before.is_dermatologist) == ("trainee", False)


def test_a_declined_change_changes_nothing(vote: Callable[..., object], mods: list[Member]) -> None:
    resident = factories.person("resident")
    application = changing.ask(member=resident, claim=specialist())
    for moderator in mods[:2]:
        vote(application, moderator, False)
    member = now(resident)
    assert (member.standing, member.profession, rights(member).post) == ("verified", "resident", True)
    assert member.verified_until == resident.verified_until


def test_changes_one_after_the_other_do_not_pile_up_years(
    bob: Member, vote: Callable[..., object], mods: list[Member]
) -> None:
    for number in range(2):
        application = changing.ask(member=now(bob), claim=specialist(registry_number=f"TR-{number}000"))
        decisions.confirm_address(application=application)
        for moderator in mods[:2]:
            vote(application, moderator, True)
    assert now(bob).verified_until == max(add_months(timezone.localdate(), 12), bob.verified_until)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("bob", True),
        ("resident", True),
        ("student", True),
        ("mod1", True),
        ("officer", False),
        ("admin", False),
        ("applicant", False),
        ("lapsed", False),
        ("suspended", False),
    ],
)
def test_who_asks_for_a_change(who: str, may: bool) -> None:
    member = factories.person(who)
    assert changing.may_ask(member) is may
    if not may:
        with pytest.raises(NotYours):
            changing.ask(member=member, claim=specialist(registry_number="TR-9999"))
        return
    changing.ask(member=member, claim=specialist(registry_number="TR-9999"))
    with pytest.raises(AlreadyDecided):
        changing.ask(member=member, claim=specialist(registry_number="TR-8888"))


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({}, False),
        ({"registry_number": "tr 4711"}, False),
        ({"registry_number": "TR-4712"}, True),
        ({"registry_url": "https://other.example.org/"}, True),
        ({"country": "DE"}, True),
        ({"institution": "Hill Hospital"}, True),
        ({"profession": "dermatopathologist"}, True),
    ],
)
def test_something_must_differ(
    applied: Callable[..., Application],
    vote: Callable[..., object],
    mods: list[Member],
    changes: dict[str, str],
    differs: bool,
) -> None:
    application = applied()
    for moderator in mods[:2]:
        vote(application, moderator, True)
    member = now(application.member)
    if not differs:
        with pytest.raises(NotYet):
            changing.ask(member=member, claim=claim(**changes))
        return
    made = changing.ask(member=member, claim=claim(**changes))
    assert changing.changes_of(made) or "registry_url" in changes


def test_the_pages(bob: Member, mods: list[Member], sign_in: Callable[[object], Client]) -> None:
    client, address = sign_in(bob), reverse("accounts:change")
    assert "Ask for a change" in client.get(address).content.decode()
    said = {
        "profession": "dermatopathologist",
        "institution": "Hill Hospital",
        "country": "TR",
        "registry_number": "TR-77",
        "registry_name": "Chamber",
        "registry_url": "https://register.example.org/",
        "evidence_kind": "email",
        "guidelines": "on",
    }
    assert client.post(address, said | {"country": ""}).status_code == 422
    assert client.post(address, said)["Location"] == reverse("accounts:application")
    assert client.post(address, said).status_code == 422  # one at a time
    application = Application.objects.get()
    page = " ".join(sign_in(mods[0]).get(reverse("accounts:decide", args=[application.pk])).content.decode().split())
    assert "Profession: Dermatologist → Dermatopathologist" in page


def test_a_newcomers_application_shows_no_change(applied: Callable[..., Application]) -> None:
    assert changing.changes_of(applied()) == []
