"""Two acts at the same moment: nobody votes twice, two reports hide, and nothing is said in a room that is gone."""

import pytest

from consults.groups import running
from consults.groups.rooms import moderating, voting, writing
from consults.groups.rooms.models import Ballot, Post, PostHold
from consults.models import CaseHold
from consults.moderation import reports
from tests import factories
from tests.consults import reading
from tests.consults.groups.making import group
from tests.consults.groups.rooms import making
from tests.consults.groups.test_at_once import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.service]


def test_nobody_votes_twice() -> None:
    hall = group(members=("bob",))
    poll, bob = making.poll(hall), factories.person("bob")
    options = [one.pk for one in poll.options.all()]
    ends = at_once(*(lambda pk=pk: voting.vote(poll=poll, by=bob, option=pk) for pk in options))
    assert ends == ["done", "refused"]
    assert sum(one.votes for one in poll.options.all()) == Ballot.objects.count() == 1


def test_votes_at_once_are_all_counted() -> None:
    names = ("bob", "student", "physician", "mod1")
    poll = making.poll(group(members=names))
    option, people = making.option(poll, "Yes"), [factories.person(name) for name in names]
    ends = at_once(*(lambda by=by: voting.vote(poll=poll, by=by, option=option.pk) for by in people))
    option.refresh_from_db()
    assert (ends, option.votes) == (["done"] * 4, 4)


def test_two_reports_at_once_hide_a_case_and_a_post() -> None:
    case = reading.case()
    one, other = factories.person("bob"), factories.person("physician")
    assert at_once(*(lambda by=by: reports.report(by=by, case=case, reason="conduct") for by in (one, other))) == [
        "done",
        "done",
    ]
    assert CaseHold.objects.count() == 1
    post = making.message(group(members=("bob", "physician", "student")), "student")
    at_once(*(lambda by=by: moderating.report(post=post, by=by, reason="conduct") for by in (one, other)))
    assert PostHold.objects.count() == 1


def test_nothing_is_said_in_a_room_that_is_gone() -> None:
    hall = group(members=("bob",))
    alice, bob = factories.person("alice"), factories.person("bob")
    at_once(lambda: running.end(group=hall, by=alice), lambda: writing.write(group=hall, by=bob, text="Wait."))
    assert not Post.objects.exists()
