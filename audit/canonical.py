"""Canonical bytes of rows, so that a digest is the same wherever it is computed."""

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from audit.models import Event, PictureServed


def canonical_json(value: Any) -> bytes:
    """Encode as JSON with sorted keys, no spaces, UTF-8. Raises TypeError for types that JSON lacks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def timestamp(at: datetime) -> str:
    """Format a time as ISO 8601 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def event_digest(event: Event) -> str:
    """Return the SHA-256 (hex) of all fields of an event except its digest, including the previous digest."""
    fields = {
        "seq": event.seq,
        "at": timestamp(event.at),
        "actor_id": _text(event.actor_id),
        "verb": event.verb,
        "subject_type": event.subject_type,
        "subject_id": _text(event.subject_id),
        "facts": event.facts,
        "previous": event.previous,
    }
    return hashlib.sha256(canonical_json(fields)).hexdigest()


def block_line(row: PictureServed) -> bytes:
    """Encode one row as a line of a block."""
    return canonical_json([row.id, timestamp(row.at), _text(row.member_id), _text(row.rendition_id), row.name]) + b"\n"


def _text(value: uuid.UUID | None) -> str | None:
    return None if value is None else str(value)
