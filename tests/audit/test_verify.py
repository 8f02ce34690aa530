"""A dishonest owner of the database takes the triggers down; the chain tells, and names the row."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import heads, triggers
from audit.canonical import event_digest
from audit.models import Event, PictureServed
from audit.record import record
from audit.tasks import seal_served_pictures
from audit.verify import Report, verify
from audit.views_log import seal_served, served

CASE = ("case", uuid.UUID("3f0f3c3e-6a0e-4d5b-a0d6-1f5d3f2c9b11"))


@contextmanager
def owner() -> Iterator[None]:
    """The triggers are down, as only the owner of the tables can take them."""
    triggers.drop(connection)
    try:
        yield
    finally:
        triggers.create(connection)


def write_events(count: int) -> list[Event]:
    return [record(verb="case.released", actor=None, subject=CASE, turn=turn) for turn in range(count)]


def check_log(*arguments: str) -> str:
    out = StringIO()
    call_command("check_log", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("verb", "case.released_"),
        ("facts", {"turn": 9}),
        ("actor_id", uuid.UUID(int=1)),
        ("subject_type", "casf"),
        ("subject_id", uuid.UUID(int=2)),
        ("previous", "f" * 64),
        ("digest", "f" * 64),
    ],
)
def test_changed_event_is_named(field: str, value: object) -> None:
    write_events(5)
    with owner():
        Event.objects.filter(seq=3).update(**{field: value})
    report = verify()
    assert (report.ok, report.bad_table, report.bad_id) == (False, "audit_event", 3)
    with pytest.raises(CommandError, match="audit_event row 3") as failed:
        check_log()
    assert failed.value.returncode == 1


@pytest.mark.django_db
def test_one_flipped_bit_of_the_time_is_named() -> None:
    events = write_events(3)
    with owner():
        moved = events[1].at.replace(microsecond=events[1].at.microsecond ^ 1)
        Event.objects.filter(seq=2).update(at=moved)
    assert verify().bad_id == 2


@pytest.mark.django_db
def test_removed_event_is_named() -> None:
    write_events(4)
    with owner():
        Event.objects.filter(seq=2).delete()
    assert (verify().bad_id, verify().reason) == (2, "is missing")


@pytest.mark.django_db
def test_event_written_anew_with_a_right_digest_breaks_the_next() -> None:
    events = write_events(4)
    with owner():
        forged = events[1]
        forged.facts = {"turn": 7}
        Event.objects.filter(seq=2).update(facts=forged.facts, digest=event_digest(forged))
    assert (verify().bad_id, verify().reason) == (3, "does not follow the event before it")


@pytest.mark.django_db
def test_cut_off_end_shows_against_an_earlier_head() -> None:
    write_events(4)
    head = check_log("--head")
    assert check_log("--against", head).startswith("4 events")
    with owner():
        Event.objects.filter(seq__gte=3).delete()
    assert verify().ok
    with pytest.raises(CommandError, match="audit_event row 3: is missing"):
        check_log("--against", head)


@pytest.mark.django_db
def test_log_written_anew_shows_against_an_earlier_head() -> None:
    write_events(2)
    head = check_log("--head")
    with owner():
        Event.objects.all().delete()
    write_events(3)
    assert verify().ok
    with pytest.raises(CommandError, match="row 2: is not the event"):
        check_log("--against", head)
    with pytest.raises(CommandError, match="wants a head"):
        check_log("--against", "nonsense")


def look(count: int) -> None:
    for _ in range(count):
        served(member_id=uuid.uuid4(), rendition_id=uuid.uuid4(), name="display")


@pytest.mark.django_db
def test_pictures_served_are_sealed_in_blocks() -> None:
    look(3)
    seal_served_pictures()
    look(2)
    block = seal_served()
    assert seal_served() is None
    first, last = PictureServed.objects.order_by("id")[3].id, PictureServed.objects.order_by("id").last().id
    assert (block.facts["count"], block.facts["first"], block.facts["last"]) == (2, first, last)
    assert verify() == Report(ok=True, events=2, pictures=5, head_seq=2, head_digest=block.digest)


@pytest.mark.django_db
def test_long_queue_of_pictures_is_sealed_in_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.views_log.MOST_ROWS", 2)
    look(5)
    seal_served_pictures()
    assert [event.facts["count"] for event in Event.objects.all()] == [2, 2, 1]
    assert verify().pictures == 5


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["changed", "removed", "slipped in"])
def test_changed_picture_views_are_named(how: str) -> None:
    look(3)
    seal_served()
    rows = list(PictureServed.objects.order_by("id"))
    with owner():
        if how == "changed":
            PictureServed.objects.filter(id=rows[1].id).update(member_id=uuid.UUID(int=5))
        elif how == "removed":
            rows[1].delete()
        else:
            rows[1].id = rows[0].id - 1
            rows[1].save(force_insert=True)
    assert verify().ok is False
    assert str(rows[-1].id) in verify().reason


@pytest.mark.django_db
def test_signed_heads() -> None:
    events = write_events(2)
    head = heads.sign_head()
    key = check_log("--public-key")
    assert (head["seq"], head["digest"]) == (2, events[-1].digest)
    assert heads.head_is_signed(head, public_key_pem=key)
    for field, value in (
        ("seq", 3),
        ("digest", "0" * 64),
        ("at", "2020-01-01"),
        ("signature", "AAAA"),
        ("key_id", "x"),
    ):
        assert not heads.head_is_signed(head | {field: value}, public_key_pem=key)
    assert '"signature"' in check_log("--signed-head")


@pytest.mark.django_db
def test_head_of_an_empty_log() -> None:
    assert check_log("--head") == f"0:{'0' * 64}"
    assert heads.sign_head()["seq"] == 0
