"""The yearly light check, the full one after three years, and what each does to the dates of a membership."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.appointments import missing
from accounts.exceptions import AlreadyDecided, BadReason, NotYet, NotYours, TooLate
from accounts.membership import lifecycle, renewal
from accounts.membership.yearly import service
from accounts.membership.yearly.service import Kind
from accounts.models import Application, Member, Verification, YearlyCheck
from accounts.policy import checks_to_decide
from accounts.vetting import decisions
from audit.models import Event
from core.deadlines import add_months
from tests import factories
from tests.accounts.makers import claim

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def nova(applied: Callable[..., Application], vote: Callable[..., object], mods: list[Member]) -> Member:
    """A member whom two moderators verified in full today."""
    application = applied()
    for moderator in mods[:2]:
        vote(application, moderator, True)
    Member.objects.filter(pk=application.member_id).update(factor_enrolled_at=timezone.now())
    return Member.objects.get(pk=application.member_id)


def ending(member: Member, days: int) -> Member:
    """The member, `days` before the end of this year's verification."""
    Member.objects.filter(pk=member.pk).update(verified_until=TODAY() + timedelta(days=days))
    return Member.objects.get(pk=member.pk)


def full_due(member: Member, day: date) -> None:
    Verification.objects.filter(pk=member.pk).update(since=TODAY() - timedelta(days=900), full_due_on=day)


def sent(member: Member, days: int = 30) -> YearlyCheck:
    return service.send(member=ending(member, days))


def decide(check: YearlyCheck, by: Member, finding: str = "unchanged", day: date | None = None) -> None:
    service.decide(check=check, by=by, finding=finding, looked_up_on=day or TODAY())


def test_a_full_check_begins_three_years(nova: Member) -> None:
    found = Verification.objects.get(pk=nova.pk)
    assert (found.since, nova.verified_until) == (TODAY(), add_months(TODAY(), 12))
    assert found.full_due_on == add_months(TODAY(), 36)
    assert service.kind_due(nova) == Kind.LIGHT


@pytest.mark.parametrize(("days", "may"), [(61, False), (60, True), (1, True), (0, True), (-1, False)])
def test_when_a_member_may_confirm(nova: Member, days: int, may: bool) -> None:
    member = ending(nova, days)
    assert service.may_send(member) is may
    if not may:
        with pytest.raises(NotYours):
            service.send(member=member)
        return
    service.send(member=member)
    with pytest.raises(NotYours):  # once
        service.send(member=member)
    assert Event.objects.filter(verb="check.sent", subject_id=nova.pk).count() == 1


def test_who_was_never_verified_in_full_here_is_verified_in_full_first(alice: Member) -> None:
    member = ending(alice, 10)
    assert service.kind_due(member) == Kind.FULL
    with pytest.raises(NotYours):
        service.send(member=member)


def test_in_the_third_year_the_check_is_full(nova: Member) -> None:
    member = ending(nova, 10)
    full_due(member, member.verified_until)
    assert service.kind_due(member) == Kind.FULL
    assert not service.may_send(member)
    assert decisions.may_apply_again(member)


def test_who_applies_in_full_does_not_confirm_beside_it(nova: Member) -> None:
    member = ending(nova, 10)
    decisions.apply_again(member=member, claim=claim())
    assert not service.may_send(member)


@pytest.mark.parametrize("days", [60, 30, 0])
def test_a_confirmed_year_loses_no_day(
    nova: Member, mods: list[Member], days: int, run_jobs: Callable[[], int]
) -> None:
    check = sent(nova, days)
    decide(check, mods[0])
    member = Member.objects.get(pk=nova.pk)
    assert member.verified_until == add_months(TODAY() + timedelta(days=days), 12)
    assert Event.objects.get(verb="check.decided").facts["finding"] == "unchanged"
    run_jobs()
    assert "another year" in mail.outbox[-1].subject
    with pytest.raises(AlreadyDecided):
        decide(check, mods[1])


def test_a_light_check_never_reaches_past_the_full_one(nova: Member, mods: list[Member]) -> None:
    check = sent(nova)
    full_due(nova, TODAY() + timedelta(days=200))
    decide(check, mods[0])
    assert Member.objects.get(pk=nova.pk).verified_until == TODAY() + timedelta(days=200)


@pytest.mark.parametrize("finding", ["not_found", "different", "restricted"])
def test_a_changed_entry_asks_for_a_full_check_at_the_end_of_the_year(
    nova: Member, mods: list[Member], finding: str, run_jobs: Callable[[], int]
) -> None:
    check = sent(nova)
    decide(check, mods[0], finding)
    member = Member.objects.get(pk=nova.pk)
    assert (member.is_verified, member.verified_until) == (True, check.until)
    assert service.kind_due(member) == Kind.FULL
    assert not service.may_send(member)
    run_jobs()
    assert "full check" in mail.outbox[-1].subject


def test_a_member_does_not_lapse_because_a_moderator_is_late(nova: Member, mods: list[Member]) -> None:
    check = sent(nova, 3)
    ending(nova, -1)
    lifecycle.lapse_expired()
    assert Member.objects.get(pk=nova.pk).standing == "lapsed"
    decide(check, mods[0])
    assert Member.objects.get(pk=nova.pk).is_verified


def test_a_suspension_is_not_ended_by_a_check(nova: Member, mods: list[Member]) -> None:
    check = sent(nova)
    lifecycle.suspend(member=nova, by=mods[1], reason="register")
    with pytest.raises(NotYours):
        decide(check, mods[0])
    assert Member.objects.get(pk=nova.pk).standing == "suspended"
    assert YearlyCheck.objects.get().state == "waiting"


def test_a_full_check_takes_the_place_of_a_light_one(
    nova: Member, mods: list[Member], vote: Callable[..., object]
) -> None:
    check = sent(nova)
    since = Verification.objects.get(pk=nova.pk).since
    application = decisions.apply_again(member=Member.objects.get(pk=nova.pk), claim=claim())
    for moderator in mods[2:4]:
        vote(application, moderator, True)
    check.refresh_from_db()
    assert check.state == "superseded"
    member, found = Member.objects.get(pk=nova.pk), Verification.objects.get(pk=nova.pk)
    assert member.verified_until == add_months(check.until, 12)
    assert (found.since, found.full_due_on) == (since, add_months(check.until, 36))


def test_after_a_lapse_the_time_begins_anew(nova: Member, mods: list[Member], vote: Callable[..., object]) -> None:
    full_due(nova, TODAY() + timedelta(days=400))
    member = ending(nova, -5)
    lifecycle.lapse_expired()
    application = decisions.apply_again(member=Member.objects.get(pk=member.pk), claim=claim())
    for moderator in mods[2:4]:
        vote(application, moderator, True)
    assert Verification.objects.get(pk=nova.pk).since == TODAY()
    assert Member.objects.get(pk=nova.pk).verified_until == add_months(TODAY(), 12)


# --- Who decides


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("mod", True),
        ("own", False),
        ("same institution", False),
        ("other case", False),
        ("supervisor", False),
        ("resident", False),
        ("suspended", False),
        ("member", False),
        ("officer", False),
        ("administrator", False),
        ("applicant", False),
    ],
)
def test_who_may_decide(nova: Member, who: str, may: bool) -> None:
    check = sent(nova)
    fields: dict[str, dict[str, Any]] = {
        "mod": {"is_moderator": True, "institution": "Elsewhere"},
        "same institution": {"is_moderator": True, "institution": nova.institution},
        "other case": {"is_moderator": True, "institution": nova.institution.upper()},
        "supervisor": {"is_moderator": True},
        "resident": {"is_moderator": True, "supervisor": nova},
        "suspended": {"is_moderator": True, "standing": "suspended"},
        "member": {},
        "officer": {"is_privacy_officer": True},
        "administrator": {"is_staff": True},
        "applicant": {"standing": "applicant", "verified_until": None},
    }
    by = nova if who == "own" else factories.member(**fields[who])
    if who == "own":
        Member.objects.filter(pk=nova.pk).update(is_moderator=True)
        by = Member.objects.get(pk=nova.pk)
    if who == "supervisor":
        Member.objects.filter(pk=nova.pk).update(supervisor=by)
    assert checks_to_decide(by).filter(pk=check.pk).exists() is may
    if may:
        decide(check, by)
        return
    with pytest.raises(NotYours):
        decide(check, by)
    check.refresh_from_db()
    assert check.state == "waiting"


@pytest.mark.parametrize(
    ("finding", "day", "error"),
    [("no such", 0, BadReason), ("", 0, BadReason), ("unchanged", 1, NotYet), ("unchanged", -1, NotYet)],
)
def test_a_finding_and_its_day(nova: Member, mods: list[Member], finding: str, day: int, error: type) -> None:
    check = sent(nova)
    with pytest.raises(error):
        decide(check, mods[0], finding, TODAY() + timedelta(days=day))


def test_one_moderator_decides_only_so_many_in_a_day(nova: Member, mods: list[Member], settings: Any) -> None:
    settings.RULES = settings.RULES | {"yearly_checks_a_day": 0}
    with pytest.raises(TooLate):
        decide(sent(nova), mods[0])


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "confirmed"},
        {"state": "full", "finding": "unchanged"},
        {"finding": "unchanged"},
    ],
)
def test_what_the_database_refuses(nova: Member, fields: dict[str, str]) -> None:
    check = sent(nova)
    with pytest.raises(IntegrityError), transaction.atomic():
        YearlyCheck.objects.filter(pk=check.pk).update(**fields)


# --- Reminders


@pytest.mark.parametrize(("light", "subject"), [(True, "confirm that nothing has changed"), (False, "ends soon")])
def test_the_reminder_says_which_check_is_due(
    nova: Member, light: bool, subject: str, run_jobs: Callable[[], int]
) -> None:
    run_jobs()
    mail.outbox.clear()
    member = ending(nova, 14)
    if not light:
        full_due(member, member.verified_until)
    renewal.remind_due()
    run_jobs()
    [message] = mail.outbox
    assert subject in message.subject
    assert reverse("accounts:membership") in message.body


def test_who_has_confirmed_is_reminded_no_more(nova: Member, run_jobs: Callable[[], int]) -> None:
    run_jobs()
    mail.outbox.clear()
    sent(nova, 14)
    renewal.remind_due()
    run_jobs()
    assert not mail.outbox


# --- Pages


def test_the_member_confirms_tick_by_tick(nova: Member, sign_in: Callable[[object], Client]) -> None:
    client, address = sign_in(ending(nova, 30)), reverse("accounts:confirm_year")
    page = client.get(reverse("accounts:membership")).content.decode()
    assert "Light check due" in page
    assert address in page
    ticks = {"register": "on", "profession": "on", "institution": "on"}
    for tick in ticks:
        answer = client.post(address, {name: "on" for name in ticks if name != tick})
        assert answer.status_code == 422
        assert "apply for a change" in answer.content.decode()
    assert client.post(address, ticks)["Location"] == reverse("accounts:membership")
    assert "moderator looks your number up" in " ".join(
        client.get(reverse("accounts:membership")).content.decode().split()
    )
    assert client.get(address).status_code == 302


def test_the_banner_is_gone_once_the_check_is_in(nova: Member, sign_in: Callable[[object], Client]) -> None:
    client = sign_in(ending(nova, 30))
    assert "Your verification ends on" in client.get(reverse("accounts:me")).content.decode()
    service.send(member=Member.objects.get(pk=nova.pk))
    assert "Your verification ends on" not in client.get(reverse("accounts:me")).content.decode()


def test_whoever_is_supervised_confirms_the_supervisor_too(
    nova: Member, alice: Member, sign_in: Callable[[object], Client]
) -> None:
    Member.objects.filter(pk=nova.pk).update(supervisor=alice)
    client = sign_in(ending(nova, 30))
    address = reverse("accounts:confirm_year")
    ticks = {"register": "on", "profession": "on", "institution": "on"}
    assert client.post(address, ticks).status_code == 422
    assert client.post(address, ticks | {"supervisor": "on"}).status_code == 302


def test_a_moderator_decides_on_the_page(
    nova: Member, mods: list[Member], sign_in_again: Callable[[object], Client]
) -> None:
    check = sent(nova)
    client, address = sign_in_again(mods[0]), reverse("accounts:check", args=[check.pk])
    assert nova.name in client.get(reverse("accounts:checks")).content.decode()
    assert "TR-4711" in client.get(address).content.decode()
    data = {"finding": "unchanged", "looked_up_on": TODAY().isoformat()}
    assert client.post(address, data).status_code == 422
    assert client.post(address, data | {"looked_up": "on", "looked_up_on": "2020-01-01"}).status_code == 422
    assert client.post(address, data | {"looked_up": "on"})["Location"] == reverse("accounts:checks")
    assert client.get(address).status_code == 404


def test_late_checks_are_told_to_the_administrators(nova: Member, mods: list[Member]) -> None:
    check = sent(nova)
    assert "yearly check" not in " ".join(missing.notes())
    YearlyCheck.objects.filter(pk=check.pk).update(target_on=TODAY() - timedelta(days=1))
    assert "1 yearly check is late" in " ".join(missing.notes())
