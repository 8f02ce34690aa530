"""Signed heads: the state of the log at a point in time, for exports and for other machines.

Threat: an owner of the database who rewrites the whole chain or cuts off its end. A head that was published
still holds the digest of that time; the signing key is in a file, not in the database.
"""

import base64
import binascii
import json
import os
from pathlib import Path
from typing import Any, TypedDict

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit import keys, locks, strands
from audit.canonical import canonical_json, timestamp
from audit.models import GENESIS, Event
from audit.record import record_in_first_strand
from core.ids import new_id

TIED = "log.tied"

_MAX_LINE_BYTES = 4096  # no line of the file of heads is longer


class Head(TypedDict):
    """Number and digest of the last event, the time it was read, the key, and an Ed25519 signature (base64).

    The signed bytes are the canonical JSON of the other four fields.
    """

    seq: int
    digest: str
    at: str
    key_id: str
    signature: str


class BadHead(ValueError):
    """Not a signed head, or not signed by a key of this log. The message says which."""


def tie() -> Event | None:
    """Add the heads of the other strands to the first one, so that its head covers all of them; None if it does."""
    if not strands.other_heads():
        return None
    with transaction.atomic():
        locks.lock_exclusive(locks.STRAND)
        now = [f"{event.seq}:{event.digest}" for event in strands.other_heads()]
        last = Event.objects.filter(verb=TIED).order_by("-at", "-seq").first()
        if last is not None and last.facts["heads"] == now:
            return None
        return record_in_first_strand(verb=TIED, subject=("log", new_id()), heads=now)


def sign_head() -> Head:
    """Tie the strands of the log and sign its current head. Raises OSError if the key's file cannot be read."""
    tie()
    last = strands.head_of(0)
    key = keys.private_key()
    seq, digest = (last.seq, last.digest) if last else (0, GENESIS)
    at, key_id = timestamp(timezone.now()), keys.id_of(key.public_key())
    signature = key.sign(_signed_bytes(seq=seq, digest=digest, at=at, key_id=key_id))
    return {"seq": seq, "digest": digest, "at": at, "key_id": key_id, "signature": base64.b64encode(signature).decode()}


def head_is_signed(head: Head, *, public_key_pem: str) -> bool:
    """Whether this head was signed with the private half of this key."""
    key = load_pem_public_key(public_key_pem.encode())
    return isinstance(key, Ed25519PublicKey) and _signed_with(head, key)


def head_is_ours(head: Head) -> bool:
    """Whether a key of this log, current or earlier, signed this head."""
    return _signed_by_one_of(head, keys.known())


def public_key() -> str:
    """Return the public half of the current key in PEM, for those who check heads later."""
    encoded = keys.private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return encoded.decode("ascii")


# --- Published heads


def publish() -> Head | None:
    """Append the current head to `settings.LOG_HEADS_FILE` as a line of JSON; return None if it is there already.

    Raises TransactionManagementError inside a transaction, because a published head must not be rolled back, and
    OSError.
    """
    if transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Publish a head after the transaction, not in it.")
    head = sign_head()
    if _last_seq(settings.LOG_HEADS_FILE) == head["seq"]:
        return None
    descriptor = os.open(settings.LOG_HEADS_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(canonical_json(head) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return head


def read_published(path: Path | None = None) -> list[Head]:
    """Return the heads published so far, or those in another file: lines of JSON, one head, or an export's manifest.

    Raises BadHead for anything that is not a head signed by this log, OSError for an unreadable file.
    """
    path = path or settings.LOG_HEADS_FILE
    if path == settings.LOG_HEADS_FILE and not path.exists():
        return []  # nothing was published yet
    text, keyring = path.read_text(encoding="utf-8"), keys.known()
    try:
        return [_validated(_head_in_manifest(json.loads(text)), keyring)]
    except json.JSONDecodeError:
        return [_validated(_parse_json(line), keyring) for line in text.splitlines() if line.strip()]


def _last_seq(path: Path) -> int | None:
    """Return the event number of the last published head, or None."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _MAX_LINE_BYTES))
        lines = file.read().splitlines()
    found = _parse_json(lines[-1]) if lines else None
    return found["seq"] if isinstance(found, dict) and isinstance(found.get("seq"), int) else None


def _parse_json(line: str | bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:  # not JSON, or not UTF-8
        return None


def _head_in_manifest(value: Any) -> Any:
    return value["log"].get("head") if isinstance(value, dict) and isinstance(value.get("log"), dict) else value


def _validated(value: Any, keyring: dict[str, Ed25519PublicKey]) -> Head:
    wanted = Head.__annotations__
    if not isinstance(value, dict) or any(type(value.get(name)) is not kind for name, kind in wanted.items()):
        raise BadHead("a line of the file is no head")
    head: Head = {name: value[name] for name in wanted}  # type: ignore[assignment]
    if not _signed_by_one_of(head, keyring):
        raise BadHead(f"the head of event {head['seq']} is not signed by a key of this log")
    return head


def _signed_by_one_of(head: Head, keyring: dict[str, Ed25519PublicKey]) -> bool:
    key = keyring.get(head["key_id"])
    return key is not None and _signed_with(head, key)


def _signed_with(head: Head, key: Ed25519PublicKey) -> bool:
    message = _signed_bytes(seq=head["seq"], digest=head["digest"], at=head["at"], key_id=head["key_id"])
    try:
        key.verify(base64.b64decode(head["signature"], validate=True), message)
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _signed_bytes(*, seq: int, digest: str, at: str, key_id: str) -> bytes:
    return canonical_json({"seq": seq, "digest": digest, "at": at, "key_id": key_id})
