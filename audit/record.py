"""The one writer of the log."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Protocol

from django.db import connection, transaction
from django.utils import timezone

from audit import locks, strands
from audit.canonical import event_digest
from audit.models import GENESIS, Event

Fact = str | int | bool | list[str] | None

# Ids, codes, hashes, versions, dates. No spaces, because a sentence could leak content.
_PLAIN = re.compile(r"[A-Za-z0-9._:/+=-]{0,128}", re.ASCII)
_MOMENT = timedelta(microseconds=1)
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.ASCII)


class BadFact(ValueError):
    """A fact that is not an id, a code, a hash or a count. The message names the fact, not its value."""


class Actor(Protocol):
    """Anything with a UUID as its key: a member."""

    @property
    def pk(self) -> uuid.UUID:
        """The member's id."""
        ...


def record(*, verb: str, actor: Actor | None, subject: tuple[str, uuid.UUID], **facts: Fact) -> Event:
    """Append an event within the current transaction, so that it is committed with the change that it records.

    `verb` like "case.released", `subject` like ("case", case.pk). Events of one subject are in the order in which its
    row was locked: take row locks first and record last. Raises BadFact.
    """
    return _append(Event(actor_id=actor.pk if actor is not None else None, verb=verb), subject, facts, strand=None)


def record_in_first_strand(*, verb: str, subject: tuple[str, uuid.UUID], **facts: Fact) -> Event:
    """Append a block or a tie, which belong in strand 0; waits until the strand is free."""
    return _append(Event(actor_id=None, verb=verb), subject, facts, strand=0)


def _append(event: Event, subject: tuple[str, uuid.UUID], facts: dict[str, Fact], *, strand: int | None) -> Event:
    event.subject_type, event.subject_id = subject
    event.facts = facts
    for name in (event.verb, event.subject_type):
        if not _NAME.fullmatch(name):
            raise BadFact("verbs and subjects are small words joined by dots")
    for name, value in facts.items():
        _check(name, value)
    # No savepoint: a change whose line could not be written is not made either.
    with transaction.atomic(savepoint=False):
        if strand is None:
            strand = locks.free_strand()
        else:
            locks.lock_exclusive(locks.STRAND + strand)
        seq, digest, earlier = _before(strand, event)
        event.seq, event.previous = (seq or strands.first_of(strand)) + 1, digest or GENESIS
        # A clock that goes back, or another host's, does not change the order of the events of one subject.
        event.at = max(timezone.now(), earlier + _MOMENT) if earlier else timezone.now()
        event.digest = event_digest(event)
        _insert(event)
    return event


# Plain SQL, because building the query takes the ORM longer than the database needs, while others wait.
_BEFORE = (
    "SELECT (SELECT seq FROM audit_event WHERE seq > %s AND seq < %s ORDER BY seq DESC LIMIT 1), "
    "(SELECT digest FROM audit_event WHERE seq > %s AND seq < %s ORDER BY seq DESC LIMIT 1), "
    "(SELECT at FROM audit_event WHERE subject_type = %s AND subject_id = %s ORDER BY at DESC LIMIT 1)"
)
_INSERT = (
    "INSERT INTO audit_event (seq, at, actor_id, verb, subject_type, subject_id, facts, previous, digest) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def _before(strand: int, event: Event) -> tuple[int | None, str | None, datetime | None]:
    """Return number and digest of the strand's last event and the time of the subject's; None before the first."""
    ends = [strands.first_of(strand), strands.first_of(strand + 1)]
    subject = Event._meta.get_field("subject_id").get_db_prep_value(event.subject_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, [*ends, *ends, event.subject_type, subject])
        seq, digest, at = cursor.fetchone()
    if isinstance(at, str):  # SQLite keeps the time as text, in UTC, without a time zone
        at = datetime.fromisoformat(at)
    return seq, digest, at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _insert(event: Event) -> None:
    fields = Event._meta.concrete_fields
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [f.get_db_prep_save(getattr(event, f.attname), connection) for f in fields])
    event._state.adding = False


def _check(name: str, value: object) -> None:
    if value is None or isinstance(value, bool | int):
        return
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return
    if isinstance(value, list) and all(isinstance(item, str) and _PLAIN.fullmatch(item) for item in value):
        return
    raise BadFact(f"fact {name!r} is not an id, a code, a hash or a count")
