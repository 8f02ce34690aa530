"""Signed heads: what the log looked like at a moment, for whoever takes an export away.

Threat: an owner of the database who rewrites the whole chain or cuts off its end. A head that left the house
still names the digest that stood there; the signing key lies in a file, not in the database.
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
from audit.canonical import canonical, moment
from audit.models import GENESIS, Event
from audit.record import record_in_front
from core.ids import new_id

TIED = "log.tied"

_LINE_BYTES = 4096  # more than a line of the file of heads ever has


class Head(TypedDict):
    """The last event's number and digest, when it was read, and an Ed25519 signature (base64) over these.

    The signed bytes are the canonical JSON of the other four fields.
    """

    seq: int
    digest: str
    at: str
    key_id: str
    signature: str


class BadHead(ValueError):
    """What was given is no signed head, or was not signed by a key of this log. The message says which."""


def tie() -> Event | None:
    """Bind the heads of the other strands into the first one, unless they are; then its head stands for all of them."""
    if not strands.other_heads():
        return None
    with transaction.atomic():
        locks.alone(locks.STRAND)
        now = [f"{event.seq}:{event.digest}" for event in strands.other_heads()]
        last = Event.objects.filter(verb=TIED).order_by("-at", "-seq").first()
        if last is not None and last.facts["heads"] == now:
            return None
        return record_in_front(verb=TIED, subject=("log", new_id()), heads=now)


def sign_head() -> Head:
    """Tie the strands of the log, and sign its head as it is now. Raises OSError when the key cannot be read."""
    tie()
    last = strands.head_of(0)
    key = keys.private_key()
    seq, digest = (last.seq, last.digest) if last else (0, GENESIS)
    at, key_id = moment(timezone.now()), keys.id_of(key.public_key())
    signature = key.sign(_signed_bytes(seq=seq, digest=digest, at=at, key_id=key_id))
    return {"seq": seq, "digest": digest, "at": at, "key_id": key_id, "signature": base64.b64encode(signature).decode()}


def head_is_signed(head: Head, *, public_key_pem: str) -> bool:
    """Whether this head was signed with the private half of this key."""
    key = load_pem_public_key(public_key_pem.encode())
    return isinstance(key, Ed25519PublicKey) and _signed_with(head, key)


def head_is_ours(head: Head) -> bool:
    """Whether a key of this log, present or earlier, signed this head."""
    return _signed_by_one_of(head, keys.known())


def public_key() -> str:
    """The public half of the present key in PEM, to hand to whoever checks heads later."""
    encoded = keys.private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return encoded.decode("ascii")


# --- Heads that leave the house


def publish() -> Head | None:
    """Append the present head to `settings.LOG_HEADS_FILE`, a line of JSON; None when it stands there already.

    Refuses to run inside a transaction: what is rolled back later must not have been published. Raises OSError.
    """
    if transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Publish a head after the transaction, not in it.")
    head = sign_head()
    if _last_seq(settings.LOG_HEADS_FILE) == head["seq"]:
        return None
    descriptor = os.open(settings.LOG_HEADS_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(canonical(head) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return head


def published(path: Path | None = None) -> list[Head]:
    """Heads published so far, or those in another file: lines of JSON, one head, or an export's manifest.

    Raises BadHead for what is no head or has no signature of ours, OSError for a file that cannot be read.
    """
    path = path or settings.LOG_HEADS_FILE
    if path == settings.LOG_HEADS_FILE and not path.exists():
        return []  # nothing was published yet
    text, ring = path.read_text(encoding="utf-8"), keys.known()
    try:
        return [_checked(_in_manifest(json.loads(text)), ring)]
    except json.JSONDecodeError:
        return [_checked(_parsed(line), ring) for line in text.splitlines() if line.strip()]


def _last_seq(path: Path) -> int | None:
    """The number of the last published head; None when there is none."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LINE_BYTES))
        lines = file.read().splitlines()
    found = _parsed(lines[-1]) if lines else None
    return found["seq"] if isinstance(found, dict) and isinstance(found.get("seq"), int) else None


def _parsed(line: str | bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:  # not JSON, or not UTF-8
        return None


def _in_manifest(value: Any) -> Any:
    return value["log"].get("head") if isinstance(value, dict) and isinstance(value.get("log"), dict) else value


def _checked(value: Any, ring: dict[str, Ed25519PublicKey]) -> Head:
    wanted = Head.__annotations__
    if not isinstance(value, dict) or any(type(value.get(name)) is not kind for name, kind in wanted.items()):
        raise BadHead("a line of the file is no head")
    head: Head = {name: value[name] for name in wanted}  # type: ignore[assignment]
    if not _signed_by_one_of(head, ring):
        raise BadHead(f"the head of event {head['seq']} is not signed by a key of this log")
    return head


def _signed_by_one_of(head: Head, ring: dict[str, Ed25519PublicKey]) -> bool:
    key = ring.get(head["key_id"])
    return key is not None and _signed_with(head, key)


def _signed_with(head: Head, key: Ed25519PublicKey) -> bool:
    message = _signed_bytes(seq=head["seq"], digest=head["digest"], at=head["at"], key_id=head["key_id"])
    try:
        key.verify(base64.b64decode(head["signature"], validate=True), message)
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _signed_bytes(*, seq: int, digest: str, at: str, key_id: str) -> bytes:
    return canonical({"seq": seq, "digest": digest, "at": at, "key_id": key_id})
