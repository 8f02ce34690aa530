"""Two acts at the same moment: of two moderators who step back one stays, and nobody joins twice."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from consults.exceptions import ChangeRefused
from consults.groups import admissions, running
from consults.groups.models import Kind, Way
from consults.models import Admission, Membership
from tests import factories
from tests.consults.groups.making import group

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.service]


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all of these at the same moment, each in a thread of its own; return how each ended, in any order."""
    start = threading.Barrier(len(acts))
    ends: list[str] = []

    def do(act: Callable[[], object]) -> None:
        try:
            start.wait(20)
            act()
            ends.append("done")
        except ChangeRefused:
            ends.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(ends)


def test_of_two_moderators_who_go_at_once_one_stays() -> None:
    one = group(moderators=("alice", "bob"))
    alice, bob = factories.person("alice"), factories.person("bob")
    ends = at_once(lambda: running.step_back(group=one, by=alice), lambda: running.leave(group=one, by=bob))
    assert ends == ["done", "refused"]
    assert Membership.objects.filter(is_moderator=True).count() == 1


def test_a_request_that_two_moderators_accept_at_once() -> None:
    one = group(moderators=("alice", "bob"), kind=Kind.OPEN)
    resident, alice, bob = (factories.person(name) for name in ("resident", "alice", "bob"))
    asked = admissions.request(group=one, by=resident)
    ends = at_once(*(lambda by=by: admissions.accept(admission=asked, by=by) for by in (alice, bob)))
    assert ends == ["done", "refused"]
    assert Membership.objects.filter(member=resident).count() == 1


def test_a_request_and_an_invitation_at_once() -> None:
    one = group(kind=Kind.OPEN)
    resident, alice = factories.person("resident"), factories.person("alice")
    ends = at_once(
        lambda: admissions.request(group=one, by=resident),
        lambda: admissions.invite(group=one, member=resident, by=alice),
    )
    assert ends == ["done", "refused"]
    assert Admission.objects.get().way in (Way.REQUEST, Way.INVITATION)
