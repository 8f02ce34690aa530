"""Windows that answer in the same moment: one answer, one result, one year."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from accounts.conduct import service
from accounts.models import ConductAnswer, ConductResult, ConductRun, Member
from audit.models import Event
from tests import factories
from tests.accounts.conduct.walking import CASES, answer

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
WINDOWS = 4


def at_once(work: Callable[[], object]) -> list[str]:
    """Do the same in several threads at one moment; the class of each one's refusal, "" for none."""
    start = threading.Barrier(WINDOWS)
    outcomes = ["never ended"] * WINDOWS

    def run(place: int) -> None:
        start.wait()
        try:
            work()
            outcomes[place] = ""
        except service.ConductRefused as refused:
            outcomes[place] = type(refused).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(WINDOWS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


@pytest.fixture
def nova(db: None) -> Member:
    """A member who has never passed the module."""
    return factories.member(conduct_until=None)


def test_windows_that_begin_at_once_share_one_run(nova: Member) -> None:
    assert at_once(lambda: service.begin(member=nova)) == [""] * WINDOWS
    assert ConductRun.objects.count() == 1


def test_windows_that_answer_at_once_give_one_answer(nova: Member) -> None:
    service.begin(member=nova)
    assert at_once(lambda: answer(nova, "location", right=False)) == [""] * WINDOWS
    assert ConductAnswer.objects.count() == 1


def test_the_last_answer_in_many_windows_is_one_result(nova: Member) -> None:
    service.begin(member=nova)
    *first, last = CASES
    for key in first:
        answer(nova, key)
    outcomes = at_once(lambda: answer(nova, last))
    assert sorted(outcomes) == ["", *["ConductRefused"] * (WINDOWS - 1)]
    result = ConductResult.objects.get()
    assert Member.objects.get(pk=nova.pk).conduct_until == result.until
    assert Event.objects.filter(verb="conduct.passed").count() == 1
