"""The one writer of the log."""

import re
import uuid
from datetime import timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone

from audit import locks, strands
from audit.canonical import event_digest
from audit.models import GENESIS, Event

Fact = str | int | bool | list[str] | None

# Ids, codes, hashes, versions, dates. No spaces: whoever wants to write a sentence is about to leak one.
_PLAIN = re.compile(r"[A-Za-z0-9._:/+=-]{0,128}", re.ASCII)
_MOMENT = timedelta(microseconds=1)
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.ASCII)


class BadFact(ValueError):
    """A fact that is not an id, a code, a hash or a count. The message names the fact, not its value."""


class Actor(Protocol):
    """Whoever has an id: a member."""

    @property
    def pk(self) -> uuid.UUID:
        """The member's id."""
        ...


def record(*, verb: str, actor: Actor | None, subject: tuple[str, uuid.UUID], **facts: Fact) -> Event:
    """Append an event within the current transaction, so that it stands or falls with what it tells.

    `verb` like "case.released", `subject` like ("case", case.pk). Events of one subject are in the order in which its
    row was locked: take row locks first and record last. Raises BadFact.
    """
    return _append(Event(actor_id=actor.pk if actor is not None else None, verb=verb), subject, facts, strand=None)


def record_in_front(*, verb: str, subject: tuple[str, uuid.UUID], **facts: Fact) -> Event:
    """The same in strand 0, for what seals or ties the rest of the log; waits until the strand is free."""
    return _append(Event(actor_id=None, verb=verb), subject, facts, strand=0)


def _append(event: Event, subject: tuple[str, uuid.UUID], facts: dict[str, Fact], *, strand: int | None) -> Event:
    event.subject_type, event.subject_id = subject
    event.facts = facts
    for name in (event.verb, event.subject_type):
        if not _NAME.fullmatch(name):
            raise BadFact("verbs and subjects are small words joined by dots")
    for name, value in facts.items():
        _check(name, value)
    with transaction.atomic():
        if strand is None:
            strand = locks.free_strand()
        else:
            locks.alone(locks.STRAND + strand)
        alike = Event.objects.filter(subject_type=event.subject_type, subject_id=event.subject_id).order_by("-at")
        latest = alike.values("at")[:1]
        last = strands.events_of(strand).order_by("-seq").values_list("seq", "digest", Subquery(latest)).first()
        if last is None:
            last = (strands.first_of(strand), GENESIS, alike.values_list("at", flat=True).first())
        before, event.previous, earlier = last
        event.seq = before + 1
        # A clock that goes back, or another host's, does not change the order of what happened to one subject.
        event.at = max(timezone.now(), earlier + _MOMENT) if earlier else timezone.now()
        event.digest = event_digest(event)
        event.save(force_insert=True)
    return event


def _check(name: str, value: object) -> None:
    if value is None or isinstance(value, bool | int):
        return
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return
    if isinstance(value, list) and all(isinstance(item, str) and _PLAIN.fullmatch(item) for item in value):
        return
    raise BadFact(f"fact {name!r} is not an id, a code, a hash or a count")
