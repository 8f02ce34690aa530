"""A dishonest owner of the database takes the triggers down; the chain tells, and names the row."""

import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from accounts.models import Member
from audit import heads, triggers
from audit.access_log import record_served, write_block
from audit.canonical import event_digest
from audit.models import Event, PictureServed
from audit.record import record
from audit.tasks import publish_head, write_blocks
from audit.verify import Report, verify

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
def test_cut_off_end_shows_against_an_earlier_head(tmp_path: Path) -> None:
    write_events(4)
    taken_away = tmp_path / "head.json"
    taken_away.write_text(check_log("--signed-head"))
    assert check_log("--against", str(taken_away)).endswith("1 published heads fit.")
    with owner():
        Event.objects.filter(seq__gte=3).delete()
    assert verify().ok
    with pytest.raises(CommandError, match="audit_event row 3: is missing: the log was cut off before event 4"):
        check_log("--against", str(taken_away))


@pytest.mark.django_db
def test_log_written_anew_shows_against_an_earlier_head(tmp_path: Path) -> None:
    write_events(2)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"log": {"head": heads.sign_head()}}, indent=2))
    with owner():
        Event.objects.all().delete()
    write_events(3)
    assert verify().ok
    with pytest.raises(CommandError, match=r"row 2: is not the event whose head was published .* written anew"):
        check_log("--against", str(manifest))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"digest": "0" * 64}, "is not signed by a key of this log"),
        ({"signature": "not base64"}, "is not signed by a key of this log"),
        ({"key_id": "0" * 16}, "is not signed by a key of this log"),
        ({"seq": "2"}, "is no head"),
        ({"at": None}, "is no head"),
    ],
)
def test_a_head_that_is_not_ours_is_refused(tmp_path: Path, change: dict[str, object], complaint: str) -> None:
    write_events(2)
    path = tmp_path / "heads.jsonl"
    path.write_text(f"{json.dumps(heads.sign_head())}\n{json.dumps(heads.sign_head() | change)}\n")
    with pytest.raises(CommandError, match=complaint):
        check_log("--against", str(path))


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["nonsense", "12:ab34", "[1]", '{"log": {}}'])
def test_what_is_no_head_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "heads.jsonl"
    path.write_text(text)
    with pytest.raises(CommandError, match="is no head"):
        check_log("--against", str(path))
    with pytest.raises(CommandError, match="cannot be read"):
        check_log("--against", str(tmp_path / "nothing"))


@pytest.mark.django_db(transaction=True)
def test_heads_are_published_once_and_checked_ever_after() -> None:
    write_events(2)
    publish_head()
    publish_head()
    write_events(1)
    assert check_log("--publish") == "Published head 3."
    assert check_log("--publish") == "This head is published already."
    assert [head["seq"] for head in heads.read_published()] == [2, 3]
    assert settings.LOG_HEADS_FILE.stat().st_mode & 0o777 == 0o600
    assert check_log().endswith("2 published heads fit.")
    with owner():
        Event.objects.filter(seq=3).delete()
    with pytest.raises(CommandError, match="row 3: is missing: the log was cut off before event 3"):
        check_log()


@pytest.mark.django_db(transaction=True)
def test_an_empty_log_that_was_not_empty_is_named() -> None:
    write_events(1)
    publish_head()
    with owner():
        Event.objects.all().delete()
    with pytest.raises(CommandError, match="row 1: is missing: the log was cut off before event 1"):
        check_log()


@pytest.mark.django_db
def test_no_head_is_published_before_its_event_is_certain() -> None:
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        publish_head()
    assert not settings.LOG_HEADS_FILE.exists()


# --- One byte


def flip(*, table: str, column: str, row: int, at: int, bit: int) -> None:
    """Change one bit of a stored text, as an owner of the database file can."""
    key = "seq" if table == "audit_event" else "id"
    with owner(), connection.cursor() as cursor:
        cursor.execute(f"SELECT CAST({column} AS BLOB) FROM {table} WHERE {key} = %s", [row])
        stored = bytearray(cursor.fetchone()[0])
        stored[at % len(stored)] ^= 1 << bit
        cursor.execute("PRAGMA ignore_check_constraints = ON")  # a byte in the file asks no constraint
        cursor.execute(f"UPDATE {table} SET {column} = CAST(%s AS TEXT) WHERE {key} = %s", [bytes(stored), row])
        cursor.execute("PRAGMA ignore_check_constraints = OFF")


@pytest.mark.django_db
@pytest.mark.sqlite_only  # Postgres keeps ids and times as numbers; test_changed_event_is_named changes those
@settings_of_hypothesis(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    column=st.sampled_from(["at", "actor_id", "verb", "subject_type", "subject_id", "facts", "previous", "digest"]),
    row=st.integers(1, 4),
    at=st.integers(0, 70),
    bit=st.integers(0, 7),
)
def test_any_flipped_bit_is_named(alice: Member, column: str, row: int, at: int, bit: int) -> None:
    with transaction.atomic():
        for turn in range(5 - Event.objects.count()):
            record(verb="case.released", actor=alice, subject=CASE, turn=turn, sha256="ab" * 32)
        flip(table="audit_event", column=column, row=row, at=at, bit=bit)
        report = verify()
        transaction.set_rollback(True)
    assert (report.ok, report.bad_table, report.bad_id) == (False, "audit_event", row)


@pytest.mark.django_db
@pytest.mark.sqlite_only  # for the same reason; see test_changed_picture_views_are_named
@pytest.mark.parametrize("column", ["at", "member_id", "rendition_id", "name"])
@pytest.mark.parametrize("bit", [0, 5, 7])
def test_a_flipped_bit_of_a_picture_view_is_named(column: str, bit: int) -> None:
    look(3)
    write_block()
    rows = list(PictureServed.objects.order_by("id"))
    letter = next(at for at in range(32) if rows[1].member_id.hex[at] in "abcdef")
    flip(table="audit_pictureserved", column=column, row=rows[1].id, at=letter if column == "member_id" else 3, bit=bit)
    report = verify()
    assert (report.ok, report.bad_table) == (False, "audit_pictureserved")
    assert rows[0].id <= report.bad_id <= rows[1].id


@pytest.mark.django_db(transaction=True)
def test_four_writers_and_one_flipped_byte() -> None:
    """The whole promise at once: concurrent writers make one chain, and one byte changed in it is named."""
    start = threading.Barrier(4)

    def writer(number: int) -> None:
        start.wait()
        try:
            for turn in range(10):
                record(verb="case.released", actor=None, subject=CASE, writer=number, turn=turn)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(writer, range(4)))
    assert verify().events == 40
    victim = Event.objects.order_by("at", "seq")[22]
    with owner():
        Event.objects.filter(seq=victim.seq).update(facts=victim.facts | {"turn": victim.facts["turn"] ^ 1})
    with pytest.raises(CommandError, match=f"audit_event row {victim.seq}: was changed after it was written"):
        check_log()


# --- Pictures served


def look(count: int) -> None:
    for _ in range(count):
        record_served(member_id=uuid.uuid4(), rendition_id=uuid.uuid4(), name="display")


@pytest.mark.django_db
def test_pictures_served_are_sealed_in_blocks() -> None:
    look(3)
    write_blocks()
    look(2)
    block = write_block()
    assert write_block() is None
    first, last = PictureServed.objects.order_by("id")[3].id, PictureServed.objects.order_by("id").last().id
    assert (block.facts["count"], block.facts["first"], block.facts["last"]) == (2, first, last)
    assert verify() == Report(ok=True, events=2, pictures=5, head_seq=2, head_digest=block.digest)


@pytest.mark.django_db
def test_long_queue_of_pictures_is_sealed_in_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.access_log.MAX_ROWS", 2)
    look(5)
    write_blocks()
    assert [event.facts["count"] for event in Event.objects.all()] == [2, 2, 1]
    assert verify().pictures == 5


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["changed", "removed", "slipped in"])
def test_changed_picture_views_are_named(how: str) -> None:
    look(3)
    write_block()
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
