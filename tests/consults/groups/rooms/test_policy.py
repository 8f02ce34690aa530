"""Who does what in a group's room: persona × what, allowed beside denied."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Member
from consults.groups import running
from consults.groups.models import Kind
from consults.groups.rooms import moderating
from consults.groups.rooms.models import Ballot, Post, PostHold, PostKind, PostReport
from consults.models import Group, Membership
from core import permissions
from tests import factories
from tests.consults.groups.making import group
from tests.consults.groups.rooms import making

pytestmark = pytest.mark.django_db

ALL = ("alice", "bob", "resident", "physician", "nurse", "student", "mod1", "mod2", "officer", "admin", "suspended",
       "lapsed", "applicant")  # fmt: skip
INSIDE = ("bob", "nurse", "student", "mod1")  # beside alice, who moderates


@pytest.fixture
def hall() -> Group:
    """A closed group, open to nurses: alice moderates it; bob, a nurse, a student and a site's moderator belong."""
    return group(members=INSIDE, open_to_nurses=True)


def may(action: str, row: object) -> set[str]:
    """Those of all people who may do it."""
    return {name for name in ALL if permissions.allows(factories.person(name), action, row)}


@pytest.mark.parametrize(
    ("action", "names"),
    [
        ("room.enter", {"alice", *INSIDE}),
        ("room.write", {"alice", "bob", "nurse", "mod1"}),
        ("room.moderate", {"alice", "mod1"}),
    ],
)
def test_who_enters_a_room(hall: Group, action: str, names: set[str]) -> None:
    assert may(action, hall) == names
    assert not permissions.allows(AnonymousUser(), action, hall)


@pytest.mark.parametrize(
    ("action", "names"),
    [
        ("post.view", {"alice", *INSIDE}),
        ("post.on_board", set()),
        ("post.change", {"bob"}),
        ("post.report", {"alice", "nurse", "student", "mod1"}),
        ("post.hold", {"alice", "mod1"}),
        ("post.vote", set()),
        ("album.view", set()),
        ("post.fill", set()),
        ("post.history", set()),
    ],
)
def test_who_does_what_with_a_message(hall: Group, action: str, names: set[str]) -> None:
    assert may(action, making.message(hall, "bob")) == names


def test_who_votes_and_who_fills_an_album(hall: Group) -> None:
    poll = making.poll(hall, "bob")
    assert may("post.vote", poll) == {"alice", *INSIDE}
    assert may("post.on_board", poll) == {"alice", *INSIDE}
    Ballot.objects.create(poll=poll, member=factories.person("nurse"))
    assert "nurse" not in may("post.vote", poll)
    Post.objects.filter(pk=poll.pk).update(closes_at=timezone.now() - timedelta(minutes=1))
    assert may("post.vote", poll) == set()
    album = Post.objects.create(group=hall, author=factories.person("bob"), kind=PostKind.ALBUM, title="Nails")
    assert may("album.view", album) == {"alice", *INSIDE}
    assert may("post.fill", album) == {"alice", "bob", "mod1"}


def test_a_hidden_post_is_its_author_s_and_the_moderators(hall: Group) -> None:
    post = making.message(hall, "bob")
    hold = moderating.hide(post=post, by=factories.person("mod1"), reason="conduct")
    assert may("post.view", post) == {"bob"}
    assert may("post.change", post) == may("post.report", post) == may("post.hold", post) == set()
    assert may("post_hold.view", hold) == {"alice", "mod1"}
    assert may("post_hold.decide", hold) == {"alice"}
    own = moderating.hide(post=making.message(hall, "alice"), by=factories.person("mod1"), reason="conduct")
    assert may("post_hold.view", own) == {"mod1"}
    assert may("post_hold.decide", own) == set()


def test_who_only_reads_changes_and_fills_nothing_of_their_own(hall: Group) -> None:
    """A student's posts from before they were one."""
    student = factories.person("student")
    album = Post.objects.create(group=hall, author=student, kind=PostKind.ALBUM, title="Nails")
    assert "student" in may("album.view", album)
    assert may("post.fill", album) == {"alice", "mod1"}
    assert may("post.change", making.message(hall, "student")) == set()


def test_a_hidden_poll_or_album_is_used_by_nobody(hall: Group) -> None:
    """Its author still sees it."""
    album = Post.objects.create(group=hall, author=factories.person("bob"), kind=PostKind.ALBUM, title="Nails")
    for post, action in ((making.poll(hall, "bob"), "post.vote"), (album, "post.fill")):
        hold = PostHold.objects.create(post=post, reason="conduct")
        assert may("post.view", post) == {"bob"}
        assert may(action, post) == set()
        decided = {"decided_by": factories.person("mod1"), "decided_at": timezone.now()}
        PostHold.objects.filter(pk=hold.pk).update(state="lifted", **decided)
        assert may(action, post) >= {"alice", "bob"}
        assert may("post_hold.view", hold) == set()


def test_a_report_of_another_post_keeps_nobody_from_deciding(hall: Group) -> None:
    reporter = factories.person("mod1")
    held, other = (PostHold.objects.create(post=making.message(hall, "bob"), reason="conduct") for _number in range(2))
    PostReport.objects.create(post=other.post, reporter=reporter, reason="conduct")
    assert may("post_hold.decide", held) == {"alice", "mod1"}
    assert may("post_hold.decide", other) == {"alice"}
    PostReport.objects.update(hidden=True, settled_at=timezone.now(), settled_by=factories.person("alice"))
    assert may("post_hold.decide", other) == {"alice", "mod1"}


@pytest.mark.parametrize("who", ["officer", "admin", "lapsed", "applicant"])
def test_a_place_in_the_group_without_the_right_opens_nothing(hall: Group, who: str) -> None:
    Membership.objects.create(group=hall, member=factories.person(who), is_moderator=True)
    post = making.message(hall, "bob")
    for action, row in (("room.enter", hall), ("room.moderate", hall), ("post.view", post), ("post.hold", post)):
        assert who not in may(action, row)


def test_nobody_settles_their_own_report_or_one_of_their_post(hall: Group) -> None:
    by_mod = PostReport.objects.create(
        post=making.message(hall, "alice"), reporter=factories.person("mod1"), reason="conduct"
    )
    assert may("post_report.settle", by_mod) == set()
    by_bob = PostReport.objects.create(
        post=making.message(hall, "nurse"), reporter=factories.person("bob"), reason="conduct"
    )
    assert may("post_report.settle", by_bob) == {"alice", "mod1"}
    PostHold.objects.create(post=making.message(hall, "nurse"), reason="conduct")
    assert may("post_report.settle", by_bob) == {"alice", "mod1"}
    PostHold.objects.create(post=by_bob.post, reason="conduct")
    assert may("post_report.settle", by_bob) == set()  # settled with the hold


def test_whoever_leaves_has_no_room_and_writes_in_none(hall: Group, bob: Member) -> None:
    post = making.message(hall, "bob")
    running.leave(group=hall, by=bob)
    for action in ("post.view", "post.change"):
        assert "bob" not in may(action, post)
    assert "bob" not in may("room.enter", hall)


def test_a_group_shut_to_nurses_shuts_its_room(hall: Group) -> None:
    post = making.message(hall, "bob")
    Group.objects.update(open_to_nurses=False)
    assert "nurse" not in may("room.enter", hall) | may("post.view", post)
    assert "student" in may("room.enter", hall)


@pytest.mark.parametrize("kind", Kind.values)
def test_a_room_is_for_members_alone_whatever_the_kind(hall: Group, kind: str) -> None:
    Group.objects.update(kind=kind)
    assert may("room.enter", hall) == {"alice", *INSIDE}


def test_a_group_that_is_closed_down_has_no_room(hall: Group, alice: Member) -> None:
    first = making.message(hall, "bob")
    making.message(hall, "alice", reply_to=first)
    making.poll(hall)
    running.end(group=hall, by=alice)
    assert not Post.objects.exists()
    assert not Ballot.objects.exists()
    assert may("room.enter", hall) == set()


def test_a_moderator_who_is_suspended_moderates_no_room(hall: Group, alice: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(standing="suspended")
    assert may("room.moderate", hall) == {"mod1"}
    Membership.objects.filter(member=factories.person("mod1")).delete()
    assert may("room.moderate", hall) == set()


def test_histories_are_for_moderators_of_the_room(hall: Group) -> None:
    post = making.message(hall, "bob")
    post.versions.create(text="Before.")
    assert may("post.history", post) == {"alice", "mod1"}
    own = making.message(hall, "alice")
    assert may("post.history", own) == set()
    own.versions.create(text="Before.")
    assert may("post.history", own) == {"mod1"}
