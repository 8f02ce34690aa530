"""Offices: by two administrators where there are two, by the command for the first of each, and who is missing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.appointments import missing, service
from accounts.appointments.models import Appointment
from accounts.exceptions import VettingError
from accounts.membership import lifecycle
from accounts.models import Application, Member, Session
from accounts.policy import applications_to_decide
from accounts.tasks import tell_of_stuck_applications
from accounts.vetting import deadlocks, decisions
from audit.models import Event
from core import permissions
from tests import factories
from tests.accounts.makers import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(db: None) -> Member:
    return factories.member(email="second@site.example", is_staff=True, profession="")


def confirmed(member: Member) -> Client:
    """A client whose member has just confirmed who they are."""
    member.set_password(PASSWORD)
    member.save()
    client = Client()
    client.force_login(member)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


# --- By two


def test_one_administrator_alone_appoints_at_once(admin: Member, bob: Member) -> None:
    made = service.propose(member=bob, office="moderator", takes=True, by=admin)
    assert (made.state, made.alone, fresh(bob).is_moderator) == ("done", True, True)


def test_where_there_are_two_the_second_confirms(admin: Member, second: Member, bob: Member) -> None:
    Client().force_login(bob)
    made = service.propose(member=bob, office="moderator", takes=True, by=admin)
    assert not fresh(bob).is_moderator
    with pytest.raises(VettingError):
        service.decide(appointment=made, by=admin, confirm=True)
    with pytest.raises(VettingError):
        service.propose(member=bob, office="moderator", takes=True, by=second)
    service.decide(appointment=made, by=second, confirm=True)
    assert fresh(bob).is_moderator
    assert not Session.objects.filter(member=bob).exists()
    with pytest.raises(VettingError):
        service.decide(appointment=made, by=second, confirm=False)
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"appointment.proposed", "appointment.decided"} <= verbs


def test_suspending_the_other_administrator_makes_nobody_the_only_one(
    admin: Member, second: Member, bob: Member
) -> None:
    lifecycle.suspend(member=second, by=admin, reason="security")
    made = service.propose(member=bob, office="moderator", takes=True, by=admin)
    assert (made.state, fresh(bob).is_moderator) == ("waiting", False)
    service.appoint_by_command(email=bob.email, office="moderator")
    assert fresh(bob).is_moderator


def test_who_proposed_takes_it_back(admin: Member, second: Member, bob: Member) -> None:
    made = service.propose(member=bob, office="officer", takes=True, by=admin)
    service.decide(appointment=made, by=admin, confirm=False)
    assert Appointment.objects.get().state == "refused"
    assert not fresh(bob).is_privacy_officer


def test_nobody_confirms_their_own_promotion(admin: Member, second: Member, bob: Member) -> None:
    bob.is_staff = True
    bob.save()
    made = service.propose(member=admin, office="officer", takes=True, by=second)
    assert not permissions.allows(admin, "appointment.confirm", made)
    assert permissions.allows(admin, "appointment.refuse", made)
    assert permissions.allows(bob, "appointment.confirm", made)


@pytest.mark.parametrize(
    ("who", "office", "takes"),
    [
        ("applicant", "moderator", True),
        ("officer", "moderator", True),
        ("admin", "moderator", True),
        ("mod1", "officer", True),
        ("mod1", "administrator", True),
        ("mod1", "moderator", True),
        ("bob", "moderator", False),
        ("admin", "administrator", False),  # the last one
    ],
)
def test_what_nobody_may_become(admin: Member, who: str, office: str, takes: bool) -> None:
    with pytest.raises(VettingError) as refused:
        service.propose(member=factories.person(who), office=office, takes=takes, by=admin)
    assert refused.value.sentence
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("who", ["bob", "mod1", "officer"])
def test_only_administrators_appoint(who: str, alice: Member, second: Member, admin: Member) -> None:
    with pytest.raises(VettingError):
        service.propose(member=alice, office="moderator", takes=True, by=factories.person(who))
    made = service.propose(member=alice, office="moderator", takes=True, by=admin)
    with pytest.raises(VettingError):
        service.decide(appointment=made, by=factories.person(who), confirm=True)


# --- Page


def test_the_page_asks_for_the_password_first(admin: Member, sign_in: Callable[[object], Client], bob: Member) -> None:
    client = sign_in(admin)
    address = reverse("accounts:people")
    sent = {"email": bob.email, "office": "moderator", "takes": "yes"}
    assert client.post(address, sent)["Location"].startswith(reverse("account_reauthenticate"))
    assert not fresh(bob).is_moderator
    client = confirmed(admin)
    assert client.post(address, {}).status_code == 422
    assert client.post(address, sent | {"email": "nobody@x.example"}).status_code == 422
    assert client.post(address, sent)["Location"] == address
    assert fresh(bob).is_moderator
    again = client.post(address, sent)
    assert "holds the office already" in again.content.decode()
    assert bob.name in client.get(address).content.decode()


def test_the_page_confirms_and_refuses(admin: Member, second: Member, bob: Member, alice: Member) -> None:
    for member in (bob, alice):
        service.propose(member=member, office="moderator", takes=True, by=admin)
    one, other = Appointment.objects.order_by("proposed_at")
    unsure = Client()
    unsure.force_login(second)
    assert (
        "reauth" in unsure.post(reverse("accounts:appointment", args=[one.pk]))["Location"]
        or not fresh(one.member).is_moderator
    )
    client = confirmed(second)
    assert "Confirm" in client.get(reverse("accounts:people")).content.decode()
    client.post(reverse("accounts:appointment", args=[one.pk]), {"decision": "confirm"})
    client.post(reverse("accounts:appointment", args=[other.pk]), {"decision": "refuse"})
    assert (fresh(one.member).is_moderator, fresh(other.member).is_moderator) == (True, False)
    Member.objects.filter(pk=bob.pk).update(standing="suspended")


def test_a_privacy_officer_does_not_see_the_page(officer: Member, sign_in: Callable[[object], Client]) -> None:
    assert sign_in(officer).get(reverse("accounts:people")).status_code == 403


# --- The command


def test_the_command_founds_a_site(run_jobs: Callable[[], int]) -> None:
    """Administrator, officer and moderators of an empty site; each chooses the password behind a link."""
    call_command("appoint", "root@site.example", "administrator", name="Root")
    call_command("appoint", "privacy@site.example", "officer", name="Privacy")
    call_command("appoint", "mod@site.example", "moderator", name="Mod", profession="dermatologist", country="DE")
    call_command("appoint", "doc@site.example", "member", name="Doc", profession="dermatologist")
    run_jobs()
    assert len(mail.outbox) == 4
    by = {member.email.partition("@")[0]: member for member in Member.objects.all()}
    assert all(member.is_verified and not member.has_usable_password() for member in by.values())
    assert by["root"].is_staff
    assert by["privacy"].is_privacy_officer
    assert by["mod"].may_moderate
    assert by["doc"].may_see_cases
    call_command("appoint", "MOD@site.example", "moderator", dismiss=True)
    assert not fresh(by["mod"]).is_moderator
    assert {"member.founded", "appointment.commanded"} <= set(Event.objects.values_list("verb", flat=True))


@pytest.mark.parametrize(
    "arguments",
    [
        {"office": "moderator"},
        {"office": "moderator", "name": "Mod"},
        {"office": "officer", "dismiss": True},
    ],
)
def test_the_command_says_what_is_missing(arguments: dict[str, Any]) -> None:
    office = arguments.pop("office")
    with pytest.raises(CommandError):
        call_command("appoint", "new@site.example", office, **arguments)
    assert not Member.objects.exists()


# --- Who is missing


def test_an_empty_site_lacks_everybody(admin: Member) -> None:
    found = " ".join(missing.notes())
    assert "There are 0 moderators." in found
    assert "no privacy officer" in found
    assert "no trusted person" in found
    assert "one administrator" in found


@pytest.fixture
def staffed(admin: Member, second: Member, officer: Member, mods: list[Member]) -> None:
    """Somebody in each office."""
    factories.member(is_trusted_person=True)


@pytest.mark.usefixtures("staffed")
def test_a_staffed_site_lacks_nobody() -> None:
    assert missing.notes() == []


@pytest.mark.usefixtures("staffed")
def test_askers_are_registered_once() -> None:
    def asker() -> list[str]:
        return ["Something."]

    try:
        missing.ask(asker)
        missing.ask(asker)
        assert missing.notes() == ["Something."]
    finally:
        missing._askers.remove(asker)


# --- Vetting that ends in nowhere


def two_moderators(mods: list[Member]) -> tuple[Member, Member]:
    Member.objects.filter(pk__in=[one.pk for one in mods[2:]]).update(is_moderator=False)
    return mods[0], mods[1]


def page_of(client: Client, name: str) -> str:
    return " ".join(client.get(reverse(name)).content.decode().split())


def test_a_split_of_two_moderators_is_told(
    applied: Callable[..., Application],
    vote: Callable[..., object],
    mods: list[Member],
    admin: Member,
    sign_in: Callable[[object], Client],
    run_jobs: Callable[[], int],
) -> None:
    application = applied()
    first, second = two_moderators(mods)
    assert deadlocks.stuck() == []
    before = page_of(sign_in(fresh(application.member)), "accounts:application")
    vote(application, first, True)
    assert deadlocks.stuck() == []
    vote(application, second, False)
    assert deadlocks.stuck() == [application]
    assert "one more moderator is needed" in page_of(sign_in(first), "accounts:queue")
    mail.outbox.clear()
    tell_of_stuck_applications()
    tell_of_stuck_applications()
    run_jobs()
    told = [message for message in mail.outbox if message.to == [admin.email]]
    assert len(told) == 1
    assert "Nova" not in told[0].body
    assert "1 application cannot be decided" in page_of(sign_in(admin), "accounts:people")
    # The applicant is told that moderators are few, in the same words before and after the votes.
    after = page_of(sign_in(fresh(application.member)), "accounts:application")
    assert "few moderators" in before
    assert "few moderators" in after
    third = factories.member(is_moderator=True)
    assert deadlocks.stuck() == []
    vote(application, third, True)
    application.refresh_from_db()
    assert application.state == "accepted"


@pytest.mark.parametrize("why", ["recusal", "appeal", "nobody"])
def test_recusals_appeals_and_empty_sites_are_stuck_too(
    applied: Callable[..., Application], vote: Callable[..., object], mods: list[Member], why: str, sign_in: Any
) -> None:
    application = applied()
    first, second = two_moderators(mods)
    if why == "recusal":
        decisions.recuse(application=application, by=first)
        assert "One more moderator is needed" in page_of(sign_in(second), "accounts:queue")
    elif why == "appeal":
        for moderator in (first, second):
            vote(application, moderator, False)
        decisions.appeal(application=application, by=fresh(application.member), statement="Again.")
    else:
        Member.objects.update(is_moderator=False)
    assert [found.pk for found in deadlocks.stuck()] == [application.pk]
    assert deadlocks.note_stuck() == 1
    assert Event.objects.filter(verb="application.stuck").count() == 1
    assert deadlocks.note_stuck() == 0


def test_with_enough_moderators_the_applicant_reads_nothing_of_it(
    applied: Callable[..., Application], mods: list[Member], sign_in: Callable[[object], Client]
) -> None:
    assert "few moderators" not in page_of(sign_in(fresh(applied().member)), "accounts:application")


def test_who_is_left_is_who_may_decide(
    applied: Callable[..., Application], vote: Callable[..., object], mods: list[Member], alice: Member
) -> None:
    """The count agrees with the policy of each moderator, for every conflict that there is."""
    free, recused, split = (applied(email=f"n{number}@lake.example") for number in range(3))
    decisions.recuse(application=recused, by=mods[0])
    vote(split, mods[0], True)
    vote(split, mods[1], False)
    named = applied(email="n3@lake.example", profession="resident", supervisor_email=mods[2].email)
    vouched = applied(email="n4@lake.example", evidence_kind="vouchers", voucher_emails=(mods[0].email, alice.email))
    Member.objects.filter(pk=mods[3].pk).update(supervisor=free.member)
    Member.objects.filter(pk=vouched.member_id).update(supervisor=mods[4])
    own = applied(email="n5@lake.example")
    Application.objects.filter(pk=own.pk).update(member=mods[5])
    appealed = applied(email="n6@lake.example")
    for moderator in mods[:2]:
        vote(appealed, moderator, False)
    decisions.appeal(application=appealed, by=fresh(appealed.member), statement="Again.")
    rows = [Application.objects.get(pk=one.pk) for one in (free, recused, split, named, vouched, own, appealed)]
    expected = dict.fromkeys((row.pk for row in rows), 0)
    for moderator in Member.objects.moderators():
        for pk in applications_to_decide(moderator).values_list("pk", flat=True):
            expected[pk] += 1
    assert deadlocks.moderators_left(rows) == expected
    assert set(expected.values()) == {4, 5}
