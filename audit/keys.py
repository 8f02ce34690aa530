"""The key that signs the log's heads, and its predecessors.

The private half is in `secrets/log_key`, the public halves in `secrets/log_keys.json`: one statement per key, in
which each key is signed by the one before it. From any earlier public key, the statements lead to the current
one. A replaced key can sign nothing more: its private half is destroyed.
"""

import base64
import binascii
import hashlib
import json
import os
from pathlib import Path
from typing import TypedDict

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit import locks
from audit.canonical import canonical_json, timestamp
from audit.record import record
from core.crypto.secrets import SECRET_BYTES, read_or_create, replace
from core.ids import new_id

ROTATED = "log.key_rotated"


class Statement(TypedDict):
    """A key's public half (32 bytes in base64) and the time from which it signs.

    `signature` is made by the key `previous` over the canonical JSON of the other four fields; the first key
    signs itself.
    """

    key_id: str
    public_key: str
    since: str
    previous: str
    signature: str


class BrokenKeyring(Exception):
    """An inconsistent file of public keys. Restore it from a backup, or from the copy in an export."""


def private_key() -> Ed25519PrivateKey:
    """Return the current key, created at the first call. Raises OSError."""
    return _from_seed(read_or_create(_seed_path()))


def id_of(key: Ed25519PublicKey) -> str:
    """Return the first 16 hex digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(_raw(key)).hexdigest()[:16]


def statements() -> list[Statement]:
    """Return the statements of all keys, oldest first, the current one included. Raises BrokenKeyring, OSError."""
    path = _keyring_path()
    if not path.exists():
        key = private_key()
        return [_statement(key.public_key(), signer=key, since=timestamp(timezone.now()))]
    try:
        found: list[Statement] = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise BrokenKeyring("the file of public keys cannot be read") from error
    return found


def known() -> dict[str, Ed25519PublicKey]:
    """Return all keys by id. Raises BrokenKeyring if a statement is not signed by the key before it."""
    found: dict[str, Ed25519PublicKey] = {}
    for statement in statements():
        try:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(statement["public_key"], validate=True))
            signer = key if not found else found[statement["previous"]]
            signer.verify(base64.b64decode(statement["signature"], validate=True), _signed_bytes(statement))
        except (InvalidSignature, KeyError, TypeError, ValueError, binascii.Error) as error:
            raise BrokenKeyring("a key is not signed by the one before it") from error
        if id_of(key) != statement["key_id"]:
            raise BrokenKeyring("a key does not have the name it was given")
        found[statement["key_id"]] = key
    if id_of(private_key().public_key()) not in found:
        raise BrokenKeyring("the present key is not among the public keys")
    return found


@transaction.atomic
def rotate() -> Statement:
    """Replace the key by a new one that the old one signs; return the new key's statement.

    A line in the log names both. A crash halfway leaves the old key in use, perhaps with the new one already
    stated: heads verify either way. Raises BrokenKeyring, OSError.
    """
    locks.lock_exclusive(locks.ROTATION)  # one rotation at a time
    known()  # raises for a broken keyring, which must not be extended
    before = statements()
    old = private_key()
    seed = os.urandom(SECRET_BYTES)
    new = Ed25519PrivateKey.from_private_bytes(seed)
    statement = _statement(new.public_key(), signer=old, since=timestamp(timezone.now()))
    record(
        verb=ROTATED,
        actor=None,
        subject=("log_key", new_id()),
        key=statement["key_id"],
        previous=statement["previous"],
        public_key=statement["public_key"],
    )
    replace(_keyring_path(), json.dumps([*before, statement], indent=1).encode() + b"\n")
    replace(_seed_path(), base64.b64encode(seed) + b"\n")
    return statement


def _statement(key: Ed25519PublicKey, *, signer: Ed25519PrivateKey, since: str) -> Statement:
    statement: Statement = {
        "key_id": id_of(key),
        "public_key": base64.b64encode(_raw(key)).decode(),
        "since": since,
        "previous": id_of(signer.public_key()),
        "signature": "",
    }
    statement["signature"] = base64.b64encode(signer.sign(_signed_bytes(statement))).decode()
    return statement


def _signed_bytes(statement: Statement) -> bytes:
    return canonical_json({name: statement[name] for name in ("key_id", "public_key", "since", "previous")})


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _from_seed(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))


def _seed_path() -> Path:
    return Path(settings.DATA_DIR) / "secrets" / "log_key"


def _keyring_path() -> Path:
    return Path(settings.DATA_DIR) / "secrets" / "log_keys.json"
