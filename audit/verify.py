"""Verification of the whole log, which names the first row that differs from what was written."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import OperationalError, connection
from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from audit.access_log import BLOCK
from audit.canonical import block_line, event_digest
from audit.heads import TIED, Head
from audit.models import GENESIS, STRANDS, Event, PictureServed
from audit.strands import events_of, first_of, strand_of

LOWEST_ID = -(2**63)  # so that a row inserted before the first block is noticed too


@dataclass(frozen=True)
class Report:
    """The result of `verify`. `bad_table` and `bad_id` name the first bad row; `reason` is a sentence."""

    ok: bool
    events: int
    pictures: int
    head_seq: int
    head_digest: str
    bad_table: str = ""
    bad_id: int | None = None
    reason: str = ""

    def __str__(self) -> str:
        if self.ok:
            return f"{self.events} events and {self.pictures} sealed picture views: whole and unchanged."
        return f"{self.bad_table} row {self.bad_id}: {self.reason}"


class _BadRow(Exception):
    def __init__(self, table: str, row: int, reason: str) -> None:
        super().__init__(reason)
        self.table, self.row, self.reason = table, row, reason


def verify(*, published: Iterable[Head] = ()) -> Report:
    """Check every event and every block, in order; memory is constant, time is linear in the log.

    Heads signed earlier reveal a log whose end was cut off or which was rewritten.
    """
    pictures = 0
    block_end = LOWEST_ID
    front, *others = (_Strand(number) for number in range(STRANDS))
    heads = _by_seq(published)
    try:
        _check_heads(heads.pop(0, []), digest=front.digest)
        for event in front.events:
            _check_heads(heads.pop(event.seq, []), digest=event.digest)
            if event.verb == BLOCK:
                pictures += _check_block(event, after=block_end)
                block_end = int(event.facts["last"])
            elif event.verb == TIED:
                _check_tie(event, others)
        for strand in others:
            strand.walk()
        for seq in sorted(heads):
            at = heads[seq][0]["at"]
            raise _BadRow(
                "audit_event", front.seq + 1, f"is missing: the log was cut off before event {seq}, published on {at}"
            )
    except _BadRow as bad:
        found: dict[str, Any] = {"ok": False, "bad_table": bad.table, "bad_id": bad.row, "reason": bad.reason}
    else:
        found = {"ok": True}
    return Report(
        events=sum(strand.count for strand in (front, *others)),
        pictures=pictures,
        head_seq=front.seq,
        head_digest=front.digest,
        **found,
    )


class _Strand:
    """The verification of one strand: `seq` and `digest` are those of the last event that was right."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.seq, self.digest, self.count = first_of(number), GENESIS, 0
        self.events = self._events()

    def _events(self) -> Iterator[Event]:
        for event in _rows(events_of(self.number), "seq", "audit_event", texts=("at", "actor_id", "subject_id")):
            _check_event(event, expected_seq=self.seq + 1, previous=self.digest)
            if self.number and event.verb in (BLOCK, TIED):
                raise _BadRow("audit_event", event.seq, "is a block or a tie outside the first strand")
            self.seq, self.digest, self.count = event.seq, event.digest, self.count + 1
            yield event

    def walk(self, *, to: int | None = None) -> None:
        """Check the events up to number `to`, or all remaining ones."""
        while self.seq != to:
            if next(self.events, None) is None:
                return


def _check_tie(event: Event, others: Sequence[_Strand]) -> None:
    """Check that every strand has reached the event that this one names, with the same digest."""
    for words in event.facts["heads"]:
        seq, _colon, digest = words.partition(":")
        strand = others[strand_of(int(seq)) - 1]
        if strand.seq < int(seq):
            strand.walk(to=int(seq))
        if strand.seq != int(seq):
            raise _BadRow("audit_event", strand.seq + 1, f"is missing: event {event.seq} has tied number {seq} in")
        if strand.digest != digest:
            raise _BadRow("audit_event", int(seq), f"is not the event that {event.seq} tied: the log was written anew")


def _by_seq(heads: Iterable[Head]) -> dict[int, list[Head]]:
    found: dict[int, list[Head]] = {}
    for head in heads:
        found.setdefault(head["seq"], []).append(head)
    return found


def _check_heads(heads: list[Head], *, digest: str) -> None:
    for head in heads:
        if head["digest"] != digest:
            raise _BadRow(
                "audit_event",
                head["seq"],
                f"is not the event whose head was published on {head['at']}: the log was written anew",
            )


RowT = TypeVar("RowT", Event, PictureServed)


def _rows(found: QuerySet[RowT], key: str, table: str, *, texts: tuple[str, ...]) -> Iterator[RowT]:
    """Yield the rows by rising key. Raises _BadRow for the first that is unreadable or has an altered id or time.

    SQLite stores ids and times (`texts`) as text: a flipped byte may make them unreadable, or leave the same id in
    another spelling, which no look-up finds. Postgres stores them as numbers.
    """
    if connection.vendor != "sqlite":
        texts = ()
    spelt = {f"{name}_spelt": Cast(name, CharField()) for name in texts}
    found = found.order_by(key).annotate(**spelt)
    last: int | None = None
    size = 500
    while True:
        rows = found.filter(**{f"{key}__gt": last}) if last is not None else found
        try:
            piece = list(rows[:size])
        except (ValueError, TypeError, OperationalError) as error:
            if size > 1:
                size = 1  # again, row by row, to find the bad one
                continue
            raise _BadRow(table, _next_key(rows, key), "was changed after it was written: it cannot be read") from error
        if not piece:
            return
        for row in piece:
            for name in texts:
                _check_spelling(getattr(row, name), getattr(row, f"{name}_spelt"), table=table, key=row.pk)
            yield row
        last = piece[-1].pk


def _next_key(rows: "QuerySet[Event] | QuerySet[PictureServed]", key: str) -> int:
    found: int = rows.values_list(key, flat=True)[:1].get()
    return found


def _check_spelling(value: uuid.UUID | datetime | None, text: str | None, *, table: str, key: int) -> None:
    if isinstance(value, datetime):
        right = text == str(value.astimezone(UTC).replace(tzinfo=None))
    else:
        right = text == (value.hex if value is not None else None)
    if not right:
        raise _BadRow(table, key, "was changed after it was written")


def _check_event(event: Event, *, expected_seq: int, previous: str) -> None:
    if event.seq != expected_seq:
        raise _BadRow("audit_event", expected_seq, "is missing")
    if event.previous != previous:
        raise _BadRow("audit_event", event.seq, "does not follow the event before it")
    try:
        digest = event_digest(event)
    except (TypeError, ValueError, AttributeError):
        digest = ""
    if digest != event.digest:
        raise _BadRow("audit_event", event.seq, "was changed after it was written")


def _check_block(event: Event, *, after: int) -> int:
    """Check the rows with `after` < id <= last, so that one inserted before the block is noticed; return how many."""
    facts = event.facts
    found = PictureServed.objects.filter(id__gt=after, id__lte=facts["last"])
    count, digest = 0, hashlib.sha256()
    for row in _rows(found, "id", "audit_pictureserved", texts=("at", "member_id", "rendition_id")):
        count += 1
        digest.update(block_line(row))
    if count != facts["count"]:
        raise _BadRow(
            "audit_event", event.seq, f"sealed {facts['count']} picture views up to {facts['last']}, {count} are there"
        )
    if digest.hexdigest() != facts["sha256"]:
        raise _BadRow(
            "audit_pictureserved", facts["first"], f"or a later one up to {facts['last']} was changed after sealing"
        )
    return count
