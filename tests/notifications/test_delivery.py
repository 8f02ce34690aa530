"""What is mailed when: kind × choice × state of the member, at once and in digests. No mail says anything of a case."""

import smtplib
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member, Session, Standing
from consults.models import Case
from core import jobs
from core.models import Job
from notifications.models import Notice, Preference
from notifications.notices import Channel, Kind, delivery
from notifications.notices.preferences import choose, last_visit, preference_of
from tests import factories
from tests.consults import reading
from tests.notifications.making import deliver, digest_is_due, prefers, quiet_now, told, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alice: Member) -> Case:
    """A case that every member sees."""
    return reading.case(alice, title="Zebra plaque")


def _read(member: Member, case: Case) -> None:
    Notice.objects.filter(member=member).update(read_at=timezone.now())


def _lost(member: Member, case: Case) -> None:
    reading.withdraw(case)


def _unverified(member: Member, case: Case) -> None:
    Member.objects.filter(pk=member.pk).update(verified_until=timezone.localdate() - timedelta(days=1))


def _changed_their_mind(member: Member, case: Case) -> None:
    Preference.objects.update_or_create(
        member=member, defaults={"choices": dict.fromkeys([kind.value for kind in Kind], "in_app")}
    )


def _mailed_before(member: Member, case: Case) -> None:
    Preference.objects.filter(member=member).update(mailed_at=timezone.now())


def _came_since(member: Member, case: Case) -> None:
    Preference.objects.filter(member=member).update(mailed_at=timezone.now() - timedelta(hours=1))
    visit(member)


def _calm(member: Member, case: Case) -> None:
    pass


State = Callable[[Member, Case], None]
ALWAYS: tuple[State, ...] = (_calm, _came_since)
NOTHING: tuple[State, ...] = (_read, _lost, _unverified, _changed_their_mind)


@pytest.mark.parametrize(
    ("kind", "choice", "state", "mails"),
    [
        *((Kind.MENTION, None, state, 1) for state in ALWAYS),
        *((Kind.MENTION, None, state, 0) for state in (*NOTHING, _mailed_before, quiet_now)),
        (Kind.MENTION, "in_app", _calm, 0),
        (Kind.MENTION, "off", _calm, 0),
        (Kind.MENTION, "digest", _calm, 0),
        *((Kind.ANSWER, "at_once", state, 1) for state in ALWAYS),
        *((Kind.ANSWER, "at_once", state, 0) for state in (*NOTHING, _mailed_before, quiet_now)),
        (Kind.ANSWER, None, _calm, 0),
        (Kind.WITHDRAWAL, None, _calm, 0),  # has a mail of its own
        (Kind.MEMBERSHIP, "at_once", _calm, 0),
    ],
)
def test_at_once(bob: Member, case: Case, kind: Kind, choice: str | None, state: Any, mails: int) -> None:
    prefers(bob, choices={kind.value: choice} if choice else {})
    told(bob, kind, case=case.pk)
    if state is quiet_now:
        quiet_now(bob)
    else:
        state(bob, case)
    assert len(deliver()) == mails
    assert deliver() == []


@pytest.mark.parametrize(
    ("kind", "choice", "state", "mails"),
    [
        *((Kind.ANSWER, None, state, 1) for state in (_calm, _mailed_before, _came_since)),
        *((Kind.ANSWER, None, state, 0) for state in NOTHING),
        (Kind.ANSWER, "in_app", _calm, 0),
        (Kind.ANSWER, "off", _calm, 0),
        (Kind.MENTION, "digest", _calm, 1),
    ],
)
def test_in_the_digest(bob: Member, case: Case, kind: Kind, choice: str | None, state: State, mails: int) -> None:
    prefers(bob, choices={kind.value: choice} if choice else {})
    told(bob, kind, case=case.pk)
    digest_is_due(bob)
    state(bob, case)
    assert len(deliver()) == mails
    digest_is_due(bob)
    assert deliver() == []  # never an empty one


def test_a_digest_comes_at_its_hour_and_counts_by_kind(bob: Member, case: Case) -> None:
    prefers(bob)
    for _ in range(3):
        told(bob, Kind.ANSWER, case=case.pk)
    told(bob, Kind.ANSWER, case=reading.case(factories.person("alice")).pk)
    told(bob, Kind.POLL, view="consults:groups")
    assert deliver() == []
    digest_is_due(bob)
    [digest] = deliver()
    assert "Answers to your cases: 4" in digest.body
    assert "?kind=answer" in digest.body
    assert "Polls in your groups: 1" in digest.body
    assert Preference.objects.get().digest_due_at > timezone.now()


@pytest.mark.parametrize("rhythm", ["never", "weekly", "daily"])
def test_whoever_wants_no_digest_gets_none(bob: Member, rhythm: str) -> None:
    choose(member=bob, chosen={}, rhythm=rhythm)
    told(bob, Kind.POLL, view="consults:groups")
    assert (Preference.objects.get().digest_due_at is None) == (rhythm == "never")
    jobs.enqueue(kind=delivery.DIGEST, subject=bob.pk)
    assert len(deliver()) == (rhythm != "never")


def test_who_has_chosen_nothing_gets_a_digest_tomorrow(bob: Member) -> None:
    told(bob, Kind.POLL, view="consults:groups")
    assert deliver() == []
    due = Preference.objects.get().digest_due_at
    assert timezone.now() < due <= timezone.now() + timedelta(days=1)
    digest_is_due(bob)
    assert len(deliver()) == 1


def test_one_mail_until_the_next_visit(bob: Member, case: Case) -> None:
    prefers(bob)
    told(bob, Kind.MENTION, case=case.pk)
    assert len(deliver()) == 1
    told(bob, Kind.REPLY, case=case.pk)
    told(bob, Kind.MENTION, case=case.pk)
    assert deliver() == []
    visit(bob)
    assert deliver() == []  # what was covered is not said again
    told(bob, Kind.REPLY, case=case.pk)
    assert len(deliver()) == 1


def test_a_visit_to_the_page_counts_and_so_does_a_sign_in(
    bob: Member, case: Case, sign_in: Callable[[object], Client]
) -> None:
    prefers(bob)
    for come in (lambda: sign_in(bob).get(reverse("notifications:notices")), lambda: sign_in(bob)):
        told(bob, Kind.MENTION, case=case.pk)
        assert len(deliver()) == 1
        come()
        Session.objects.all().delete()
        assert last_visit(bob, preference_of(bob)) > Preference.objects.get().mailed_at


def test_when_quiet_hours_end_the_mail_goes(bob: Member, case: Case) -> None:
    quiet_now(bob)
    told(bob, Kind.MENTION, case=case.pk)
    assert deliver() == []
    held = Preference.objects.get().held_until
    assert timezone.now() < held < timezone.now() + timedelta(hours=2)
    assert delivery.hand_over() == 0
    Preference.objects.update(quiet_from=0, quiet_until=0, held_until=timezone.now())
    assert len(deliver()) == 1


@pytest.mark.parametrize(
    ("language", "subject", "body"),
    [("en", "Rete: there is news", "Somebody addressed you."), ("tr", None, None)],
)
def test_a_mail_holds_nothing_of_the_case(
    bob: Member, case: Case, language: str, subject: str | None, body: str | None
) -> None:
    Member.objects.filter(pk=bob.pk).update(language=language)
    prefers(bob)
    told(bob, Kind.MENTION, case=case.pk)
    [sent] = deliver()
    assert "Zebra" not in sent.message().as_string()
    assert str(case.pk) not in sent.message().as_string()
    assert "Alice" not in sent.message().as_string()
    assert subject is None or sent.subject == subject
    assert body is None or body in sent.body
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent.extra_headers["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/notices/stop/")
    assert "http://127.0.0.1:8000/notices/" in sent.body


@pytest.fixture
def dead_server(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A mail server that refuses everything until it is `back`."""
    server = SimpleNamespace(back=False)
    sent = mail.EmailMessage.send

    def send(message: mail.EmailMessage, **options: Any) -> int:
        if not server.back:
            raise smtplib.SMTPServerDisconnected
        return sent(message, **options)

    monkeypatch.setattr("notifications.mail.EmailMessage.send", send)
    return server


def test_a_dead_mail_server_delays_nothing_and_loses_nothing(
    bob: Member, case: Case, dead_server: SimpleNamespace
) -> None:
    prefers(bob)
    told(bob, Kind.MENTION, case=case.pk)  # does not ask it
    for _ in range(5):
        assert deliver() == []
    assert Job.objects.get(kind=delivery.MAIL).state == Job.State.PARKED
    assert (Preference.objects.get().mailed_at, Notice.objects.get().mailed_at) == (None, None)
    dead_server.back = True
    Notice.objects.update(handed_at=timezone.now() - timedelta(hours=7))
    assert len(deliver()) == 1


def test_a_member_who_left_meanwhile(bob: Member, case: Case) -> None:
    for kind in (delivery.MAIL, delivery.DIGEST):
        jobs.enqueue(kind=kind, subject=uuid.uuid4())
    assert deliver() == []
    told(bob, case=case.pk)
    Member.objects.filter(pk=bob.pk).update(standing=Standing.ERASED)
    assert deliver() == []


def test_changing_a_choice_moves_what_waits(bob: Member, case: Case) -> None:
    prefers(bob)
    notice = told(bob, Kind.MENTION, case=case.pk)
    for channel, kept in (("digest", "digest"), ("off", "in_app"), ("at_once", "at_once")):
        choose(member=bob, chosen={Kind.MENTION: channel}, quiet_from=0, quiet_until=0)
        notice.refresh_from_db()
        assert notice.channel == kept
    assert Preference.objects.get().choices == {}  # what is chosen is the default again
    assert len(deliver()) == 1


def test_ninety_days(bob: Member) -> None:
    for days in (89, 91):
        moment = timezone.now() - timedelta(days=days)
        Notice.objects.create(
            member=bob,
            kind=Kind.ANSWER,
            topic_id=uuid.uuid4(),
            path="/",
            channel=Channel.IN_APP,
            at=moment,
            began_at=moment,
        )
    assert delivery.forget_old() == 1
    assert Notice.objects.count() == 1


def test_the_round_asks_no_more_for_more_members_who_are_quiet(bob: Member) -> None:
    asked = []
    for more in (1, 20):
        for _ in range(more):
            member = factories.member()
            prefers(member, held_until=timezone.now() + timedelta(hours=1))
            told(member, Kind.MENTION)
        with CaptureQueriesContext(connections["default"]) as queries:
            assert delivery.hand_over() == 0
        asked.append(len(queries))
    assert asked == [1, 1]
