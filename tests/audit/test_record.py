"""The log takes ids, codes, hashes and counts, and nobody changes it afterwards."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts.models import Member
from audit.access_log import record_served, write_block
from audit.models import GENESIS, Event, PictureServed
from audit.record import BadFact, record
from audit.verify import verify

CASE = ("case", uuid.UUID("3f0f3c3e-6a0e-4d5b-a0d6-1f5d3f2c9b11"))


def write(**facts: object) -> Event:
    return record(verb="case.released", actor=None, subject=CASE, **facts)


def serve_one() -> None:
    record_served(member_id=uuid.uuid4(), rendition_id=uuid.uuid4(), name="display")


@pytest.mark.django_db
def test_events_are_numbered_and_chained(alice: Member) -> None:
    before = Event.objects.count()
    first = record(verb="case.released", actor=alice, subject=CASE, photos=2, sha256=["ab", "cd"], again=False)
    second = write()
    assert (first.seq, second.seq) == (before + 1, before + 2)
    assert first.actor_id == alice.pk
    assert second.previous == first.digest != GENESIS
    assert verify().ok
    assert verify().events == before + 2


@pytest.mark.django_db
def test_event_falls_with_its_transaction() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert Event.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", ["released", "sha256:ab12", "2026-11-23T01:00:00+00:00", "", 3, True, None, ["a", "b"]]
)
def test_facts_taken(value: object) -> None:
    assert write(fact=value).facts == {"fact": value}
    assert verify().ok


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", ["Ayse Yilmaz", "a@b.example", "a sentence.", "x" * 129, 1.5, {"a": 1}, ["Ayse Yilmaz"], [1], b"ab"]
)
def test_facts_refused(value: object) -> None:
    with pytest.raises(BadFact) as refused:
        write(fact=value)
    assert "Ayse" not in str(refused.value)
    assert Event.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["Case released", "", "case.", "çase"])
def test_verbs_refused(verb: str) -> None:
    with pytest.raises(BadFact):
        record(verb=verb, actor=None, subject=CASE)


CHANGES = [
    "UPDATE audit_event SET verb = 'case.hidden' WHERE seq = 1",
    "DELETE FROM audit_event WHERE seq = 1",
    "DELETE FROM audit_event",
    "UPDATE audit_pictureserved SET name = 'thumbnail'",
    "DELETE FROM audit_pictureserved",
    # A hole in the numbers, and a second first event.
    "INSERT INTO audit_event SELECT 7, at, actor_id, verb, subject_type, subject_id, facts, previous, 'x' "
    "FROM audit_event WHERE seq = 1",
    "INSERT INTO audit_event SELECT 1, at, actor_id, verb, subject_type, subject_id, facts, previous, 'x' "
    "FROM audit_event WHERE seq = 1",
]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", CHANGES)
def test_database_refuses_changes(statement: str) -> None:
    write()
    serve_one()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify().ok


@pytest.mark.django_db
@pytest.mark.sqlite_only  # INSERT OR REPLACE
@pytest.mark.parametrize(
    "statement",
    [
        CHANGES[-1],
        "INSERT INTO audit_pictureserved SELECT id, at, member_id, rendition_id, 'thumbnail' FROM audit_pictureserved",
    ],
)
def test_database_refuses_replacing_rows(statement: str) -> None:
    write()
    serve_one()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.replace("INSERT", "INSERT OR REPLACE"))


@pytest.mark.django_db
def test_querysets_and_models_cannot_change_it() -> None:
    event = write()
    for attempt in (event.save, event.delete, Event.objects.all().delete, lambda: Event.objects.update(verb="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


@pytest.mark.django_db(transaction=True)
def test_four_writers_make_one_chain() -> None:
    start = threading.Barrier(4)

    def writer(number: int) -> None:
        start.wait()
        try:
            for turn in range(15):
                write(writer=number, turn=turn)
                serve_one()
                if turn % 5 == 4:
                    write_block()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(writer, range(4)))
    write_block()
    report = verify()
    assert report.ok, str(report)
    assert Event.objects.filter(verb="case.released").count() == 60
    assert report.pictures == PictureServed.objects.count() == 60
