"""Writing in a room: messages, announcements, polls, albums; changing and deleting what one wrote.

Each change locks its writer's row, so that limits hold for requests that come together, and the group's, so that
nothing is written into a group that is being closed down.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.exceptions import ChangeRefused
from consults.groups import founding
from consults.groups.models import Group, Membership
from consults.groups.rooms.models import (
    ANNOUNCEMENTS,
    LEAST_OPTIONS,
    LONGEST_OPTION,
    MOST_OPTIONS,
    PollOption,
    Post,
    PostKind,
    PostVersion,
)
from consults.groups.running import lock
from core import permissions
from notifications.notices import Kind, tell
from screening import colleagues, identifiers

SAME_WITHIN: Final = timedelta(minutes=1)
LONGEST_POLL: Final = timedelta(days=90)
_A_DAY: Final = timedelta(days=1)
_LIMITS: Final = {  # kinds that are limited together: the rule, and the time
    (PostKind.MESSAGE,): ("comments_an_hour", timedelta(hours=1)),
    ANNOUNCEMENTS: ("announcements_a_day", _A_DAY),
    (PostKind.POLL,): ("polls_a_day", _A_DAY),
    (PostKind.ALBUM,): ("albums_a_day", _A_DAY),
}


@transaction.atomic
def write(*, group: Group, by: Member, text: str, reply_to: Post | None = None) -> Post:
    """Write a message into the thread; the same one sent again within a minute is the same message.

    Raises ChangeRefused when it is empty, could identify a patient, or is one too many within the hour.
    """
    text = _some(text, group)
    locked = _lock(group, by)
    if reply_to is not None and not permissions.allowed(by, "post.view").filter(pk=reply_to.pk, group=locked).exists():
        reply_to = None
    lately = Post.objects.filter(author=by, group=locked, kind=PostKind.MESSAGE, deleted_at=None)
    same = lately.filter(text=text, reply_to=reply_to, written_at__gt=timezone.now() - SAME_WITHIN).first()
    return same or _create(locked, by, PostKind.MESSAGE, text=text, reply_to=reply_to)


@transaction.atomic
def announce(*, group: Group, by: Member, kind: str, title: str, text: str = "", **facts: Any) -> Post:
    """Announce an article (`doi`), a meeting (`starts_at`, `ends_at`, `place`) or a tip. Raises ChangeRefused."""
    locked = _lock(group, by)
    facts = {name: _screened(value, locked) if name == "place" else value for name, value in facts.items()}
    made = _create(locked, by, PostKind(kind), title=_some(title, locked), text=_screened(text, locked), **facts)
    _tell_all(made, Kind.ANNOUNCEMENT)
    return made


@transaction.atomic
def ask(*, group: Group, by: Member, title: str, options: Sequence[str], closes_at: datetime, text: str = "") -> Post:
    """Ask the group one question with two to six options, until `closes_at`. Raises ChangeRefused."""
    chosen = [_screened(option, group)[:LONGEST_OPTION] for option in options if option.strip()]
    if not LEAST_OPTIONS <= len(chosen) <= MOST_OPTIONS:
        raise ChangeRefused(_("Give %(least)d to %(most)d options.") % {"least": LEAST_OPTIONS, "most": MOST_OPTIONS})
    if len({option.casefold() for option in chosen}) < len(chosen):
        raise ChangeRefused(_("The same option is there twice. Change one."))
    now = timezone.now()
    if not now < closes_at <= now + LONGEST_POLL:
        raise ChangeRefused(_("Choose an end within the next 90 days."))
    locked = _lock(group, by)
    title, text = _some(title, locked), _screened(text, locked)
    made = _create(locked, by, PostKind.POLL, title=title, text=text, closes_at=closes_at)
    PollOption.objects.bulk_create(
        PollOption(poll=made, position=position, text=option) for position, option in enumerate(chosen, start=1)
    )
    _tell_all(made, Kind.POLL)
    return made


@transaction.atomic
def open_album(*, group: Group, by: Member, title: str, text: str = "") -> Post:
    """Begin an album of closed teaching cases. Raises ChangeRefused."""
    locked = _lock(group, by)
    return _create(locked, by, PostKind.ALBUM, title=_some(title, locked), text=_screened(text, locked))


@transaction.atomic
def edit(*, post: Post, by: Member, text: str, title: str = "") -> None:
    """Change an own post; what it said before is kept for the moderators of the room. Raises ChangeRefused."""
    locked = _lock_own(post, by)
    if locked.kind == PostKind.POLL:
        raise ChangeRefused(_("A poll is not changed, because members have voted on these words. Delete it instead."))
    is_message = locked.kind == PostKind.MESSAGE
    title = "" if is_message else _some(title, locked.group)
    text = _some(text, locked.group) if is_message else _screened(text, locked.group)
    if (title, text) == (locked.title, locked.text):
        return
    PostVersion.objects.create(post=locked, title=locked.title, text=locked.text)
    locked.title, locked.text, locked.edited_at = title, text, timezone.now()
    locked.save(update_fields=["title", "text", "edited_at"])
    record(verb="post.edited", actor=by, subject=("post", locked.pk))


@transaction.atomic
def delete(*, post: Post, by: Member) -> None:
    """Delete an own post: its place in the thread stays; the moderators of the room can read what it said.

    Raises ChangeRefused.
    """
    locked = _lock_own(post, by)
    PostVersion.objects.create(post=locked, title=locked.title, text=locked.text)
    locked.title, locked.text, locked.place, locked.doi = "", "", "", ""
    locked.deleted_at = timezone.now()
    locked.save(update_fields=["title", "text", "place", "doi", "deleted_at"])
    locked.options.all().delete()
    locked.places.all().delete()
    record(verb="post.deleted", actor=by, subject=("post", locked.pk))


def _some(text: str, group: Group) -> str:
    text = _screened(text, group)
    if not text:
        raise ChangeRefused(_("Write something first."))
    return text


def _screened(text: str, group: Group) -> str:
    """Screen a text; members of the group are no patients. No query without a doctor's title or “@”."""
    if not colleagues.calls(text):
        return founding.screened(text)
    names = Membership.objects.filter(group=group).values_list("member__name", flat=True)
    return founding.screened(text, known=identifiers.Known(colleagues=tuple(names)))


def _lock(group: Group, by: Member) -> Group:
    """Lock whoever writes and the group, and check again that they may. Raises ChangeRefused."""
    Member.objects.select_for_update(no_key=True).get(pk=by.pk)
    locked = lock(group)
    if not permissions.allows(by, "room.write", locked):
        raise ChangeRefused(_("You cannot write in this group. Its members can, students excepted."))
    return locked


def _create(group: Group, by: Member, kind: PostKind, **fields: Any) -> Post:
    alike = next(kinds for kinds in _LIMITS if kind in kinds)
    rule, within = _LIMITS[alike]
    lately = Post.objects.filter(author=by, kind__in=alike, written_at__gt=timezone.now() - within)
    if lately.count() >= int(settings.RULES[rule]):
        raise ChangeRefused(_("You have written as much of this kind as one may for now. Go on later."))
    made = Post.objects.create(group=group, author=by, kind=kind, **fields)
    record(verb="post.written", actor=by, subject=("post", made.pk), group=str(group.pk), kind=str(kind))
    return made


def _lock_own(post: Post, by: Member) -> Post:
    locked = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    if not permissions.allows(by, "post.change", locked):
        raise ChangeRefused(_("This cannot be changed any more. Write something new."))
    return locked


def _tell_all(post: Post, kind: Kind) -> None:
    """Tell the members of the group that something is on its board: not what."""
    members = Membership.objects.filter(group=post.group_id).values_list("member", flat=True)
    tell(kind, list(members), view="consults:post", args=[str(post.pk)], about=post.pk, by=post.author_id)
