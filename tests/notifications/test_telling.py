"""Members are told in the transaction of what it is about: one row each, merged while unread, never to oneself."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import Member, Standing
from notifications.models import Notice, Preference
from notifications.notices import Channel, Kind, forget, kinds, tell
from notifications.notices.wording import WORDS, sentence, words_of
from tests import factories
from tests.notifications.making import told

CASE, OTHER = uuid.uuid4(), uuid.uuid4()

pytestmark = pytest.mark.django_db


def counts(member: Member) -> list[int]:
    return sorted(Notice.objects.filter(member=member).values_list("count", flat=True))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"case": CASE}, {"case": CASE}, [2]),
        ({"case": CASE}, {"case": CASE, "about": OTHER}, [2]),
        ({"case": CASE}, {"case": OTHER}, [1, 1]),
        ({"about": CASE}, {"about": CASE}, [2]),
        ({"about": CASE}, {"about": OTHER}, [1, 1]),
        ({}, {}, [2]),
    ],
)
def test_the_same_kind_about_the_same_case_is_one_notice(
    bob: Member, first: dict[str, uuid.UUID], second: dict[str, uuid.UUID], expected: list[int]
) -> None:
    told(bob, **first)
    told(bob, **second)
    assert counts(bob) == expected


def test_another_kind_another_member_and_what_was_read_stand_apart(alice: Member, bob: Member) -> None:
    told(bob, Kind.MENTION, case=CASE)
    told(bob, Kind.REPLY, case=CASE)
    told(alice, Kind.MENTION, case=CASE)
    assert (counts(bob), counts(alice)) == ([1, 1], [1])
    Notice.objects.update(read_at=timezone.now())
    told(bob, Kind.MENTION, case=CASE)
    told(bob, Kind.MENTION, case=CASE)
    assert counts(bob) == [1, 1, 2]


def test_a_further_event_is_mailed_again_and_leads_to_the_newest_page(bob: Member) -> None:
    first = told(bob, case=CASE)
    Notice.objects.update(mailed_at=timezone.now(), handed_at=timezone.now())
    again = told(bob, case=CASE, view="consults:mine")
    assert (again.pk, again.mailed_at, again.handed_at) == (first.pk, None, None)
    assert again.path == reverse("consults:mine")
    assert again.at > first.at == again.began_at


@pytest.mark.parametrize(
    ("chosen", "kind", "channel"),
    [
        ({}, Kind.MENTION, Channel.AT_ONCE),
        ({}, Kind.ANSWER, Channel.DIGEST),
        ({}, Kind.WITHDRAWAL, Channel.IN_APP),
        ({"mention": "digest"}, Kind.MENTION, Channel.DIGEST),
        ({"mention": "in_app"}, Kind.MENTION, Channel.IN_APP),
        ({"mention": "off"}, Kind.MENTION, None),
        ({"mention": "off"}, Kind.REPLY, Channel.AT_ONCE),
        ({"mention": "pigeon"}, Kind.MENTION, Channel.AT_ONCE),
        ({"withdrawal": "at_once"}, Kind.WITHDRAWAL, Channel.IN_APP),
        ({"withdrawal": "off"}, Kind.WITHDRAWAL, None),
        (["mention"], Kind.MENTION, Channel.AT_ONCE),
    ],
)
def test_the_choice_of_a_member_is_the_way_it_goes(bob: Member, chosen: object, kind: Kind, channel: object) -> None:
    Preference.objects.create(member=bob, choices=chosen)
    tell(kind, [bob.pk], view="consults:cases")
    assert list(Notice.objects.values_list("channel", flat=True)) == ([] if channel is None else [channel])


def test_nobody_is_told_of_their_own_doing_twice_or_after_leaving(alice: Member, bob: Member) -> None:
    gone = factories.member(standing=Standing.ERASED)
    tell(Kind.ANSWER, [alice.pk, alice.pk, bob.pk, gone.pk, uuid.uuid4()], view="consults:cases", by=bob.pk)
    assert list(Notice.objects.values_list("member", "count")) == [(alice.pk, 1)]


def test_a_page_that_is_not_there_is_a_mistake_of_ours(bob: Member) -> None:
    with pytest.raises(NoReverseMatch):
        tell(Kind.ANSWER, [bob.pk], view="consults:nowhere")


def test_many_are_told_in_as_many_queries_as_one(bob: Member) -> None:
    many = [factories.member().pk for _ in range(40)]
    asked = []
    for members in ([bob.pk], many):
        with CaptureQueriesContext(connections["default"]) as queries:
            tell(Kind.POLL, members, view="consults:groups", about=CASE)
        asked.append(len(queries))
    assert asked == [2, 2]
    assert Notice.objects.count() == 41


def test_more_than_fit_into_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.notices.telling.AT_ONCE", 3)
    tell(Kind.POLL, [factories.member().pk for _ in range(7)], view="consults:groups")
    assert Notice.objects.count() == 7


def test_forgetting(alice: Member, bob: Member) -> None:
    for member in (alice, bob):
        for kind in (Kind.MENTION, Kind.SECOND_READ):
            told(member, kind, case=CASE)
    told(bob, case=OTHER)
    Notice.objects.filter(member=alice, kind=Kind.MENTION).update(read_at=timezone.now())
    forget(case=CASE, kinds=[Kind.SECOND_READ])
    assert set(Notice.objects.values_list("kind", flat=True)) == {Kind.MENTION}
    forget(case=CASE)
    assert list(Notice.objects.values_list("member", "case_id")) == [(bob.pk, OTHER)]


@pytest.mark.parametrize(
    "broken",
    [
        {"count": 0},
        {"path": "https://elsewhere.example/"},
        {"channel": "off"},
        {"at": timezone.now() - timezone.timedelta(days=1)},
    ],
)
def test_what_the_database_refuses(bob: Member, broken: dict[str, object]) -> None:
    notice = told(bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(**broken)


def test_two_unread_ones_of_one_topic_are_refused(bob: Member) -> None:
    notice = told(bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(member=bob, kind=notice.kind, topic_id=notice.topic_id, path="/", channel=Channel.IN_APP)


@pytest.mark.parametrize("broken", [{"digest_hour": 24}, {"quiet_from": 24}, {"weekday": 7}, {"rhythm": "hourly"}])
def test_preferences_that_the_database_refuses(bob: Member, broken: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.create(member=bob, **broken)


def test_every_kind_has_words_and_a_place_among_the_choices() -> None:
    from notifications.notices.forms import GROUPS

    assert set(WORDS) == set(Kind)
    chosen = [kind for _title, some in GROUPS for kind in some]
    assert sorted(chosen) == sorted(Kind)
    assert all(sentence(kind, 1) and sentence(kind, 3) and words_of(kind).in_mail for kind in Kind)
    assert sentence(Kind.ANSWER, 3) == "3 new answers to your case"
    assert sentence("of another year", 2) == "Something has happened"
    assert all(kinds.default_channel(kind) in kinds.channels_of(kind) for kind in Kind)


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_of_two_at_once_both_count() -> None:
    """Told by as many threads as there are, in crossed orders: no count is lost, nothing locks for ever."""
    members = [factories.member().pk for _ in range(4)]
    start, failed, rounds = threading.Barrier(4), [], 5

    def work(order: list[uuid.UUID]) -> Callable[[], None]:
        def run() -> None:
            try:
                start.wait()
                for _ in range(rounds):
                    with transaction.atomic():
                        tell(Kind.ANSWER, order, view="consults:cases", case=CASE)
            except BaseException as error:  # noqa: BLE001 - told below
                failed.append(error)
            finally:
                connections.close_all()

        return run

    threads = [threading.Thread(target=work(order)) for order in (members, members[::-1], members, members[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    assert list(Notice.objects.values_list("count", flat=True)) == [4 * rounds] * 4


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_outside_of_a_transaction_nobody_is_told() -> None:
    bob = factories.person("bob")
    with pytest.raises(transaction.TransactionManagementError):
        tell(Kind.ANSWER, [bob.pk], view="consults:cases")


def test_of_two_at_once_the_later_moment_stays(bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waited for the other began first."""
    late = timezone.now()
    for moment in (late, late - timedelta(seconds=1)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        with transaction.atomic():
            tell(Kind.ANSWER, [bob.pk], view="consults:cases", case=CASE)
    told = Notice.objects.get(member=bob)
    assert (told.count, told.at) == (2, late)
