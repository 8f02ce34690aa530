"""Reads the whole log and names the first row that is not what was written."""

import hashlib
from dataclasses import dataclass

from audit.canonical import event_digest, served_line
from audit.models import GENESIS, Event, PictureServed
from audit.views_log import SEALED

LOWEST_ID = -(2**63)  # so that a row slipped in before the first block is seen too


@dataclass(frozen=True)
class Report:
    """What `verify` found. `bad_table` and `bad_id` name the first bad row; `reason` is a sentence."""

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


class _Bad(Exception):
    def __init__(self, table: str, row: int, reason: str) -> None:
        super().__init__(reason)
        self.table, self.row, self.reason = table, row, reason


def verify(*, seq: int = 0, digest: str = "") -> Report:
    """Check every event and every sealed block, in order; memory stays flat, time grows with the log.

    Give `seq` and `digest` of a head that was signed earlier to notice a log whose end was cut off or which
    was written anew.
    """
    events = pictures = 0
    sealed_to = LOWEST_ID
    head = GENESIS
    try:
        for event in Event.objects.order_by("seq").iterator(chunk_size=500):
            _check_event(event, expected_seq=events + 1, previous=head)
            if event.seq == seq and event.digest != digest:
                raise _Bad("audit_event", seq, "is not the event that the given head signed")
            if event.verb == SEALED:
                pictures += _check_block(event, after=sealed_to)
                sealed_to = int(event.facts["last"])
            events, head = events + 1, event.digest
        if seq > events:
            raise _Bad("audit_event", events + 1, "is missing: the log ends before the given head")
    except _Bad as bad:
        return Report(
            ok=False,
            events=events,
            pictures=pictures,
            head_seq=events,
            head_digest=head,
            bad_table=bad.table,
            bad_id=bad.row,
            reason=bad.reason,
        )
    return Report(ok=True, events=events, pictures=pictures, head_seq=events, head_digest=head)


def _check_event(event: Event, *, expected_seq: int, previous: str) -> None:
    if event.seq != expected_seq:
        raise _Bad("audit_event", expected_seq, "is missing")
    if event.previous != previous:
        raise _Bad("audit_event", event.seq, "does not follow the event before it")
    try:
        digest = event_digest(event)
    except (TypeError, ValueError, AttributeError):
        digest = ""
    if digest != event.digest:
        raise _Bad("audit_event", event.seq, "was changed after it was written")


def _check_block(event: Event, *, after: int) -> int:
    """Rows with `after` < id <= last belong to the block, so that one slipped in before it is seen too."""
    facts = event.facts
    rows = PictureServed.objects.filter(id__gt=after, id__lte=facts["last"]).order_by("id")
    count, digest = 0, hashlib.sha256()
    for row in rows.iterator(chunk_size=500):
        count += 1
        digest.update(served_line(row))
    if count != facts["count"]:
        raise _Bad(
            "audit_event", event.seq, f"sealed {facts['count']} picture views up to {facts['last']}, {count} are there"
        )
    if digest.hexdigest() != facts["sha256"]:
        raise _Bad(
            "audit_pictureserved", facts["first"], f"or a later one up to {facts['last']} was changed after sealing"
        )
    return count
