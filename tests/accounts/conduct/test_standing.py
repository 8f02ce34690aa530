"""For how long a passed module counts, early repetition, reminders, and a module that has changed."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.conduct import renewal, standing
from accounts.models import ConductNotice, ConductReminder, ConductResult, ConductRun, Member
from core.deadlines import add_months
from tests import factories
from tests.accounts.conduct.walking import pass_module

pytestmark = pytest.mark.django_db
SignIn = Callable[[object], Client]


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def ending(member: Member, days: int | None) -> Member:
    Member.objects.filter(pk=member.pk).update(conduct_until=None if days is None else day(days))
    return Member.objects.get(pk=member.pk)


@pytest.mark.parametrize(
    ("days", "passed", "soon", "may_begin"),
    [
        (None, False, False, True),
        (-400, False, False, True),
        (-1, False, False, True),
        (0, True, True, True),
        (30, True, True, True),
        (31, True, False, True),
        (60, True, False, True),
        (61, True, False, False),
        (365, True, False, False),
    ],
)
def test_standing_by_days_left(
    bob: Member, django_assert_num_queries: object, days: int | None, passed: bool, soon: bool, may_begin: bool
) -> None:
    member = ending(bob, days)
    with django_assert_num_queries(0):
        assert standing.has_passed(member) is passed
        assert standing.ends_soon(member) is soon
        assert standing.may_begin(member) is may_begin


@pytest.mark.parametrize(
    ("who", "may"), [("bob", True), ("student", True), ("nurse", True), ("officer", False), ("lapsed", False)]
)
def test_who_may_begin(who: str, may: bool) -> None:
    assert standing.may_begin(ending(factories.person(who), None)) is may


@pytest.mark.parametrize(("days", "begins"), [(None, 0), (-3, 0), (60, 0), (20, 20), (0, 0)])
def test_an_early_repetition_keeps_the_rest(bob: Member, days: int | None, begins: int) -> None:
    member = ending(bob, days)
    if days == 60:
        begins = 60
    result = pass_module(member)
    assert result.until == add_months(day(begins), 12)
    assert Member.objects.get(pk=bob.pk).conduct_until == result.until


@pytest.mark.parametrize(
    ("days", "reminder"), [(None, None), (31, None), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)]
)
def test_which_reminder_is_due(
    bob: Member, days: int | None, reminder: int | None, run_jobs: Callable[[], int]
) -> None:
    ending(bob, days)
    wanted = [] if reminder is None else [reminder]
    assert renewal.remind_due() == len(wanted)
    assert list(ConductReminder.objects.values_list("days", flat=True)) == wanted
    assert renewal.remind_due() == 0
    run_jobs()
    assert [message.to for message in mail.outbox] == [[bob.email] for _days in wanted]
    assert all("conduct module ends soon" in message.subject for message in mail.outbox)


def test_who_has_repeated_it_since_gets_no_mail(bob: Member, run_jobs: Callable[[], int]) -> None:
    ending(bob, 5)
    renewal.remind_due()
    ending(bob, 300)
    run_jobs()
    assert not mail.outbox


def test_who_is_not_verified_is_not_reminded(bob: Member, run_jobs: Callable[[], int]) -> None:
    ending(bob, 5)
    renewal.remind_due()
    Member.objects.filter(pk=bob.pk).update(standing="suspended")
    run_jobs()
    assert not mail.outbox
    ConductReminder.objects.all().delete()
    assert renewal.remind_due() == 0


# --- A module that has changed in its first number


@pytest.fixture
def second_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site has the module 2.0."""
    monkeypatch.setattr(renewal, "current_major", lambda: 2)


def test_the_first_module_ends_nothing(bob: Member) -> None:
    ending(bob, 200)
    assert renewal.end_older_modules() == 0
    assert not ConductNotice.objects.exists()


def test_older_modules_end_after_thirty_days_of_notice(
    bob: Member, alice: Member, second_module: None, run_jobs: Callable[[], int]
) -> None:
    ending(bob, 200)
    ending(alice, 20)  # ends before: nothing is added
    assert renewal.end_older_modules() == 1
    assert Member.objects.get(pk=bob.pk).conduct_until == day(30)
    assert Member.objects.get(pk=alice.pk).conduct_until == day(20)
    assert standing.has_passed(Member.objects.get(pk=bob.pk))
    assert standing.may_begin(Member.objects.get(pk=bob.pk))
    assert renewal.end_older_modules() == 0
    renewal.remind_due()
    run_jobs()
    assert sorted(message.to[0] for message in mail.outbox) == sorted([alice.email, bob.email])


def test_the_notice_counts_from_its_first_day(bob: Member, second_module: None) -> None:
    ConductNotice.objects.create(major=2, begins_on=day(-40))
    ending(bob, 200)
    assert renewal.end_older_modules() == 1
    assert not standing.has_passed(Member.objects.get(pk=bob.pk))


def test_who_has_passed_the_new_one_keeps_it(bob: Member, alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    pass_module(ending(bob, None))
    ending(alice, 200)
    monkeypatch.setattr(renewal, "current_major", lambda: 1)
    assert renewal.end_older_modules() == 0
    monkeypatch.setattr(renewal, "current_major", lambda: 2)
    monkeypatch.setattr(renewal, "BATCH", 1)
    result = ConductResult.objects.get()
    run = ConductRun.objects.create(member=bob, version="2.0", finished_at=timezone.now())
    fields = {"version": "2.0", "major": 2, "language": "en", "minutes": 10, "until": day(365), "right_at_once": 12}
    ConductResult.objects.create(run=run, member=bob, number="A" * 16, **fields)
    assert renewal.end_older_modules() == 1
    assert Member.objects.get(pk=bob.pk).conduct_until == result.until
    assert Member.objects.get(pk=alice.pk).conduct_until == day(30)


@pytest.mark.parametrize("fields", [{"until": date(2040, 1, 1)}, {"version": "9.9"}, {"minutes": 1}])
def test_the_database_changes_no_result(bob: Member, fields: dict[str, object]) -> None:
    pass_module(ending(bob, None))
    with pytest.raises(DatabaseError), transaction.atomic():
        ConductResult.objects.update(**fields)
    assert not ConductResult.objects.filter(**fields).exists()
    ConductRun.objects.get().delete()  # a result goes with its run
    assert not ConductResult.objects.exists()


# --- What pages say


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (None, "Before you send your first case, pass the conduct module."),
        (-1, "Your conduct module ended on"),
        (10, "Your conduct module ends on"),
        (31, None),
    ],
)
def test_the_banner_where_a_case_begins(bob: Member, sign_in: SignIn, days: int | None, says: str | None) -> None:
    client = sign_in(ending(bob, days))
    started = client.get(reverse("consults:new"), follow=True)
    assert started.status_code == 200  # a draft may be begun in any case
    for page in (started.content.decode(), client.get(reverse("consults:mine")).content.decode()):
        found = [words for words in ("Before you send", "module ended on", "module ends on") if words in page]
        assert found == ([] if says is None else [word for word in found if word in says])
        assert (says is None) is (not found)


@pytest.mark.parametrize(("who", "shown"), [("bob", True), ("student", True), ("officer", False), ("applicant", False)])
def test_my_page_leads_to_the_module(who: str, shown: bool, sign_in: SignIn) -> None:
    page = sign_in(factories.person(who)).get(reverse("accounts:me")).content.decode()
    assert (reverse("accounts:conduct") in page) is shown
