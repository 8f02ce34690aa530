"""The one writer of the log."""

import re
import uuid
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from audit import locks
from audit.canonical import event_digest
from audit.models import GENESIS, Event

Fact = str | int | bool | list[str] | None

# Ids, codes, hashes, versions, dates. No spaces, because a sentence could leak content.
_PLAIN = re.compile(r"[A-Za-z0-9._:/+=-]{0,128}", re.ASCII)
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

    `verb` like "case.released", `subject` like ("case", case.pk). Writers wait for each other until their
    transactions end: take row locks first and record last. Raises BadFact.
    """
    subject_type, subject_id = subject
    for name in (verb, subject_type):
        if not _NAME.fullmatch(name):
            raise BadFact("verbs and subjects are small words joined by dots")
    for name, value in facts.items():
        _check(name, value)
    with transaction.atomic():
        locks.lock_exclusive(locks.CHAIN)
        last = Event.objects.order_by("-seq").first()
        event = Event(
            seq=last.seq + 1 if last else 1,
            at=timezone.now(),
            actor_id=actor.pk if actor is not None else None,
            verb=verb,
            subject_type=subject_type,
            subject_id=subject_id,
            facts=facts,
            previous=last.digest if last else GENESIS,
        )
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
