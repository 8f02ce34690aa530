"""The rooms of the demo groups, and the demo's trusted persons: something to read and to vote on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Member
from consults.groups.rooms.models import Ballot, PollOption, Post, PostKind
from consults.models import Group

TRUSTED = ("luca", "ruth")
_THREAD = (
    ("Who has a good source on teaching the blink test?", "We show ten pictures in ten minutes, every Monday."),
    ("Rounds were too long last time. Shall we take three cases each?", "Three are enough, with one of histology."),
)


def furnish(groups: Mapping[str, Group], people: Mapping[str, Member]) -> None:
    """Say a few things in the room of each group that is silent, and name trusted persons."""
    Member.objects.filter(pk__in=[people[key].pk for key in TRUSTED]).update(is_trusted_person=True)
    for (question, answer), group in zip(_THREAD, groups.values(), strict=False):
        if not group.posts.exists():
            _furnish(group, question, answer)


def _furnish(group: Group, question: str, answer: str) -> None:
    now = timezone.now()
    first, second, *others = [place.member for place in group.memberships.select_related("member").order_by("pk")]

    def post(kind: PostKind, *, by: Member = first, days_ago: float = 1, **fields: Any) -> Post:
        made: dict[str, Any] = {"written_at": now - timedelta(days=days_ago)} | fields
        return Post.objects.create(group=group, author=by, kind=kind, **made)

    asked = post(PostKind.MESSAGE, days_ago=3, text=question)
    post(PostKind.MESSAGE, by=second, days_ago=2, text=answer, reply_to=asked)
    post(PostKind.TIP, by=second, title="Polarised and not", text="Take both: crystals show in one of them only.")
    begins = (now + timedelta(days=9)).replace(hour=18, minute=0, second=0, microsecond=0)
    post(
        PostKind.MEETING,
        title="Monthly rounds",
        text="Bring one case with its histology.",
        place="online",
        starts_at=begins,
        ends_at=begins + timedelta(hours=1),
    )
    poll = post(PostKind.POLL, title="Rounds on which evening?", closes_at=now + timedelta(days=7))
    for position, (text, votes) in enumerate((("Monday", len(others) - 1), ("Wednesday", 1)), start=1):
        PollOption.objects.create(poll=poll, position=position, text=text, votes=votes)
    Ballot.objects.bulk_create(Ballot(poll=poll, member=member) for member in others)
    post(PostKind.ALBUM, title="Solved cases of this group", text="For the teaching hour.")
