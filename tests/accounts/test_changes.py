"""What a member is told by mail of changes of their account."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Change, Member, SecurityNotice
from accounts.security.changes import tell_of_change
from notifications.account_mails import mail_change
from tests import factories
from tests.accounts.makers import PASSWORD

pytestmark = pytest.mark.django_db
FRESH = "kettle drumming under violets"
RunJobs = Callable[[], int]


@pytest.fixture
def ada() -> Member:
    return factories.member(email="ada@hospital.example", name="Ada", password=PASSWORD)


def reset_path(client: Client, run_jobs: RunJobs) -> str:
    client.post(reverse("account_reset_password"), {"email": "ada@hospital.example"})
    run_jobs()
    found = re.search(r"http://[^/]+(/\S+)", mail.outbox.pop().body)
    assert found
    return found[1]


def choose(client: Client, path: str, password: str) -> str:
    """Open a link for a new password and choose one; what the last page says."""
    form = client.get(path, follow=True)
    if "password1" not in form.content.decode():
        return form.content.decode()
    there = form.redirect_chain[-1][0]
    return client.post(there, {"password1": password, "password2": password}, follow=True).content.decode()


@pytest.mark.parametrize("what", Change.values)
def test_every_change_is_told_in_the_members_language_and_then_forgotten(
    ada: Member, run_jobs: RunJobs, what: str
) -> None:
    tell_of_change(ada, what)
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == [ada.email]
    assert str(Change(what).label) in sent.body
    assert "Ada" not in sent.body
    assert not SecurityNotice.objects.exists()


def test_an_unknown_change_is_a_mistake(ada: Member) -> None:
    with pytest.raises(ValueError, match="no such change"):
        tell_of_change(ada, "no such change")


def test_a_notice_is_sent_once(ada: Member, run_jobs: RunJobs) -> None:
    tell_of_change(ada, Change.PASSWORD, to="former@hospital.example")
    notice = SecurityNotice.objects.get()
    run_jobs()
    mail_change(notice.pk)
    mail_change(uuid.uuid4())
    assert [message.to for message in mail.outbox] == [["former@hospital.example"]]


def test_nobody_who_has_left_is_written_to(run_jobs: RunJobs) -> None:
    gone = factories.member(email=f"{uuid.uuid4().hex}@erased.invalid")
    tell_of_change(gone, Change.PASSWORD)
    run_jobs()
    assert mail.outbox == []


def test_a_new_password_is_told_and_ends_other_sessions(ada: Member, run_jobs: RunJobs) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
    run_jobs()
    mail.outbox.clear()
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": FRESH, "password2": FRESH})
    run_jobs()
    assert [str(Change.PASSWORD.label) in message.body for message in mail.outbox] == [True]
    assert [client.get(reverse("accounts:me")).status_code for client in (here, there)] == [200, 302]


def test_a_reset_is_told_and_ends_all_sessions(ada: Member, run_jobs: RunJobs) -> None:
    there = Client()
    there.post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
    choose(Client(), reset_path(Client(), run_jobs), FRESH)
    run_jobs()
    assert [str(Change.PASSWORD_RESET.label) in message.body for message in mail.outbox] == [True]
    assert there.get(reverse("accounts:me")).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(FRESH)


@pytest.mark.parametrize(("minutes", "works"), [(0, True), (59, True), (61, False)])
def test_a_link_for_a_new_password_works_for_an_hour(
    ada: Member, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, minutes: int, works: bool
) -> None:
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
    path = reset_path(Client(), run_jobs)
    from allauth.account.forms import default_token_generator

    then = timezone.now().replace(tzinfo=None) + timedelta(minutes=minutes)
    monkeypatch.setattr(type(default_token_generator), "_now", lambda self: then)
    choose(Client(), path, FRESH)
    ada.refresh_from_db()
    assert ada.check_password(FRESH) is works


@pytest.mark.parametrize("before", ["used", "changed", "address"])
def test_a_link_for_a_new_password_works_once_and_not_after_a_change(
    ada: Member, run_jobs: RunJobs, before: str
) -> None:
    path = reset_path(Client(), run_jobs)
    if before == "used":
        choose(Client(), path, FRESH)
    elif before == "changed":
        ada.set_password(FRESH)
        ada.save()
    else:
        Member.objects.filter(pk=ada.pk).update(email="other@hospital.example")
    choose(Client(), path, "another lantern in seventeen")
    ada.refresh_from_db()
    assert not ada.check_password("another lantern in seventeen")


@pytest.mark.parametrize(("password", "says"), [("correcthorsebatterystaple", "attackers try first"), ("short", "12")])
def test_a_refused_password_leaves_the_link_as_it_is(ada: Member, run_jobs: RunJobs, password: str, says: str) -> None:
    client, path = Client(), reset_path(Client(), run_jobs)
    assert says in choose(client, path, password)
    choose(client, path, FRESH)
    ada.refresh_from_db()
    assert ada.check_password(FRESH)


def test_who_has_no_password_is_led_to_the_link_for_one(client: Client, ada: Member) -> None:
    ada.set_unusable_password()
    ada.save()
    client.force_login(ada)
    answer = client.get(reverse("account_change_password"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_reset_password"))


def test_somebody_without_a_password_is_led_to_the_link_for_one(
    ada: Member, sign_in: Callable[[object], Client]
) -> None:
    ada.set_unusable_password()
    ada.save()
    answer = sign_in(ada).get(reverse("account_change_password"), follow=True)
    assert answer.redirect_chain == [(reverse("account_reset_password"), 302)]
    assert "You have no password yet" in answer.content.decode()
