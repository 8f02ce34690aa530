"""Presentation of a room: the thread, the board, one post. Who may read is asked before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Member
from accounts.profiles.identifiers import doi_address
from consults.groups.models import Group
from consults.groups.rooms.models import ON_BOARD, Post, PostHold, PostKind
from consults.groups.rooms.policy import is_hidden
from consults.holds import HIDING

THREAD_ROWS: Final = 50
BOARD_ROWS: Final = 30
NEWEST: Final = 5


@dataclass(frozen=True)
class ThreadMessage:
    """One message as its reader sees it: `text` and `quoted` are empty when deleted or hidden, unless it is theirs."""

    post: Post
    text: str
    quoted: str
    hold: PostHold | None
    may_change: bool
    may_report: bool
    may_hide: bool


@dataclass(frozen=True)
class ThreadPage:
    """Messages, the oldest of the page first, and the cursor of the page before ("" at the beginning)."""

    messages: list[ThreadMessage]
    before: str


def thread(group: Group, *, reader: Member, may_write: bool, moderates: bool, before: UUID | None = None) -> ThreadPage:
    """Return a page of the thread that ends before a message, or with the newest. Two queries, three with `before`."""
    rows = Post.objects.filter(group=group, kind=PostKind.MESSAGE).select_related("author", "reply_to__author")
    if before is not None:
        mark = Post.objects.filter(pk=before, group=group).values_list("written_at", "pk").first()
        if mark is not None:
            rows = rows.filter(Q(written_at__lt=mark[0]) | Q(written_at=mark[0], pk__lt=mark[1]))
    found = list(rows.order_by("-written_at", "-id")[: THREAD_ROWS + 1])
    shown = found[:THREAD_ROWS][::-1]
    quoted = [one.reply_to_id for one in shown if one.reply_to_id]
    holds = holds_of([*(one.pk for one in shown), *quoted])
    messages = [_message(one, holds, reader=reader, may_write=may_write, moderates=moderates) for one in shown]
    return ThreadPage(messages, before=str(shown[0].pk) if len(found) > THREAD_ROWS else "")


def holds_of(posts: Iterable[UUID]) -> dict[UUID, PostHold]:
    """Return what hides these posts. One query."""
    return {hold.post_id: hold for hold in PostHold.objects.filter(post__in=list(posts), state__in=HIDING)}


def _message(
    post: Post, holds: Mapping[UUID, PostHold], *, reader: Member, may_write: bool, moderates: bool
) -> ThreadMessage:
    hold = holds.get(post.pk)
    is_mine = post.author_id == reader.pk
    is_there = post.deleted_at is None and hold is None
    answered = post.reply_to
    return ThreadMessage(
        post=post,
        text=post.text if hold is None or is_mine else "",
        quoted=answered.text if answered and answered.pk not in holds else "",
        hold=hold,
        may_change=is_mine and is_there and may_write,
        may_report=not is_mine and is_there,
        may_hide=not is_mine and is_there and moderates,
    )


def board(group: Group, *, reader: Member) -> QuerySet[Post]:
    """Return what stands on the board of a group, the newest first: hidden posts for their authors alone."""
    rows = Post.objects.filter(group=group, kind__in=ON_BOARD, deleted_at=None).select_related("author")
    return rows.filter(~is_hidden() | Q(author=reader)).order_by("-written_at", "-id")


def newest(group: Group, *, reader: Member) -> QuerySet[Post]:
    """Return the newest posts on the board, for the page of the group. One query."""
    return board(group, reader=reader)[:NEWEST]


def article_address(post: Post) -> str:
    """Return where an article is found, or ""."""
    return doi_address(post.doi) if post.doi else ""
