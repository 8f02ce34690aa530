"""Groups are made by administrators, who confirm their identity first and see no case."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from audit.models import Event
from consults.exceptions import ChangeRefused
from consults.groups import service
from consults.models import Group
from core import permissions
from tests import factories
from tests.accounts.appointments.test_appointments import confirmed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "may"),
    [("admin", True), ("officer", False), ("mod1", False), ("bob", False), ("applicant", False)],
)
def test_who_manages_groups(who: str, may: bool) -> None:
    group = Group.objects.create(name="Hall")
    assert permissions.allows(factories.person(who), "group.manage", group) is may


def test_a_group_is_made_and_filled(
    admin: Member, bob: Member, mod1: Member, officer: Member, sign_in: Callable[[object], Client]
) -> None:
    at = reverse("consults:groups")
    assert sign_in(admin).post(at, {"name": "Hall"})["Location"].startswith(reverse("account_reauthenticate"))
    client = confirmed(admin)
    assert client.post(at, {"name": ""}).status_code == 422
    client.post(at, {"name": "Hall", "purpose": "Rounds", "open_to_nurses": "on"})
    group = Group.objects.get()
    assert group.open_to_nurses
    assert client.post(at, {"name": "Hall"}).status_code == 422
    assert "Rounds" in client.get(at).content.decode()
    one = reverse("consults:group", args=[group.pk])
    assert "No moderator belongs to this group" in client.get(one).content.decode()
    for member in (bob, mod1):
        client.post(one, {"email": member.email})
    page = client.get(one).content.decode()
    assert bob.name in page
    assert "No moderator belongs" not in page
    assert client.post(one, {"email": bob.email}).status_code == 422
    assert client.post(one, {"email": "nobody@x.example"}).status_code == 422
    assert client.post(one, {"email": officer.email}).status_code == 422
    client.post(one, {"remove": str(bob.pk)})
    client.post(one, {"remove": str(bob.pk)})
    client.post(one, {"remove": "nobody"})
    assert list(group.members.all()) == [mod1]
    with pytest.raises(ChangeRefused):
        service.remove(group=group, member=bob, by=admin)
    assert sign_in(admin).post(one, {"email": bob.email})["Location"].startswith(reverse("account_reauthenticate"))
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"group.made", "group.member_added", "group.member_removed"} <= verbs


def test_a_privacy_officer_does_not_see_them(officer: Member, sign_in: Callable[[object], Client]) -> None:
    assert sign_in(officer).get(reverse("consults:groups")).status_code == 403
