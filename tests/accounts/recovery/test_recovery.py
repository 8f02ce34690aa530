"""Losing everything: from the sign-in page over two moderators and a day to a new password and factor."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import BadReason, NotYours
from accounts.models import Member, Recovery, RecoveryVote, Reference, ReferenceKind, Session
from accounts.policy import recoveries_to_decide, recoveries_to_read
from accounts.security.factors import codes
from accounts.security.factors import service as factors
from accounts.security.recovery import service
from accounts.security.recovery.link import path_of, recovery_of
from accounts.security.recovery.models import RecoveryState
from accounts.security.recovery.states import Moved
from audit.models import Event
from core import jobs
from tests import factories
from tests.accounts.makers import PASSWORD, claim, join
from tests.factors import app_code, give_factor

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOST = reverse("accounts:lost_factors")


@pytest.fixture
def ada() -> Member:
    """A member with an app, recovery codes and a password."""
    member = factories.member(email="ada@hospital.example", password=PASSWORD, institution="Lake Hospital")
    Authenticator.objects.create(user=member, type="totp", data=codes.totp_data(SECRET, counter=None))
    factors.make_codes(member=member)
    jobs.run_waiting()
    mail.outbox.clear()
    return member


@pytest.fixture
def judges() -> list[Member]:
    """Two moderators of other institutions."""
    return [factories.member(is_moderator=True, institution=f"House {number}") for number in range(2)]


def waiting(member: Member) -> Recovery:
    """A recovery whose mailbox has answered."""
    made = service.begin(member.pk)
    assert made is not None
    service.confirm_address(made)
    return made


def approved(member: Member, judges: list[Member]) -> Recovery:
    """A recovery that waits for its day to pass."""
    found = waiting(member)
    for judge in judges:
        service.vote(recovery=found, by=judge, way="register")
    return found


def a_day_later(recovery: Recovery) -> None:
    Recovery.objects.filter(pk=recovery.pk).update(effective_at=timezone.now() - timedelta(seconds=1))


def links() -> list[str]:
    """The path in each mail."""
    return [re.search(r"http://[^/]+(/\S*)", message.body)[1] for message in mail.outbox]


def at(judge: Member) -> Client:
    """The browser of a moderator who has just reauthenticated."""
    client = Client()
    client.force_login(judge)
    give_factor(client, judge, again=True)
    return client


def test_the_whole_way(ada: Member, judges: list[Member], run_jobs: Callable[[], int]) -> None:
    Client().force_login(ada)
    stranger = Client()
    assert stranger.post(LOST, {"email": " ADA@hospital.example"})["Location"] == reverse("accounts:lost_factors_asked")
    run_jobs()
    (link,) = links()
    assert "was it you" in stranger.get(link).content.decode()
    stranger.post(link, {"answer": "mine"})
    run_jobs()
    assert {message.to[0] for message in mail.outbox[1:]} == {judge.email for judge in judges}
    found = Recovery.objects.get()
    for judge in judges:
        client = at(judge)
        assert ada.name in client.get(reverse("accounts:recoveries")).content.decode()
        page = reverse("accounts:recovery", args=[found.pk])
        assert "Is it" in client.get(page).content.decode()
        done = client.post(page, {"finding": "yes", "way": "register", "looked_up": "on"})
        assert done["Location"] == reverse("accounts:recoveries")
    run_jobs()
    assert "removed; then a mail" in " ".join(stranger.get(links()[-1]).content.decode().split())
    assert service.take_effect() == 0
    assert Session.objects.filter(member=ada).exists()
    a_day_later(found)
    assert service.take_effect() == 1
    assert not Session.objects.filter(member=ada).exists()
    run_jobs()
    ada.refresh_from_db()
    assert (ada.factor_enrolled_at, ada.has_usable_password()) == (None, False)
    assert not Authenticator.objects.filter(user=ada).exists()
    path = next(one for one in links() if "/password/reset/key/" in one)
    address = stranger.get(path, follow=True).redirect_chain[-1][0]
    fresh = "kettle drumming under violets"
    assert stranger.post(address, {"password1": fresh, "password2": fresh}).status_code == 302
    done = stranger.post(reverse("account_login"), {"login": ada.email, "password": fresh})
    assert done["Location"] == reverse("accounts:me_security")
    assert stranger.get(reverse("consults:cases")).status_code == 403
    verbs = list(Event.objects.filter(subject_id=ada.pk, verb__startswith="recovery").values_list("verb", flat=True))
    assert verbs == ["recovery.asked", "recovery.confirmed", "recovery.voted", "recovery.voted", "recovery.done"]


def test_asking_says_nothing_about_accounts(ada: Member, run_jobs: Callable[[], int]) -> None:
    answers = [Client().post(LOST, {"email": email}) for email in (ada.email, "nobody@hospital.example")]
    assert len({(one.status_code, one["Location"], one.content) for one in answers}) == 1
    run_jobs()
    assert [message.to for message in mail.outbox] == [[ada.email]]


def test_asking_is_limited(ada: Member, settings: Any, run_jobs: Callable[[], int]) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"lost_factors": "2/m/ip"}
    assert [Client().post(LOST, {"email": ada.email}).status_code for _try in range(3)] == [302, 302, 429]
    run_jobs()
    service.ask(email=ada.email)
    run_jobs()
    assert len(mail.outbox) == 1  # in ten minutes
    assert Recovery.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "has_factor", "mails", "recoveries"),
    [
        ({}, True, 1, 1),
        ({"verified_until": factories.PEOPLE["lapsed"]["verified_until"]}, True, 1, 1),
        ({}, False, 1, 0),  # a link for a new password is all they need
        ({"standing": "suspended"}, True, 0, 0),
        ({"standing": "erased"}, True, 0, 0),
    ],
)
def test_who_may_ask(
    fields: dict[str, Any], has_factor: bool, mails: int, recoveries: int, run_jobs: Callable[[], int]
) -> None:
    member = factories.member(**fields)
    if has_factor:
        Authenticator.objects.create(user=member, type="totp", data=codes.totp_data(SECRET, counter=None))
    service.ask(email=member.email)
    run_jobs()
    assert (len(mail.outbox), Recovery.objects.count()) == (mails, recoveries)


# Who a moderator or administrator is to ada, and how many moderators there are beside them -> whether they may decide.
NEAR: dict[str, tuple[dict[str, Any], int, bool]] = {
    "a moderator": ({"is_moderator": True}, 1, True),
    "of the same institution": ({"is_moderator": True, "institution": "lake  hospital."}, 1, False),
    "a member": ({}, 2, False),
    "a privacy officer": ({"is_privacy_officer": True, "profession": ""}, 0, False),
    "an administrator beside two": ({"is_staff": True, "profession": ""}, 2, False),
    "an administrator beside one": ({"is_staff": True, "profession": ""}, 1, True),
    "an administrator alone": ({"is_staff": True, "profession": ""}, 0, True),
    "a lapsed moderator": (
        {"is_moderator": True, "verified_until": factories.PEOPLE["lapsed"]["verified_until"]},
        1,
        False,
    ),
    "a suspended moderator": ({"is_moderator": True, "standing": "suspended"}, 1, False),
}


@pytest.mark.parametrize("who", NEAR)
def test_who_may_decide(ada: Member, who: str) -> None:
    fields, others, expected = NEAR[who]
    for _number in range(others):
        factories.member(is_moderator=True)
    judge = factories.member(**fields)
    found = waiting(ada)
    assert recoveries_to_read(judge).filter(pk=found.pk).exists() is expected
    assert recoveries_to_decide(judge).filter(pk=found.pk).exists() is expected


@pytest.mark.parametrize("tie", ["self", "supervisor", "resident", "voucher"])
def test_nobody_close_decides(ada: Member, judges: list[Member], tie: str) -> None:
    judge = judges[0]
    if tie == "self":
        Member.objects.filter(pk=ada.pk).update(is_moderator=True)
        judge = ada
    elif tie == "supervisor":
        Member.objects.filter(pk=ada.pk).update(supervisor=judge)
    elif tie == "resident":
        Member.objects.filter(pk=judge.pk).update(supervisor=ada)
    else:
        application = join(email="nova@lake.example", said=claim())
        Reference.objects.create(application=application, member=judge, kind=ReferenceKind.VOUCHER)
        type(application).objects.filter(pk=application.pk).update(member=ada)
    found = waiting(ada)
    judge.refresh_from_db()
    assert not recoveries_to_read(judge).exists()
    with pytest.raises(NotYours):
        service.vote(recovery=found, by=judge, way="register")


def test_nobody_decides_for_strangers(outsider: object, ada: Member) -> None:
    waiting(ada)
    assert not recoveries_to_read(outsider).exists()
    assert not recoveries_to_decide(outsider).exists()


def test_one_person_does_not_decide_twice(ada: Member, judges: list[Member]) -> None:
    found = waiting(ada)
    service.vote(recovery=found, by=judges[0], way="video")
    with pytest.raises(NotYours):
        service.vote(recovery=found, by=judges[0], way="video")
    assert found.state == RecoveryState.CONFIRMED
    assert "Another person decides" in at(judges[0]).get(reverse("accounts:recovery", args=[found.pk])).content.decode()


def test_one_doubt_ends_it(ada: Member, judges: list[Member], run_jobs: Callable[[], int]) -> None:
    found = waiting(ada)
    client = at(judges[0])
    client.post(
        reverse("accounts:recovery", args=[found.pk]), {"finding": "no", "doubt": "not_reached", "way": "video"}
    )
    found.refresh_from_db()
    assert found.state == RecoveryState.REFUSED
    run_jobs()
    assert mail.outbox[-1].to == [ada.email]
    with pytest.raises(NotYours):
        service.vote(recovery=found, by=judges[1], way="register")
    assert service.begin(ada.pk) != found


@pytest.mark.parametrize(("way", "doubt"), [("", ""), ("register", "unsure"), ("guess", ""), ("", "guess")])
def test_a_finding_is_one_or_the_other(ada: Member, judges: list[Member], way: str, doubt: str) -> None:
    found = waiting(ada)
    with pytest.raises(BadReason):
        service.vote(recovery=found, by=judges[0], way=way, doubt=doubt)
    with pytest.raises(IntegrityError), transaction.atomic():
        RecoveryVote.objects.create(recovery=found, by=judges[0], way=way, doubt=doubt)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"finding": "yes"},
        {"finding": "yes", "way": "video"},
        {"finding": "yes", "looked_up": "on"},
        {"finding": "no"},
    ],
)
def test_what_the_form_needs(ada: Member, judges: list[Member], sent: dict[str, str]) -> None:
    found = waiting(ada)
    assert at(judges[0]).post(reverse("accounts:recovery", args=[found.pk]), sent).status_code == 422
    assert not found.votes.exists()


def test_a_decision_needs_reauthentication(ada: Member, judges: list[Member]) -> None:
    found, client = waiting(ada), Client()
    client.force_login(judges[0])
    page = reverse("accounts:recovery", args=[found.pk])
    answer = client.post(page, {"finding": "yes", "way": "video", "looked_up": "on", "unsent": "k1"})
    assert answer["Location"] == f"{reverse('account_reauthenticate')}?next={page}"
    assert "rete_arrived" not in answer.cookies  # the tab keeps what was typed
    assert not found.votes.exists()


@pytest.mark.parametrize("when", ["asked", "confirmed", "approved"])
@pytest.mark.parametrize("how", ["link", "factor"])
def test_its_owner_stops_it(ada: Member, judges: list[Member], when: str, how: str) -> None:
    make = {"asked": lambda: service.begin(ada.pk), "confirmed": lambda: waiting(ada)}
    found = make.get(when, lambda: approved(ada, judges))()
    if how == "link":
        Client().post(path_of(found), {"answer": "stop"})
    else:
        client = Client()
        client.post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
        assert client.post(reverse("mfa_authenticate"), {"code": app_code(SECRET)}).status_code == 302
    found.refresh_from_db()
    assert found.state == RecoveryState.STOPPED
    assert Event.objects.filter(verb="recovery.stopped", subject_id=ada.pk).count() == 1
    Recovery.objects.filter(pk=found.pk).update(effective_at=timezone.now())
    assert service.take_effect() == 0
    assert "Stopped" in Client().get(path_of(found)).content.decode()


def test_a_recovery_code_does_not_stop_it(ada: Member) -> None:
    found, client = waiting(ada), Client()
    kept = codes.recovery_codes(ada)
    assert kept is not None
    client.post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": kept.get_unused_codes()[0]})
    found.refresh_from_db()
    assert found.state == RecoveryState.CONFIRMED


def test_stopping_and_taking_effect_at_once(ada: Member, judges: list[Member]) -> None:
    found = approved(ada, judges)
    a_day_later(found)
    service.stop(Recovery.objects.get(pk=found.pk))
    assert service._complete(found.pk) is False
    assert Authenticator.objects.filter(user=ada, type="totp").exists()
    with pytest.raises(Moved):
        service.stop(found)


def test_a_suspension_meanwhile_ends_it(ada: Member, judges: list[Member]) -> None:
    found = approved(ada, judges)
    a_day_later(found)
    Member.objects.filter(pk=ada.pk).update(standing="suspended")
    assert service.take_effect() == 0
    found.refresh_from_db()
    assert found.state == RecoveryState.STOPPED
    assert Authenticator.objects.filter(user=ada, type="totp").exists()


def test_what_nobody_answers_expires(ada: Member, judges: list[Member]) -> None:
    found = service.begin(ada.pk)
    assert found is not None
    assert service.expire_old() == 0
    Recovery.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    assert service.expire_old() == 1
    assert "expired" in Client().get(path_of(found)).content.decode()
    Client().post(path_of(found), {"answer": "mine"})
    found.refresh_from_db()
    assert found.state == RecoveryState.EXPIRED
    again = waiting(ada)
    Recovery.objects.filter(pk=again.pk).update(confirmed_at=timezone.now() - timedelta(days=15))
    assert service.expire_old() == 1


def test_a_link_is_signed(ada: Member) -> None:
    found = service.begin(ada.pk)
    assert found is not None
    token = path_of(found).rstrip("/").rpartition("/")[2]
    assert recovery_of(token) == found
    assert recovery_of(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert recovery_of("forged") is None
    Recovery.objects.all().delete()
    assert recovery_of(token) is None


def test_one_open_recovery_of_a_member(ada: Member) -> None:
    service.begin(ada.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.create(member=ada)
    for state in ("approved", "done"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Recovery.objects.create(member=factories.member(), state=state)
    assert service.begin(uuid.uuid4()) is None


def test_the_command_for_a_site_where_nobody_can(ada: Member, run_jobs: Callable[[], int]) -> None:
    found = waiting(ada)
    run_jobs()
    mail.outbox.clear()
    call_command("recover", "ADA@hospital.example")
    run_jobs()
    ada.refresh_from_db()
    assert (ada.factor_enrolled_at, ada.has_usable_password()) == (None, False)
    found.refresh_from_db()
    assert found.state == RecoveryState.STOPPED
    assert any("/password/reset/key/" in link for link in links())
    assert Event.objects.filter(verb="recovery.commanded", subject_id=ada.pk).exists()
    with pytest.raises(CommandError):
        call_command("recover", "nobody@hospital.example")


def test_the_queue_asks_no_more_for_more(judges: list[Member], django_assert_max_num_queries: Any) -> None:
    client = at(judges[0])
    counts = []
    for _round in range(2):
        for _number in range(4):
            Recovery.objects.create(member=factories.member(), state="confirmed", confirmed_at=timezone.now())
        with django_assert_max_num_queries(12) as asked:
            assert client.get(reverse("accounts:recoveries")).status_code == 200
        counts.append(len(asked.captured_queries))
    assert counts[0] == counts[1]
