"""Queries that are compiled once and answered many times."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Member
from core import prepared
from core.addresses import address
from core.prepared import Lost, Prepared
from core.unions import all_of
from tests import factories


def names(*ids: uuid.UUID) -> QuerySet[Member, tuple[Any, ...]]:
    return Member.objects.filter(pk__in=ids).order_by("name").values_list("pk", "name", "created_at", "supervisor")


def test_it_answers_as_the_orm_does_for_each_other_value(db: None) -> None:
    people = [factories.person(name) for name in ("alice", "bob", "mod1")]
    query = Prepared()

    for _time in range(4):  # on Postgres the plan is kept from the second time on
        for ids in ([people[0].pk, people[1].pk], [people[2].pk, people[0].pk], [people[1].pk] * 2):
            assert query.rows("names", names, ids) == list(names(*ids))
    assert query.rows("names", names, [people[1].pk]) == list(names(people[1].pk))
    assert query.first("names", names, [uuid.uuid4()]) is None


def test_texts_and_numbers_are_values_too(alice: Member) -> None:
    def build(name: str, least: int) -> QuerySet[Member, tuple[Any, ...]]:
        return Member.objects.filter(name=name, posts_released__gte=least).values_list("pk")

    query = Prepared()
    assert query.rows("", build, [alice.name, 0]) == [(alice.pk,)]
    assert query.rows("", build, [alice.name, alice.posts_released + 1]) == []
    assert query.rows("", build, ["Somebody", 0]) == []


def test_times_are_values_too(alice: Member) -> None:
    def build(since: datetime) -> QuerySet[Member, tuple[Any, ...]]:
        return Member.objects.filter(created_at__gt=since).values_list("pk", "created_at")

    query = Prepared()
    for _time in range(3):
        assert query.rows("", build, [alice.created_at]) == []
        before = alice.created_at - timedelta(microseconds=1)
        assert query.rows("", build, [before]) == [(alice.pk, alice.created_at)]


def test_it_is_counted_as_any_query(alice: Member) -> None:
    with CaptureQueriesContext(connection) as captured:
        Prepared().rows("names", names, [alice.pk])
    assert len(captured) == 1
    assert "accounts_member" in captured[0]["sql"]


def test_no_query_for_what_can_have_no_rows(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        assert Prepared().rows("", lambda: Member.objects.none().values_list("pk"), []) == []


@pytest.mark.parametrize(
    "build",
    [
        lambda pk: Member.objects.values_list("pk"),
        lambda pk: Member.objects.filter(name=Upper("name"), pk__isnull=pk is None).values_list("pk"),
    ],
)
def test_a_value_that_is_not_in_the_query_is_an_error_and_no_answer(build: Any, db: None) -> None:
    with pytest.raises(Lost):
        Prepared().rows("", build, [uuid.uuid4()])


def test_no_more_queries_are_kept_than_fit(alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MAX_QUERIES", 2)
    query = Prepared()
    for key in range(5):
        assert len(query.rows(key, names, [alice.pk])) == 1
    assert len(query._kept) <= 2


def test_rows_of_several_queries_each_with_its_own_end(db: None) -> None:
    alice, bob, mod = (factories.person(name) for name in ("alice", "bob", "mod1"))
    by_name = Member.objects.order_by("name").values("pk")

    together = all_of(by_name[:1], by_name.none(), by_name.filter(pk=mod.pk))
    assert set(Member.objects.filter(pk__in=together)) == {alice, mod}
    assert all_of(by_name.none()) is None
    assert bob.pk not in {member.pk for member in Member.objects.filter(pk__in=together)}


def test_an_address_is_what_reverse_says(db: None) -> None:
    pk = uuid.uuid4()
    for view in ("consults:case", "consults:picture"):
        assert address(view, pk) == reverse(view, args=[pk])
