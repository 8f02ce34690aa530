"""The people of the house, one of each kind, and makers of more.

factories.person("alice")                         the same alice every time within a test
factories.member(profession="nurse")              another verified member
"""

from datetime import date, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import Member

_numbers = count(1)


def next_year() -> date:
    """A date on which today's verifications still hold."""
    return timezone.localdate() + timedelta(days=365)


# What differs from a verified dermatologist called like the fixture.
PEOPLE: dict[str, dict[str, Any]] = {
    "applicant": {"email": "applicant@lake.example", "standing": "applicant", "verified_until": None},
    "alice": {"institution": "Hillside Clinic", "posts_released": 5},
    "bob": {"institution": "Harbour Hospital"},
    "resident": {"profession": "resident"},
    "physician": {"profession": "physician"},
    "nurse": {"profession": "nurse"},
    "student": {"profession": "student"},
    "mod1": {"is_moderator": True},
    "mod2": {"is_moderator": True, "profession": "dermatopathologist"},
    "officer": {"profession": "", "is_privacy_officer": True},
    "admin": {"profession": "", "is_staff": True},
    "suspended": {"standing": "suspended"},
    "lapsed": {"verified_until": date(2020, 1, 31)},
}
SUPERVISED = ("resident", "nurse")


def member(**fields: Any) -> Member:
    """A verified dermatologist unless `fields` say otherwise; without a password unless one is given."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "email": f"member{number}@hospital.example",
        "name": f"Member {number}",
        "profession": "dermatologist",
        "standing": "verified",
        "verified_until": next_year(),
        "conduct_until": next_year(),
        "country": "TR",
        "factor_enrolled_at": timezone.now(),
        "posts_released": 5,  # past probation
    }
    fields = defaults | fields
    return Member.objects.create_user(fields.pop("email"), fields.pop("password", None), **fields)


def person(name: str) -> Member:
    """One of PEOPLE, made at the first call. Residents and nurses are supervised by alice."""
    fields = {"email": f"{name}@hospital.example"} | PEOPLE[name]
    known = Member.objects.filter(email=fields["email"]).first()
    if known is not None:
        return known
    if name in SUPERVISED:
        fields["supervisor"] = person("alice")
    return member(name=name.capitalize(), **fields)
