"""Moderators who decide in the same moment: never a third vote too many, never a decision twice."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections
from django.utils import timezone

from accounts.exceptions import VettingError
from accounts.models import Application, Member, Vote
from accounts.vetting import decisions
from audit.models import Event
from audit.verify import verify

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def at_once(work: list[Callable[[], None]]) -> list[str]:
    """Start all in threads of their own at one moment; the class of each one's refusal, "" for none."""
    start = threading.Barrier(len(work))
    outcomes = ["never ended"] * len(work)

    def run(place: int) -> None:
        start.wait()
        try:
            work[place]()
            outcomes[place] = ""
        except VettingError as error:
            outcomes[place] = type(error).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def votes_of(application: Application, moderators: list[Member], accepts: list[bool]) -> list[Callable[[], None]]:
    def one(moderator: Member, accept: bool) -> Callable[[], None]:
        return lambda: decisions.vote(
            application=application,
            by=moderator,
            accept=accept,
            reason="matches" if accept else "not_found",
            looked_up_on=timezone.localdate(),
        )

    return [one(moderator, accept) for moderator, accept in zip(moderators, accepts, strict=True)]


@pytest.mark.parametrize(
    ("accepts", "votes"), [([True] * 6, {2}), ([False] * 6, {2}), ([True, False, True, False, True, False], {2, 3})]
)
def test_six_moderators_at_once(
    applied: Callable[..., Application], mods: list[Member], accepts: list[bool], votes: set[int]
) -> None:
    application = applied()
    outcomes = at_once(votes_of(application, mods, accepts))
    application.refresh_from_db()
    cast = list(Vote.objects.order_by("seat"))
    assert set(outcomes) == {"", "AlreadyDecided"}
    assert len(cast) == outcomes.count("")
    assert len(cast) in votes
    assert [vote.seat for vote in cast] == list(range(1, len(cast) + 1))
    assert not application.is_open
    assert Event.objects.filter(verb="application.decided").count() == 1
    assert Member.objects.get(pk=application.member_id).is_verified is (application.state == "accepted")
    assert verify().ok


def test_one_moderator_in_two_windows(applied: Callable[..., Application], mods: list[Member]) -> None:
    application = applied()
    outcomes = at_once(votes_of(application, [mods[0]] * 4, [True, False, True, False]))
    assert sorted(outcomes) == ["", "NotYours", "NotYours", "NotYours"]
    assert Vote.objects.count() == 1


def test_appeal_sent_twice(
    applied: Callable[..., Application], mods: list[Member], vote: Callable[..., object]
) -> None:
    application = applied()
    for moderator in mods[:2]:
        vote(application, moderator, False)

    def send() -> None:
        decisions.appeal(application=application, by=application.member, statement="Look again.")

    outcomes = at_once([send] * 3)
    assert sorted(outcomes) == ["", "NotYours", "NotYours"]
    assert Event.objects.filter(verb="application.appealed").count() == 1
