"""Writers that do not wait for one another, and a log that is still whole: strands, and what ties them."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from audit import access_log, heads, locks, record, strands, triggers
from audit.models import Event
from audit.tasks import publish_head, tie_strands
from audit.verify import verify

CASE = ("case", uuid.UUID("3f0f3c3e-6a0e-4d5b-a0d6-1f5d3f2c9b11"))


def write(strand: int, monkeypatch: pytest.MonkeyPatch, **facts: object) -> Event:
    """An event in this strand, as if all before it were held by others."""
    with monkeypatch.context() as patch:
        patch.setattr(locks, "free_strand", lambda: strand)
        return record.record(verb="case.released", actor=None, subject=CASE, **facts)  # type: ignore[arg-type]


@pytest.fixture
def three(db: None, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Events in strands 0, 3, 3, 7, 3, and what ties them."""
    made = [write(strand, monkeypatch, turn=turn) for turn, strand in enumerate((0, 3, 3, 7, 3))]
    tie_strands()
    return made


def test_each_strand_is_a_chain_and_the_first_holds_the_others(three: list[Event]) -> None:
    first = strands.first_of(3)
    assert [event.seq for event in three] == [1, first + 1, first + 2, strands.first_of(7) + 1, first + 3]
    assert three[4].previous == three[2].digest
    tied = Event.objects.get(verb=heads.TIED)
    assert (tied.seq, tied.previous) == (2, three[0].digest)
    assert tied.facts == {"heads": [f"{event.seq}:{event.digest}" for event in (three[4], three[3])]}
    tie_strands()
    assert Event.objects.count() == 6  # nothing new to tie
    report = verify()
    assert (report.ok, report.events, report.head_seq) == (True, 6, 2)


def test_one_writer_ties_nothing(db: None) -> None:
    record.record(verb="case.released", actor=None, subject=CASE)
    tie_strands()
    assert Event.objects.count() == 1


@pytest.mark.parametrize("place", range(5))
def test_a_changed_event_of_any_strand_is_named(three: list[Event], place: int) -> None:
    _as_owner(lambda: Event.objects.filter(seq=three[place].seq).update(facts={"turn": 9}))
    report = verify()
    assert (report.ok, report.bad_id) == (False, three[place].seq)


@pytest.mark.parametrize(("gone", "named"), [((1,), 1), ((2,), 2), ((4,), 4), ((3,), 3), ((1, 2, 4), 1)])
def test_what_is_cut_off_a_tied_strand_is_named(three: list[Event], gone: tuple[int, ...], named: int) -> None:
    _as_owner(lambda: Event.objects.filter(seq__in=[three[place].seq for place in gone]).delete())
    report = verify()
    assert (report.ok, report.bad_id) == (False, three[named].seq)
    assert "is missing" in report.reason


def test_what_is_cut_off_before_it_is_tied_is_not_seen(three: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    """The price, said in docs/adr/0016: within a minute, by the owner of the database."""
    last = write(3, monkeypatch)
    _as_owner(lambda: Event.objects.filter(seq=last.seq).delete())
    assert verify().ok


def test_a_strand_written_anew_does_not_fit_its_tie(three: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    _as_owner(lambda: Event.objects.filter(seq=three[3].seq).delete())
    assert write(7, monkeypatch, turn=8).seq == three[3].seq
    report = verify()
    assert (report.ok, report.bad_id) == (False, three[3].seq)
    assert "written anew" in report.reason


@pytest.mark.parametrize("verb", [heads.TIED, "pictures.served"])
def test_nothing_is_tied_or_sealed_in_another_strand(
    three: list[Event], monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(locks, "free_strand", lambda: 7)
    event = record.record(verb=verb, actor=None, subject=CASE)
    report = verify()
    assert (report.ok, report.bad_id) == (False, event.seq)


def test_a_block_in_another_strand_keeps_no_view_out_of_the_chain(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(locks, "free_strand", lambda: 7)
        record.record(verb=access_log.BLOCK, actor=None, subject=CASE, count=1, first=1, last=10**9, sha256="0" * 64)
    access_log.record_served(member_id=uuid.uuid4(), rendition_id=uuid.uuid4(), name="display")
    block = access_log.write_block()
    assert block is not None
    assert block.facts["count"] == 1


def test_one_subject_has_one_order_whatever_the_clocks(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    written = []
    for strand, minutes in ((0, 0), (3, -60), (1, 5), (0, 5), (2, -600)):
        monkeypatch.setattr(timezone, "now", lambda minutes=minutes: now + timedelta(minutes=minutes))
        written.append(write(strand, monkeypatch).seq)
    assert list(Event.objects.values_list("seq", flat=True)) == written
    assert len(set(Event.objects.values_list("at", flat=True))) == 5
    assert verify().ok


def test_a_signed_head_stands_for_all_strands(three: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    last = write(7, monkeypatch)
    head = heads.sign_head()
    assert Event.objects.get(seq=head["seq"]).facts["heads"][-1] == f"{last.seq}:{last.digest}"
    _as_owner(lambda: Event.objects.filter(seq=last.seq).delete())
    assert not verify(published=[head]).ok


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_is_held_up_holds_up_nobody() -> None:
    written, go_on = threading.Event(), threading.Event()
    one_writer = connection.vendor == "sqlite"  # whatever the log does
    if one_writer:
        go_on.set()

    def slow() -> None:
        try:
            with transaction.atomic():
                record.record(verb="case.released", actor=None, subject=("case", uuid.uuid4()))
                written.set()
                assert go_on.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(30)
    quick = record.record(verb="case.released", actor=None, subject=CASE)
    assert quick.seq == (2 if one_writer else strands.first_of(1) + 1)
    go_on.set()
    thread.join()
    publish_head()
    report = verify(published=heads.read_published())
    assert (report.ok, report.events) == (True, 2 if one_writer else 3)


def _as_owner(change: object) -> None:
    triggers.drop(connection)
    try:
        change()  # type: ignore[operator]
    finally:
        triggers.create(connection)
