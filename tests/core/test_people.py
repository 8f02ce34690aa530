"""The people of tests/factories.py are who they are said to be."""

import pytest

from accounts.models import Member
from tests import factories


@pytest.mark.parametrize(
    ("name", "sees_cases", "counted_as"),
    [
        ("applicant", False, "expert"),
        ("alice", True, "expert"),
        ("resident", True, "trainee"),
        ("nurse", True, "other"),
        ("student", True, ""),
        ("mod2", True, "expert"),
        ("officer", False, ""),
        ("admin", False, ""),
        ("suspended", False, "expert"),
        ("lapsed", False, "expert"),
    ],
)
@pytest.mark.django_db
def test_person(name: str, sees_cases: bool, counted_as: str) -> None:
    person = factories.person(name)
    assert person.may_see_cases is sees_cases
    assert person.counted_as == counted_as


@pytest.mark.django_db
def test_people_are_made_once() -> None:
    assert factories.person("alice") == factories.person("resident").supervisor
    assert Member.objects.count() == 2


def test_outsider_has_no_account(outsider: object) -> None:
    assert not outsider.is_authenticated
