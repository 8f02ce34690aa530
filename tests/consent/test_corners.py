"""Corners of consent: what comes between two steps, is done twice, or is asked for something that is gone."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from audit.models import Event
from consent import lifecycle, reminders
from consent.lifecycle import Part
from consent.models import Cause, Consent, Reminder, Removal, Status, Use, Withdrawal, WithdrawnBy
from consent.withdrawal import mark_complete, withdraw
from consent.withdrawal.certificate_text import list_destroyed, list_taken_back
from consent.withdrawal.partial_withdrawal import describe_part
from tests import factories
from tests.consent import making

pytestmark = pytest.mark.django_db

YESTERDAY = timezone.now().date() - timedelta(days=1)
LONG_AGO = timezone.now().date() - timedelta(days=400)


# --- Rounds that meet somebody else's work


def _meanwhile(monkeypatch: pytest.MonkeyPatch, name: str, *, status: Status) -> None:
    """Let every consent but the first move on while the round is busy with the first."""
    target: Any = lifecycle
    for part in name.split(".")[:-1]:
        target = getattr(target, part)
    act = getattr(target, name.rpartition(".")[2])

    def first_and_the_rest(**named: Any) -> Any:
        done = act(**named)
        Consent.objects.exclude(status=Status.WITHDRAWN).update(status=status)
        return done

    monkeypatch.setattr(target, name.rpartition(".")[2], first_and_the_rest)


def test_a_consent_that_was_withdrawn_meanwhile_does_not_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("alice", "bob"):
        making.consent(factories.person(name))
    Consent.objects.update(expires_on=YESTERDAY)
    _meanwhile(monkeypatch, "record", status=Status.SUPERSEDED)
    assert lifecycle.expire_due() == 1
    assert Event.objects.filter(verb="consent.expired").count() == 1


def test_an_expired_consent_is_destroyed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("alice", "bob"):
        making.consent(factories.person(name))
    Consent.objects.update(status=Status.EXPIRED, expires_on=LONG_AGO)
    _meanwhile(monkeypatch, "withdrawal.apply_removal", status=Status.SUPERSEDED)
    assert lifecycle.destroy_expired() == 1
    assert Removal.objects.filter(cause=Cause.EXPIRED).count() == 1


def test_a_destruction_is_complete_once() -> None:
    given, _code = making.consent(factories.person("alice"))
    made = withdraw(consent_id=given.pk, by=WithdrawnBy.PATIENT)
    for _time in range(2):
        mark_complete(made=made)
    assert Event.objects.filter(verb="consent.purged").count() == 1


# --- Reminders


def test_a_reminder_that_is_gone_is_nothing_to_send() -> None:
    reminders.send_reminder(reminder_id=uuid.uuid4())
    assert mail.outbox == []


@pytest.mark.parametrize(("status", "mails"), [(Status.ACTIVE, 1), (Status.SUPERSEDED, 0)])
def test_a_consent_that_is_no_longer_active_is_not_reminded_of(status: Status, mails: int) -> None:
    given, _code = making.consent(factories.person("alice"))
    reminder = Reminder.objects.create(consent=given, step=Reminder.Step.DAYS_14, about=timezone.now().date())
    Consent.objects.update(status=status)
    reminders.send_reminder(reminder_id=reminder.pk)
    assert len(mail.outbox) == mails
    assert Reminder.objects.get().sent_at is not None


# --- Words


def test_a_part_and_what_it_destroyed_are_said_in_words() -> None:
    given, _code = making.consent(factories.person("alice"))
    end = date(2031, 5, 4)
    assert describe_part(Part(ends_on=end), consent=given) == ["The consent ends on 4 May 2031"]
    narrowed = Removal(consent=given, cause=Cause.NARROWED, uses=[[Use.LECTURES, ""]], ends_on=end)
    assert list_taken_back(narrowed) == ["Lectures outside this platform", "The consent ends on 4 May 2031"]
    done = timezone.now()
    assert list_destroyed(Withdrawal(consent=given, quotes=2)) == []
    assert "2 quotations elsewhere" in list_destroyed(Withdrawal(consent=given, quotes=2, completed_at=done))


def test_rows_say_no_more_than_their_ids_when_printed() -> None:
    given, _code = making.consent(factories.person("alice"))
    reminder = Reminder(consent=given, step=Reminder.Step.DAYS_1, about=timezone.now().date())
    removal = Removal(consent=given, cause=Cause.EXPIRED)
    assert [str(reminder), str(removal)] == [f"reminder {reminder.pk}", f"removal {removal.pk}"]
