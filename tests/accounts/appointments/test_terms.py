"""Terms of offices: begun, renewed by two, ended by the date, and the last administrator's that goes on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.appointments import missing, service, terms
from accounts.appointments.models import Appointment
from accounts.exceptions import VettingError
from accounts.models import Member, OfficeTerm, Session
from audit.models import Event
from core.deadlines import add_months
from tests import factories
from tests.accounts.makers import PASSWORD

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
RunJobs = Callable[[], int]


@pytest.fixture
def second(db: None) -> Member:
    return factories.member(email="second@site.example", is_staff=True, profession="")


def now(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def term(member: Member, office: str, days: int) -> OfficeTerm:
    """The term of an office that ends in so many days."""
    until = TODAY() + timedelta(days=days)
    since = until - timedelta(days=700)
    return OfficeTerm.objects.create(member=member, office=office, since=since, until=until)


def by_two(first: Member, second: Member, **what: Any) -> None:
    made = service.propose(by=first, **what)
    service.decide(appointment=made, by=second, confirm=True)


def test_an_office_has_a_term_from_its_first_day(admin: Member, second: Member, bob: Member) -> None:
    by_two(admin, second, member=bob, office="moderator", takes=True)
    found = OfficeTerm.objects.get(member=bob)
    assert (found.office, found.since, found.until) == ("moderator", TODAY(), add_months(TODAY(), 24))
    Client().force_login(now(bob))
    by_two(admin, second, member=bob, office="moderator", takes=False)
    assert not OfficeTerm.objects.filter(member=bob).exists()
    assert not Session.objects.filter(member=bob).exists()
    assert not now(bob).may_moderate


def test_who_holds_an_office_without_a_term_gets_one(admin: Member, mod1: Member, officer: Member) -> None:
    assert terms.adopt() == 3
    assert terms.adopt() == 0
    assert set(OfficeTerm.objects.values_list("member", "office")) == {
        (admin.pk, "administrator"),
        (mod1.pk, "moderator"),
        (officer.pk, "officer"),
    }


@pytest.mark.parametrize(("days", "may"), [(61, False), (60, True), (0, True), (-1, True)])
def test_two_renew_in_the_last_days_and_no_day_is_lost(
    admin: Member, second: Member, mod1: Member, days: int, may: bool
) -> None:
    found = term(mod1, "moderator", days)
    if not may:
        with pytest.raises(VettingError):
            service.propose(member=mod1, office="moderator", takes=True, renews=True, by=admin)
        return
    made = service.propose(member=mod1, office="moderator", takes=True, renews=True, by=admin)
    found.refresh_from_db()
    assert found.until == TODAY() + timedelta(days=days)
    with pytest.raises(VettingError):
        service.decide(appointment=made, by=admin, confirm=True)
    service.decide(appointment=made, by=second, confirm=True)
    found.refresh_from_db()
    assert found.until == add_months(max(TODAY(), TODAY() + timedelta(days=days)), 24)
    assert Event.objects.get(verb="appointment.decided").facts["renews"] is True


def test_nobody_confirms_their_own_renewal(admin: Member, second: Member) -> None:
    term(admin, "administrator", 10)
    made = service.propose(member=admin, office="administrator", takes=True, renews=True, by=second)
    with pytest.raises(VettingError):
        service.decide(appointment=made, by=admin, confirm=True)


@pytest.mark.parametrize("held", [False, True])
def test_what_cannot_be_renewed(admin: Member, bob: Member, mod1: Member, held: bool) -> None:
    with pytest.raises(VettingError):
        service.propose(member=mod1 if held else bob, office="moderator", takes=True, renews=True, by=admin)


@pytest.mark.parametrize("fields", [{"takes": False, "renews": True}])
def test_the_database_refuses_a_renewal_of_what_is_left(admin: Member, bob: Member, fields: dict[str, bool]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(member=bob, office="moderator", proposed_by=admin, **fields)


@pytest.mark.parametrize(("days", "ends"), [(0, False), (-1, True)])
@pytest.mark.parametrize(
    ("who", "office", "flag"), [("mod1", "moderator", "is_moderator"), ("officer", "officer", "is_privacy_officer")]
)
def test_an_office_ends_with_its_last_day(
    who: str, office: str, flag: str, days: int, ends: bool, run_jobs: RunJobs
) -> None:
    member = factories.person(who)
    term(member, office, days)
    Client().force_login(member)
    assert terms.end_expired() == ends
    assert getattr(now(member), flag) is not ends
    assert Session.objects.filter(member=member).exists() is not ends
    assert Event.objects.filter(verb="office.ended").count() == ends
    run_jobs()
    assert [message.to for message in mail.outbox] == [[member.email]] * ends
    assert terms.end_expired() == 0


def test_who_is_relieved_is_out_at_the_next_request(admin: Member, second: Member, mod1: Member) -> None:
    client = Client()
    client.force_login(mod1)
    assert client.get(reverse("accounts:queue")).status_code == 200
    by_two(admin, second, member=mod1, office="moderator", takes=False)
    assert client.get(reverse("accounts:queue")).status_code == 302  # to sign in, without the office
    client.force_login(now(mod1))
    assert client.get(reverse("accounts:queue")).status_code == 403


def test_who_has_neither_office_nor_profession_lapses(officer: Member, mod1: Member) -> None:
    term(officer, "officer", -1)
    term(mod1, "moderator", -1)
    assert terms.end_expired() == 2
    assert (now(officer).standing, now(mod1).standing) == ("lapsed", "verified")


def test_dismissing_an_administrator_without_a_profession(admin: Member, second: Member, bob: Member) -> None:
    Member.objects.filter(pk=bob.pk).update(is_staff=True)
    by_two(admin, now(bob), member=second, office="administrator", takes=False)
    assert (now(second).is_staff, now(second).standing) == (False, "lapsed")


def test_a_suspended_officer_loses_the_office_and_stays_suspended(officer: Member) -> None:
    Member.objects.filter(pk=officer.pk).update(standing="suspended")
    term(officer, "officer", -1)
    assert terms.end_expired() == 1
    assert (now(officer).is_privacy_officer, now(officer).standing) == (False, "suspended")


def test_the_last_administrators_office_goes_on_and_alarms(admin: Member, run_jobs: RunJobs) -> None:
    term(admin, "administrator", -3)
    for _hour in range(3):
        assert terms.end_expired() == 0
    assert now(admin).is_staff
    run_jobs()
    assert [message.to for message in mail.outbox] == [[admin.email]]
    assert Event.objects.filter(verb="office.overdue").count() == 1
    assert "office is over and goes on" in " ".join(missing.notes())
    OfficeTerm.objects.update(overdue_told_at=timezone.now() - timedelta(days=8))
    terms.end_expired()
    assert Event.objects.filter(verb="office.overdue").count() == 2
    # Alone, they renew it themselves.
    service.propose(member=admin, office="administrator", takes=True, renews=True, by=admin)
    assert OfficeTerm.objects.get().until > TODAY()
    assert "office is over and goes on" not in " ".join(missing.notes())


@pytest.mark.parametrize("other", [{"standing": "suspended"}, {"standing": "lapsed"}])
def test_an_administrator_who_cannot_come_in_is_no_other(admin: Member, second: Member, other: dict[str, str]) -> None:
    Member.objects.filter(pk=second.pk).update(**other)
    term(admin, "administrator", -1)
    assert terms.end_expired() == 0
    assert now(admin).is_staff


def test_two_whose_offices_end_together_leave_one(admin: Member, second: Member) -> None:
    term(admin, "administrator", -2)
    term(second, "administrator", -1)
    assert terms.end_expired() == 1
    assert (now(admin).is_staff, now(second).is_staff) == (False, True)


@pytest.mark.parametrize(("days", "made"), [(61, 0), (60, 1), (14, 1), (3, 1), (0, 1), (-1, 0)])
def test_reminders_go_to_the_holder_and_the_administrators(
    admin: Member, mod1: Member, days: int, made: int, run_jobs: RunJobs
) -> None:
    term(mod1, "moderator", days)
    assert terms.remind_due() == made
    assert terms.remind_due() == 0
    run_jobs()
    assert sorted(message.to[0] for message in mail.outbox) == sorted([admin.email, mod1.email] * made)


def test_the_command_renews_an_office_too(admin: Member) -> None:
    found = term(admin, "administrator", 10)
    service.appoint_by_command(email=admin.email, office="administrator")
    found.refresh_from_db()
    assert found.until == add_months(TODAY() + timedelta(days=10), 24)
    Member.objects.filter(pk=admin.pk).update(standing="suspended")
    with pytest.raises(VettingError):
        service.appoint_by_command(email=admin.email, office="administrator")


def test_the_page_shows_terms_and_takes_a_renewal(admin: Member, mod1: Member, bob: Member) -> None:
    found = term(mod1, "moderator", 10)
    admin.set_password(PASSWORD)
    admin.save()
    client = Client()
    client.force_login(admin)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = " ".join(client.get(reverse("accounts:people")).content.decode().split())
    assert f"until {found.until.day} " in page
    assert "the term begins within the hour" in page  # the administrator's own
    sent = {"email": mod1.email, "office": "moderator", "takes": "renew"}
    assert client.post(reverse("accounts:people"), sent).status_code == 302
    found.refresh_from_db()
    assert found.until == add_months(TODAY() + timedelta(days=10), 24)


def test_the_holder_reads_the_term_on_their_page(mod1: Member, sign_in: Callable[[object], Client]) -> None:
    term(mod1, "moderator", 10)
    page = sign_in(mod1).get(reverse("accounts:membership")).content.decode()
    assert "unless two administrators renew it" in page
