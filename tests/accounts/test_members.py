"""What the database refuses, and that properties agree with querysets."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.exceptions import TooLate
from accounts.membership import lifecycle
from accounts.models import Member
from accounts.policy import NO_RIGHTS, Scope, rights
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "Upper@hospital.example"},
        {"standing": "verified", "verified_until": None},
        {"standing": "famous"},
        {"is_moderator": True, "is_privacy_officer": True},
        {"is_moderator": True, "is_staff": True},
        {"profession": ""},
        {"profession": "astrologer"},
    ],
)
def test_refused_by_the_database(fields: dict[str, Any]) -> None:
    row = {
        "email": "m@hospital.example",
        "name": "M",
        "profession": "nurse",
        "standing": "verified",
        "verified_until": factories.next_year(),
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.bulk_create([Member(**(row | fields))])
    Member.objects.bulk_create([Member(**row)])


def test_nobody_supervises_themselves(alice: Member) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=alice.pk).update(supervisor=alice)


def test_address_is_stored_and_found_in_lower_case() -> None:
    member = Member.objects.create_user(" Ada@Hospital.Example ", "x", name="Ada", profession="nurse")
    assert member.email == "ada@hospital.example"
    assert Member.objects.get_by_natural_key("ADA@hospital.example") == member


def test_a_member_needs_an_address() -> None:
    with pytest.raises(ValueError, match="address"):
        Member.objects.create_user(" ", "x", name="Ada")


def test_administrator_sees_no_cases() -> None:
    admin = Member.objects.create_superuser("root@house.example", "x", name="Root")
    assert admin.is_verified
    assert not admin.may_see_cases
    assert rights(admin) == NO_RIGHTS
    assert rights(AnonymousUser()) == NO_RIGHTS


@pytest.mark.parametrize("name", sorted(factories.PEOPLE))
def test_properties_agree_with_querysets(name: str) -> None:
    member = factories.person(name)
    assert Member.objects.verified().filter(pk=member.pk).exists() is member.is_verified
    assert Member.objects.moderators().filter(pk=member.pk).exists() is member.may_moderate


@pytest.mark.parametrize(("days", "verified"), [(0, True), (1, True), (-1, False)])
def test_verification_holds_through_its_last_day(days: int, verified: bool) -> None:
    member = factories.member(verified_until=timezone.localdate() + timedelta(days=days))
    assert member.is_verified is verified
    assert Member.objects.verified().filter(pk=member.pk).exists() is verified


@pytest.mark.parametrize(
    ("name", "see_cases", "post", "diagnose", "quiz", "counted_as"),
    [
        ("alice", Scope.ALL, True, True, True, "expert"),
        ("mod2", Scope.ALL, True, True, True, "expert"),
        ("resident", Scope.ALL, True, True, True, "trainee"),
        ("physician", Scope.ALL, True, True, True, "physician"),
        ("nurse", Scope.OPTED_IN, True, True, True, "other"),
        ("student", Scope.TEACHING, False, False, True, ""),
        ("officer", Scope.NONE, False, False, False, ""),
        ("admin", Scope.NONE, False, False, False, ""),
        ("applicant", Scope.NONE, False, False, False, ""),
        ("suspended", Scope.NONE, False, False, False, ""),
        ("lapsed", Scope.NONE, False, False, False, ""),
    ],
)
def test_rights(name: str, see_cases: Scope, post: bool, diagnose: bool, quiz: bool, counted_as: str) -> None:
    found = rights(factories.person(name))
    assert (found.see_cases, found.post, found.diagnose, found.quiz, found.counted_as) == (
        see_cases,
        post,
        diagnose,
        quiz,
        counted_as,
    )


@pytest.mark.parametrize("name", ["resident", "nurse"])
@pytest.mark.parametrize(
    "supervisor",
    [None, {"standing": "suspended"}, {"profession": "physician"}, {"is_privacy_officer": True}],
)
def test_no_posting_without_a_verified_specialist(name: str, supervisor: dict[str, Any] | None) -> None:
    member = factories.person(name)
    assert rights(member).post
    member.supervisor = factories.member(**supervisor) if supervisor else None
    member.save()
    assert not rights(member).post


def test_one_person_suspends_only_so_many_in_a_day(mod1: Member, mod2: Member, settings: Any) -> None:
    settings.RULES = settings.RULES | {"suspensions_a_day": 2}
    members = [factories.member() for _number in range(3)]
    for member in members[:2]:
        lifecycle.suspend(member=member, by=mod1, reason="conduct")
    with pytest.raises(TooLate):
        lifecycle.suspend(member=members[2], by=mod1, reason="conduct")
    assert Member.objects.get(pk=members[2].pk).is_verified
    lifecycle.suspend(member=members[2], by=mod2, reason="conduct")
