"""Rooms, and what is said in them, for the tests of this folder."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Member
from consults.groups.rooms import writing
from consults.groups.rooms.models import PollOption, Post, PostKind
from consults.models import Group
from tests import factories


def poll(group: Group, by: str = "alice", *, options: tuple[str, ...] = ("Yes", "No"), days: int = 7) -> Post:
    """An open poll."""
    return writing.ask(
        group=group,
        by=factories.person(by),
        title="Do we meet on Mondays?",
        options=options,
        closes_at=timezone.now() + timedelta(days=days),
    )


def option(poll: Post, text: str) -> PollOption:
    """One of its options."""
    return PollOption.objects.get(poll=poll, text=text)


def message(group: Group, by: str | Member = "alice", text: str = "Who has seen this before?", **fields: Any) -> Post:
    """A message, straight into the database."""
    member = factories.person(by) if isinstance(by, str) else by
    return Post.objects.create(group=group, author=member, kind=PostKind.MESSAGE, text=text, **fields)


def meeting(group: Group, by: str = "alice", **fields: Any) -> Post:
    """A meeting tomorrow."""
    starts_at = timezone.now() + timedelta(days=1)
    facts = {"title": "Rounds", "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)} | fields
    return Post.objects.create(group=group, author=factories.person(by), kind=PostKind.MEETING, **facts)
