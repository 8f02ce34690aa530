"""Groups of every kind for the tests of this folder."""

from typing import Any

from accounts.models import Member
from consults.groups.models import Kind
from consults.models import Group, Membership
from tests import factories


def group(
    name: str = "Hall", *, moderators: tuple[str, ...] = ("alice",), members: tuple[str, ...] = (), **fields: Any
) -> Group:
    """A group with these people in it; closed unless `fields` say otherwise."""
    made = Group.objects.create(name=name, **{"kind": Kind.CLOSED} | fields)
    for person in (*moderators, *members):
        Membership.objects.create(group=made, member=factories.person(person), is_moderator=person in moderators)
    return made


def place(group: Group, person: str | Member) -> Membership:
    """This person's place in a group."""
    member = factories.person(person) if isinstance(person, str) else person
    return Membership.objects.get(group=group, member=member)
