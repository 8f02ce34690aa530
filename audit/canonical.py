"""One way to write a row as bytes, so that a digest computed anywhere is the same."""

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from audit.models import Event, PictureServed


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8. Raises TypeError for what JSON has no word for."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def event_digest(event: Event) -> str:
    """SHA-256 (hex) over all fields of an event but its digest, including the digest before it."""
    fields = {
        "seq": event.seq,
        "at": moment(event.at),
        "actor_id": _text(event.actor_id),
        "verb": event.verb,
        "subject_type": event.subject_type,
        "subject_id": _text(event.subject_id),
        "facts": event.facts,
        "previous": event.previous,
    }
    return hashlib.sha256(canonical(fields)).hexdigest()


def served_line(row: PictureServed) -> bytes:
    """One line of a block of served pictures."""
    return canonical([row.id, moment(row.at), _text(row.member_id), _text(row.rendition_id), row.name]) + b"\n"


def _text(value: uuid.UUID | None) -> str | None:
    return None if value is None else str(value)
