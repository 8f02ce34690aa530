"""Rooms that hold data of members: each gives its part of an export, and erases its part when a member leaves.

A room above this app registers at start-up. What hangs on a member's row by CASCADE needs no room of its own to be
erased (`accounts.leaving.erasure`); what has bytes, words or rows that stay without a name does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.checks import CheckMessage, Error, register

from accounts.membership.models import Member

# Without one of them, an erasure would leave it all there.
REQUIRED = ("accounts", "consent", "consults", "notifications")


@dataclass(frozen=True)
class Wishes:
    """What a member who leaves wants to have removed; otherwise it stays without a name."""

    remove_comments: bool = False
    remove_answers: bool = False


class Room(Protocol):
    """A part of the product that holds data of members."""

    def export(self, member: Member) -> Mapping[str, Any]:
        """Return the member's data as {file name without suffix: what JSON can hold}; nobody else's words or names."""

    def erase(self, member: Member, wishes: Wishes) -> None:
        """Erase what is the member's alone and take their name off the rest. Safe to repeat, may die anywhere."""


_rooms: dict[str, Room] = {}


class RegisteredTwice(Exception):
    """A second room of the same name."""


def add(name: str, room: Room) -> None:
    """Register a room; the same one again has no effect. Raises RegisteredTwice."""
    if _rooms.setdefault(name, room) is not room:
        raise RegisteredTwice(name)


def all_rooms() -> list[Room]:
    """Return all rooms, this app's own last: it blanks the name, which the others must know to find it."""
    return [room for name, room in _rooms.items() if name != "accounts"] + [_rooms["accounts"]]


@register()
def check_rooms(**kwargs: Any) -> list[CheckMessage]:
    """Refuse to start without a room that holds data of members."""
    return [
        Error(f"The room {name} has not said how a member's data leaves it.", id="accounts.E001")
        for name in REQUIRED
        if name not in _rooms
    ]
