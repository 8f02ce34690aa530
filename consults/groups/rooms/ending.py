"""The end of a room: it is destroyed with its group."""

from uuid import UUID

from consults.groups.rooms.models import Post


def follow_end(*, group_id: UUID, **_sent: object) -> None:
    """Destroy everything that was said in a group that is closed down, in its transaction."""
    Post.objects.filter(group_id=group_id).update(reply_to=None)
    Post.objects.filter(group_id=group_id).delete()
