"""A verification that ends: reminders, a banner, early renewal, and what a lapsed author is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.appointments import service
from accounts.exceptions import NotYours
from accounts.membership import lifecycle, renewal
from accounts.models import Application, Member, RenewalReminder
from accounts.vetting import decisions
from core.deadlines import add_months
from tests import factories
from tests.accounts.makers import claim

pytestmark = pytest.mark.django_db


def ending(member: Member, days: int) -> Member:
    Member.objects.filter(pk=member.pk).update(verified_until=timezone.localdate() + timedelta(days=days))
    return Member.objects.get(pk=member.pk)


@pytest.mark.parametrize(
    ("days", "reminder"), [(61, None), (60, 60), (15, 60), (14, 14), (4, 14), (3, 3), (0, 3), (-1, None)]
)
def test_which_reminder_is_due(bob: Member, days: int, reminder: int | None, run_jobs: Callable[[], int]) -> None:
    ending(bob, days)
    assert renewal.remind_due() == (reminder is not None)
    assert list(RenewalReminder.objects.values_list("days", flat=True)) == [reminder] * (reminder is not None)
    assert renewal.remind_due() == 0
    run_jobs()
    assert [message.to for message in mail.outbox] == [[bob.email]] * (reminder is not None)


def test_each_reminder_comes_once_and_again_next_year(bob: Member) -> None:
    for days, made in ((60, 1), (60, 0), (14, 1), (3, 1), (2, 0)):
        until = timezone.localdate() + timedelta(days=days)
        RenewalReminder.objects.update(until=until)  # as if the day had come nearer
        ending(bob, days)
        assert renewal.remind_due() == made, days
    RenewalReminder.objects.update(until=timezone.localdate() - timedelta(days=300))
    ending(bob, 60)
    assert renewal.remind_due() == 1


def test_who_has_renewed_since_gets_no_mail(bob: Member, run_jobs: Callable[[], int]) -> None:
    ending(bob, 10)
    renewal.remind_due()
    ending(bob, 300)
    run_jobs()
    assert not mail.outbox


@pytest.mark.parametrize(("days", "shown"), [(60, True), (0, True), (61, False)])
def test_the_banner(bob: Member, days: int, shown: bool, sign_in: Callable[[object], Client]) -> None:
    client = sign_in(ending(bob, days))
    assert ("Your verification ends on" in client.get(reverse("accounts:me")).content.decode()) is shown
    assert (client.get(reverse("accounts:apply_again")).status_code == 200) is shown


def test_an_early_renewal_loses_no_day(bob: Member, vote: Callable[..., object], mods: list[Member]) -> None:
    member = ending(bob, 30)
    application = decisions.apply_again(member=member, claim=claim())
    decisions.confirm_address(application=application)
    for moderator in mods[:2]:
        vote(application, moderator, True)
    assert Member.objects.get(pk=bob.pk).verified_until == add_months(member.verified_until, 12)


def test_a_declined_renewal_ends_nothing_early_and_can_be_appealed(
    bob: Member, vote: Callable[..., object], mods: list[Member], sign_in: Callable[[object], Client]
) -> None:
    member = ending(bob, 30)
    application = decisions.apply_again(member=member, claim=claim())
    decisions.confirm_address(application=application)
    for moderator in mods[:2]:
        vote(application, moderator, False)
    assert Member.objects.get(pk=bob.pk).is_verified
    assert sign_in(bob).get(reverse("accounts:appeal", args=[application.pk])).status_code == 200
    decisions.appeal(application=application, by=Member.objects.get(pk=bob.pk), statement="Again.")
    assert Application.objects.get().round == 2


def test_an_older_decision_is_not_appealed_when_there_is_a_newer_application(
    bob: Member, vote: Callable[..., object], mods: list[Member]
) -> None:
    member = ending(bob, 30)
    old = decisions.apply_again(member=member, claim=claim())
    for moderator in mods[:2]:
        vote(old, moderator, False)
    decisions.apply_again(member=member, claim=claim())
    with pytest.raises(NotYours):
        decisions.appeal(application=old, by=member, statement="Again.")


def test_a_lapsed_author_is_told_that_the_cases_are_hidden(
    bob: Member, run_jobs: Callable[[], int], sign_in: Callable[[object], Client]
) -> None:
    member = ending(bob, -1)
    assert lifecycle.lapse_expired() == 1
    run_jobs()
    [message] = mail.outbox
    assert message.to == [bob.email]
    assert "hidden from everybody" in message.body
    page = sign_in(member).get(reverse("consults:cases"))
    assert page.status_code == 403
    assert "hidden from everybody" in page.content.decode()


def test_who_is_verified_again_meanwhile_gets_no_such_mail(bob: Member, run_jobs: Callable[[], int]) -> None:
    ending(bob, -1)
    lifecycle.lapse_expired()
    Member.objects.filter(pk=bob.pk).update(standing="verified", verified_until=timezone.localdate())
    run_jobs()
    assert not mail.outbox


def test_officers_are_renewed_by_the_command(db: None) -> None:
    admin = factories.member(is_staff=True, profession="", email="root@site.example")
    member = ending(admin, 20)
    assert not decisions.may_apply_again(member)
    service.appoint_by_command(email=admin.email, office="administrator")
    assert not Member.objects.get(pk=admin.pk).may_renew
