"""Mails that a stranger can cause: one in ten minutes for each address, and no work that tells who has an account."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Draft, MailSent, Member
from accounts.security.mail_limits import PAUSE, forget, once_in_a_while
from accounts.vetting import decisions, joining
from core.models import Job
from tests import factories
from tests.accounts.makers import PASSWORD, claim

pytestmark = pytest.mark.django_db

ADDRESS = "nova@lake.example"


def cause(kind: str) -> None:
    if kind == "reset":
        Client().post(reverse("account_reset_password"), {"email": ADDRESS})
    else:
        joining.apply(email=ADDRESS, claim=claim())


@pytest.mark.parametrize("kind", ["drafted", "known", "reset"])
def test_one_mail_in_ten_minutes(kind: str, run_jobs: Callable[[], int]) -> None:
    if kind != "drafted":
        factories.member(email=ADDRESS, password=PASSWORD)
    for _attempt in range(4):  # allauth takes five in a minute
        cause(kind)
        run_jobs()
    assert len(mail.outbox) == 1
    MailSent.objects.update(at=timezone.now() - PAUSE - timedelta(seconds=1))
    cause(kind)
    run_jobs()
    assert len(mail.outbox) == 2


def test_link_for_a_password_is_not_held_back_by_applications(run_jobs: Callable[[], int]) -> None:
    factories.member(email=ADDRESS, password=PASSWORD)
    for kind in ("known", "reset"):
        cause(kind)
        run_jobs()
    assert len(mail.outbox) == 2


def test_link_to_confirm_is_sent_again_once_in_ten_minutes(
    lapsed: Member, sign_in: Callable[[object], Client], run_jobs: Callable[[], int]
) -> None:
    decisions.apply_again(member=lapsed, claim=claim())
    client = sign_in(lapsed)
    for _attempt in range(4):
        client.post(reverse("accounts:send_link"))
        run_jobs()
    assert len(mail.outbox) == 1


def test_mail_that_failed_may_be_sent_again() -> None:
    def failing() -> None:
        with once_in_a_while("reset", ADDRESS):
            raise ConnectionRefusedError

    for _attempt in range(2):
        with pytest.raises(ConnectionRefusedError):
            failing()
    with once_in_a_while("reset", ADDRESS.upper()) as may_send:
        assert may_send
    with pytest.raises(ConnectionRefusedError):
        failing()  # not its turn: takes nothing back
    with once_in_a_while("reset", ADDRESS) as may_send:
        assert not may_send


def test_address_is_not_kept() -> None:
    with once_in_a_while("reset", ADDRESS):
        pass
    row = MailSent.objects.get()
    assert ADDRESS not in row.key + str(row)
    assert forget() == 0
    MailSent.objects.update(at=timezone.now() - PAUSE)
    assert forget() == 1


def statements(kind: str) -> list[str]:
    """The statements of one request, without their values."""
    with CaptureQueriesContext(connection) as asked:
        cause(kind)
    return [re.split(r" WHERE | VALUES |SAVEPOINT ", query["sql"])[0] for query in asked]


@pytest.mark.parametrize("kind", ["drafted", "reset"])
def test_known_and_unknown_addresses_cost_the_same(kind: str) -> None:
    """Statement for statement, the first time and the second."""
    unknown = [statements(kind) for _time in (1, 2)]
    Job.objects.all().delete()
    Draft.objects.all().delete()
    factories.member(email=ADDRESS, password=PASSWORD)
    known = [statements(kind) for _time in (1, 2)]
    assert known == unknown


def test_request_for_an_unknown_address_sends_nothing(run_jobs: Callable[[], int]) -> None:
    cause("reset")
    run_jobs()
    assert not mail.outbox
    assert not Job.objects.filter(state=Job.State.PARKED).exists()


def test_closed_account_gets_no_link(run_jobs: Callable[[], int]) -> None:
    member = factories.member(email=ADDRESS, password=PASSWORD)
    Member.objects.filter(pk=member.pk).update(standing="erased")
    cause("reset")
    run_jobs()
    assert not mail.outbox
