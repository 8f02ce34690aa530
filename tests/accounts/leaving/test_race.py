"""Leaving while something else is going on: an answer, a comment, a copy, a second administrator."""

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.exceptions import NotYet
from accounts.leaving import exports, service
from accounts.leaving.rooms import Wishes
from accounts.models import Leaving, LeavingState, Member, Standing
from audit.verify import verify
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.discussion import answers, comments
from consults.exceptions import ChangeRefused
from consults.models import Answer, Comment
from core import jobs
from tests import factories
from tests.consent import making
from tests.consults import reading
from vocabulary import terms

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
ROUNDS = 5


def at_once(*work: Callable[[], object]) -> None:
    """Start all in threads of their own at one moment; a refusal is an answer."""
    start = threading.Barrier(len(work))
    failed: list[BaseException] = []

    def run(one: Callable[[], object]) -> None:
        start.wait()
        try:
            one()
        except ChangeRefused:
            pass
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []


def due(member: Member, **wishes: bool) -> None:
    service.ask(member=member, wishes=Wishes(**wishes))
    Leaving.objects.filter(member=member).update(due_at=timezone.now())


def finish() -> None:
    jobs.run_waiting()
    Leaving.objects.filter(state=LeavingState.ERASING).update(began_at=timezone.now() - timedelta(hours=2))
    service.begin_due()
    jobs.run_waiting()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_answer_in_the_same_moment_does_not_outlive_the_wish(_round: int) -> None:
    case, ada = making.published(author=factories.person("bob")).case, factories.member()
    open_case = reading.case(factories.person("bob"))
    reading.answer(open_case, ada, "psoriasis-vulgaris")
    due(ada, remove_comments=True, remove_answers=True)
    choice = answers.Choice("psoriasis-vulgaris", terms.Confidence.PROBABLE)
    at_once(
        service.begin_due,
        lambda: answers.answer(case=case, by=ada, choices=[choice]),
        lambda: comments.add_comment(case=open_case, by=ada, text="in the same moment"),
    )
    finish()
    assert Leaving.objects.get().state == LeavingState.ERASED
    assert not Answer.objects.filter(member=ada).exists()
    assert not Comment.objects.filter(author=ada).exclude(text="").exists()
    assert verify().ok


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_copy_made_in_the_same_moment_is_not_left(_round: int, data_dir: object) -> None:
    ada = factories.member()
    made = exports.ask(member=ada)
    due(ada)
    at_once(service.begin_due, lambda: exports.build(made.pk))
    finish()
    assert Leaving.objects.get().state == LeavingState.ERASED
    assert not list((data_dir / "objects" / "documents").rglob(made.object_name))


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_administrators_who_leave_at_once_one_waits(_round: int) -> None:
    both = [factories.member(profession="", is_staff=True) for _ in range(2)]
    for one in both:
        due(one)
    at_once(*(lambda row=row: service._begin(row) for row in Leaving.objects.all()))
    assert Member.objects.filter(pk__in=[one.pk for one in both], standing=Standing.VERIFIED).count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_stopped_in_the_last_moment_or_erased_but_not_both(_round: int) -> None:
    ada = factories.member()
    due(ada)
    at_once(service.begin_due, lambda: _stop(ada))
    state, standing = Leaving.objects.get().state, Member.objects.get(pk=ada.pk).standing
    assert (state, standing) in {("stopped", "verified"), ("erasing", "erased")}


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_withdrawal_in_the_same_moment_is_whole(_round: int) -> None:
    ada = factories.member()
    made = making.published(author=ada)
    exports.ask(member=ada)
    due(ada)
    at_once(service.begin_due, lambda: withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT))
    finish()
    assert Leaving.objects.get().state == LeavingState.ERASED
    assert (made.again().consent.status, made.again().case.state) == ("withdrawn", "withdrawn")
    assert made.again().case.content_erased_at is not None


def _stop(member: Member) -> None:
    with contextlib.suppress(NotYet):
        service.stop(member=member)
