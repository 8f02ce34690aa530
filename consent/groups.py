"""What the groups are called that a consent may name; the app above knows them and says how to look one up."""

from collections.abc import Callable
from uuid import UUID

Namer = Callable[[UUID], str]
_namers: list[Namer] = []


def names_groups(namer: Namer) -> Namer:
    """Register who knows the names of groups: "" for one that is unknown. Registering it twice has no effect."""
    if namer not in _namers:
        _namers.append(namer)
    return namer


def name_of(group_id: UUID | None) -> str:
    """The name of a group; "" when there is none."""
    if group_id is None:
        return ""
    return next((name for namer in _namers if (name := namer(group_id))), "")
