"""Who follows something: ids of members, for whoever tells them. Nobody may see a case because they are in here."""

from uuid import UUID

from accounts.models import Follow
from consults.following.models import Following


def followers_of(
    *, topic: str = "", member: UUID | None = None, case: UUID | None = None, group: UUID | None = None
) -> set[UUID]:
    """Return the ids of those who follow any of these. At most two queries.

    Whether they may see what they are to be told of is not asked here: ask the gate, as `telling.who_may_see` does.
    """
    found: set[UUID] = set()
    rows = Following.objects.none()
    if topic:
        rows = rows | Following.objects.filter(topic=topic)
    if case is not None:
        rows = rows | Following.objects.filter(case=case)
    if group is not None:
        rows = rows | Following.objects.filter(group=group)
    if topic or case is not None or group is not None:
        found |= set(rows.values_list("member_id", flat=True))
    if member is not None:
        found |= set(Follow.objects.filter(followed=member).values_list("follower_id", flat=True))
    return found


def followers_of_topics(topics: set[str]) -> set[UUID]:
    """Return the ids of those who follow at least one of these topics. One query, none without a topic."""
    if not topics:
        return set()
    return set(Following.objects.filter(topic__in=topics).values_list("member_id", flat=True))
