"""Polls: one vote a member, results after voting or at the end, and no row that says who chose what."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consults.exceptions import ChangeRefused
from consults.groups.rooms import voting
from consults.groups.rooms.models import Ballot, Post
from consults.models import Group
from tests import factories
from tests.consults.groups.making import group
from tests.consults.groups.rooms import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Group:
    """A group of five."""
    return group(members=("bob", "student", "physician", "mod1"))


def vote(poll: Post, who: str, text: str = "Yes") -> None:
    voting.vote(poll=poll, by=factories.person(who), option=making.option(poll, text).pk)


def test_one_vote_a_member(hall: Group) -> None:
    poll, other = making.poll(hall), making.poll(hall)
    vote(poll, "bob")
    with pytest.raises(ChangeRefused):
        vote(poll, "bob", "No")
    for option in (uuid4(), making.option(other, "Yes").pk):
        with pytest.raises(ChangeRefused):
            voting.vote(poll=poll, by=factories.person("student"), option=option)
    assert not Ballot.objects.filter(member=factories.person("student")).exists()  # a refused vote is none
    with pytest.raises(ChangeRefused):
        vote(poll, "resident")
    assert [one.votes for one in poll.options.all()] == [1, 0]


def test_results_are_shown_after_voting_or_at_the_end_from_three_votes_on(hall: Group, alice: Member) -> None:
    poll, bob = making.poll(hall), factories.person("bob")
    for who in ("bob", "student"):
        vote(poll, who)
    seen = voting.result(poll=poll, reader=bob)
    assert (seen.voted, seen.lines, seen.too_few, seen.votes) == (True, (), True, 2)
    vote(poll, "physician", "No")
    seen = voting.result(poll=poll, reader=bob)
    assert [(line.text, line.votes, line.percent) for line in seen.lines] == [("Yes", 2, 67), ("No", 1, 33)]
    unseen = voting.result(poll=poll, reader=alice)
    assert (unseen.voted, unseen.lines, unseen.votes, unseen.too_few) == (False, (), 0, False)
    Post.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    poll.refresh_from_db()
    assert len(voting.result(poll=poll, reader=alice).lines) == 2
    with pytest.raises(ChangeRefused):
        vote(poll, "mod1")


def test_no_row_and_no_line_joins_a_member_and_a_choice(hall: Group) -> None:
    poll = making.poll(hall)
    before = Event.objects.count()
    vote(poll, "bob")
    assert Event.objects.count() == before
    names = {field.name for field in Ballot._meta.get_fields()}
    assert names == {"id", "poll", "member"}


def test_voting_on_the_page(hall: Group, bob: Member, sign_in: Callable[[object], Client]) -> None:
    poll, client = making.poll(hall), sign_in(bob)
    at, page = reverse("consults:post_vote", args=[poll.pk]), reverse("consults:post", args=[poll.pk])
    assert 'type="radio"' in client.get(page).content.decode()
    client.post(at, {"option": "nonsense"})
    assert not Ballot.objects.exists()
    client.post(at, {"option": str(making.option(poll, "No").pk)})
    after = client.get(page).content.decode()
    assert "You have voted." in after
    assert "Fewer than three have voted" in after
    assert client.post(reverse("consults:post_vote", args=[making.message(hall).pk])).status_code == 404
    assert client.get(at).status_code == 302
