"""Policy of groups' rooms: action -> rows.

A room is for the members of its group, with the rights that their profession has there. A closed group's room does not
exist for anybody else; a group that was closed down has none, and whoever leaves loses it at the next request.

| who | reads, votes | writes | moderates |
|---|---|---|---|
| member of the group | yes | yes | – |
| nurse or assistant in it | while it is open to nurses | the same | never |
| student in it | yes | no, as under cases | never |
| its moderators, and moderators of the site who belong to it | yes | yes | yes, never their own posts or reports |
| anybody else, officers among them | no | no | no |
"""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Member
from accounts.policy import Scope, rights
from consults.groups.models import Group
from consults.groups.policy import groups_of, groups_to_moderate
from consults.groups.rooms.models import ON_BOARD, Post, PostHold, PostKind, PostReport
from consults.holds import HIDING
from core.permissions import Policy, is_among


def _pk(member: object) -> UUID | None:
    return member.pk if isinstance(member, Member) else None


def rooms(member: object) -> QuerySet[Group]:
    """Return the groups whose room this member enters."""
    scope = rights(member).see_cases
    if not scope:
        return Group.objects.none()
    found = groups_of(member)
    return found if scope != Scope.OPTED_IN else found.filter(open_to_nurses=True)


def rooms_to_write(member: object) -> QuerySet[Group]:
    """Return the groups in whose room this member writes: whoever may comment on cases."""
    return rooms(member) if rights(member).diagnose else Group.objects.none()


def rooms_to_moderate(member: object) -> QuerySet[Group]:
    """Return the groups in whose room this member moderates: its moderators, and those of the site who belong to it."""
    if not isinstance(member, Member):
        return Group.objects.none()
    if member.may_moderate:
        return rooms(member)
    return rooms(member).filter(is_among(groups_to_moderate(member), "pk"))


def is_hidden() -> Q:
    """Return the condition that a post is hidden."""
    return Q(Exists(PostHold.objects.filter(post=OuterRef("pk"), state__in=HIDING)))


def posts(member: object) -> QuerySet[Post]:
    """Return the posts that this member reads: all of their rooms but hidden ones of others, and deleted ones."""
    seen = Post.objects.filter(is_among(rooms(member), "group"), deleted_at=None)
    return seen.filter(~is_hidden() | Q(author=_pk(member)))


def posts_on_board(member: object) -> QuerySet[Post]:
    """Return the announcements, polls and albums among them."""
    return posts(member).filter(kind__in=ON_BOARD)


def posts_to_change(member: object) -> QuerySet[Post]:
    """Return own posts that are not hidden; a poll is deleted and never changed."""
    return posts(member).filter(is_among(rooms_to_write(member), "group"), ~is_hidden(), author=_pk(member))


def polls_to_vote(member: object) -> QuerySet[Post]:
    """Return the open polls in which this member has not voted."""
    seen = posts(member).filter(~is_hidden(), kind=PostKind.POLL, closes_at__gt=timezone.now())
    return seen.exclude(ballots__member=_pk(member))


def albums(member: object) -> QuerySet[Post]:
    """Return the albums that this member opens."""
    return posts(member).filter(kind=PostKind.ALBUM)


def albums_to_fill(member: object) -> QuerySet[Post]:
    """Return the albums in which this member orders cases: their own, and those of rooms that they moderate."""
    seen = posts(member).filter(is_among(rooms_to_write(member), "group"), ~is_hidden(), kind=PostKind.ALBUM)
    return seen.filter(Q(author=_pk(member)) | is_among(rooms_to_moderate(member), "group"))


def posts_to_report(member: object) -> QuerySet[Post]:
    """Return posts of others that are shown."""
    return posts(member).filter(~is_hidden()).exclude(author=_pk(member))


def posts_to_hide(member: object) -> QuerySet[Post]:
    """Return the same, in the rooms that this member moderates."""
    return posts_to_report(member).filter(is_among(rooms_to_moderate(member), "group"))


def holds(member: object) -> QuerySet[PostHold]:
    """Return the hidden posts of others in rooms that this member moderates, those that they hid among them."""
    found = PostHold.objects.filter(is_among(rooms_to_moderate(member), "post__group"), state__in=HIDING)
    return found.exclude(post__author=_pk(member))


def holds_to_decide(member: object) -> QuerySet[PostHold]:
    """Return those that others hid, and not upon a report of this member."""
    mine = PostReport.objects.filter(post=OuterRef("post"), reporter=_pk(member), hidden=None)
    return holds(member).exclude(by=_pk(member)).filter(~Exists(mine))


def reports(member: object) -> QuerySet[PostReport]:
    """Return the waiting reports that this member may settle: not their own, nor of their own posts.

    Reports that have hidden something are settled with that.
    """
    hidden = PostHold.objects.filter(post=OuterRef("post"), state__in=HIDING)
    found = PostReport.objects.filter(is_among(rooms_to_moderate(member), "post__group"), hidden=None)
    return found.filter(~Exists(hidden)).exclude(reporter=_pk(member)).exclude(post__author=_pk(member))


def histories(member: object) -> QuerySet[Post]:
    """Return changed and deleted posts of others whose former texts a moderator of the room may read."""
    changed = Post.objects.filter(is_among(rooms_to_moderate(member), "group"), versions__isnull=False)
    return changed.exclude(author=_pk(member)).distinct()


POLICY: Policy = {
    "room.enter": rooms,
    "room.write": rooms_to_write,
    "room.moderate": rooms_to_moderate,
    "post.view": posts,
    "post.on_board": posts_on_board,
    "post.change": posts_to_change,
    "post.vote": polls_to_vote,
    "album.view": albums,
    "post.fill": albums_to_fill,
    "post.report": posts_to_report,
    "post.hold": posts_to_hide,
    "post.history": histories,
    "post_hold.view": holds,
    "post_hold.decide": holds_to_decide,
    "post_report.settle": reports,
}
