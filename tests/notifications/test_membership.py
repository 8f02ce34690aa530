"""What is mailed about a membership stands beside the bell too, once; applications are told to moderators."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.membership import lifecycle, renewal
from accounts.models import Application, Member
from accounts.vetting import decisions
from notifications.models import Notice
from notifications.notices import Kind
from notifications.tasks import mail_renewal, tell_moderators, tell_of_due_applications
from tests.accounts.makers import claim, join

pytestmark = pytest.mark.django_db


def told(kind: Kind) -> list[tuple[str, int]]:
    return sorted(Notice.objects.filter(kind=kind).values_list("member__name", "count"))


def test_a_reminder_is_told_once_however_often_its_mail_is_tried(bob: Member, run_jobs: Callable[[], int]) -> None:
    Member.objects.filter(pk=bob.pk).update(verified_until=timezone.localdate() + timedelta(days=10))
    renewal.remind_due()
    run_jobs()
    mail_renewal(bob.reminders.get().pk)
    assert told(Kind.MEMBERSHIP) == [("Bob", 1)]


def test_a_lapse_is_told(bob: Member, run_jobs: Callable[[], int]) -> None:
    Member.objects.filter(pk=bob.pk).update(verified_until=timezone.localdate() - timedelta(days=1))
    lifecycle.lapse_expired()
    run_jobs()
    assert told(Kind.MEMBERSHIP) == [("Bob", 1)]


def test_an_application_is_told_to_moderators_once_and_on_its_day(
    mod1: Member, mod2: Member, bob: Member, run_jobs: Callable[[], int]
) -> None:
    application = join(email="new@lake.example", said=claim())
    run_jobs()
    tell_moderators(application.pk)
    assert told(Kind.APPLICATION) == [("Mod1", 1), ("Mod2", 1)]
    tell_of_due_applications()
    assert told(Kind.APPLICATION) == [("Mod1", 1), ("Mod2", 1)]
    Application.objects.update(target_on=timezone.localdate())
    tell_of_due_applications()
    assert told(Kind.APPLICATION) == [("Mod1", 2), ("Mod2", 2)]
    Notice.objects.all().delete()
    Application.objects.update(state="declined", reason="matches", decided_at=timezone.now())
    tell_moderators(application.pk)
    tell_of_due_applications()
    assert told(Kind.APPLICATION) == []


def test_nobody_is_told_of_an_application_before_its_address_is_confirmed(
    mod1: Member, run_jobs: Callable[[], int]
) -> None:
    decisions.apply(email="later@lake.example", claim=claim())
    run_jobs()
    assert told(Kind.APPLICATION) == []
