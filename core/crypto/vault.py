"""Encryption with AES-256-GCM under a data key per picture or document, which the master key wraps.

Sealed form: version (1 byte) | nonce (12 bytes) | ciphertext and tag. The key's id, the version and the caller's
context are authenticated, so that sealed bytes cannot be moved to another picture or another purpose. Nothing is
cached: a destroyed key stops working with the next call, in every process.
"""

import base64
import binascii
import io
import os
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from core import sqlite_wal
from core.models import DataKey
from core.routers import KEYS

VERSION = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32
BATCH = 500  # data keys read at once in a rotation


class KeyDestroyed(Exception):
    """A destroyed key; whatever it sealed is lost for good."""


class Tampered(Exception):
    """Bytes that were not sealed under this key and context."""


def master_key() -> bytes:
    """Return the 32 bytes of `settings.MASTER_KEY`. Raises ImproperlyConfigured."""
    return _decoded(settings.MASTER_KEY)


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured("RETE_MASTER_KEY is not base64.") from error
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured("RETE_MASTER_KEY must be 32 bytes as base64. Make one: openssl rand -base64 32")
    return key


def create_key(key_id: uuid.UUID) -> None:
    """Create the data key `key_id` unless it exists. Raises KeyDestroyed if it was destroyed."""
    wrapped = _seal(key=master_key(), aad=_wrapping_aad(key_id), data=AESGCM.generate_key(bit_length=8 * KEY_BYTES))
    row, _made = DataKey.objects.get_or_create(id=key_id, defaults={"wrapped": wrapped})
    if row.wrapped is None:
        raise KeyDestroyed(key_id)


def has_key(key_id: uuid.UUID) -> bool:
    """Whether the key exists and was not destroyed."""
    return DataKey.objects.filter(id=key_id, wrapped__isnull=False).exists()


def seal(*, key_id: uuid.UUID, context: str, data: bytes | Iterable[bytes]) -> bytes:
    """Encrypt `data` for `context`, which must be given again to unseal. Raises KeyDestroyed, Tampered.

    Data that is given in pieces is encrypted piece by piece: only the sealed bytes are in memory as a whole.
    """
    return _seal(key=_data_key(key_id), aad=_content_aad(key_id, context), data=data)


def unseal(*, key_id: uuid.UUID, context: str, sealed: bytes) -> bytes:
    """Return the bytes that were sealed. Raises KeyDestroyed, and Tampered for any other bytes, key or context."""
    return _unseal(key=_data_key(key_id), aad=_content_aad(key_id, context), sealed=sealed)


def destroy(key_id: uuid.UUID) -> None:
    """Destroy the key for good; a second call changes nothing.

    Commits at once unless the caller opened a transaction on the alias `keys`: a rollback of the main database
    does not restore the key. A key that never existed cannot be created afterwards either.
    """
    now = timezone.now()
    _row, made = DataKey.objects.get_or_create(id=key_id, defaults={"wrapped": None, "destroyed_at": now})
    if not made:
        DataKey.objects.filter(id=key_id, wrapped__isnull=False).update(wrapped=None, destroyed_at=now)
    transaction.on_commit(partial(sqlite_wal.checkpoint, KEYS), using=KEYS)


def _data_key(key_id: uuid.UUID) -> bytes:
    wrapped = DataKey.objects.filter(id=key_id).values_list("wrapped", flat=True).first()
    if wrapped is None:
        raise KeyDestroyed(key_id)
    return _unwrap(key_id, bytes(wrapped))


def _unwrap(key_id: uuid.UUID, wrapped: bytes) -> bytes:
    """Return the data key. The keys beside the master key are looked at only where it does not open: in a rotation."""
    try:
        return _unseal(key=master_key(), aad=_wrapping_aad(key_id), sealed=wrapped)
    except Tampered:
        for key in _keys_beside():
            with suppress(Tampered):
                return _unseal(key=key, aad=_wrapping_aad(key_id), sealed=wrapped)
        raise


def _keys_beside() -> list[bytes]:
    """Return the keys that open and do not wrap: those of the settings, and those in the files as they are now."""
    texts = list(settings.MASTER_KEYS_BESIDE)
    for file in (settings.MASTER_KEY_FILE, settings.MASTER_KEYS_BESIDE_FILE):
        if file is not None and file.exists():
            texts += [line.split()[-1] for line in file.read_text(encoding="ascii").splitlines() if line.strip()]
    return [_decoded(text) for text in texts]


@dataclass
class Rewrapped:
    """How many data keys were wrapped anew, were already, and open with no master key."""

    anew: int = 0
    already: int = 0
    lost: int = 0


def rewrap_all(text: str) -> Rewrapped:
    """Wrap every data key with the master key `text` (base64), in batches. What was destroyed meanwhile stays so."""
    key, done, last = _decoded(text), Rewrapped(), uuid.UUID(int=0)
    while rows := list(
        DataKey.objects.filter(id__gt=last, wrapped__isnull=False).order_by("id").values_list("id", "wrapped")[:BATCH]
    ):
        for key_id, wrapped in rows:
            _rewrap(key_id, bytes(wrapped or b""), key=key, done=done)
        last = rows[-1][0]
    transaction.on_commit(partial(sqlite_wal.checkpoint, KEYS), using=KEYS)
    return done


def _rewrap(key_id: uuid.UUID, wrapped: bytes, *, key: bytes, done: Rewrapped) -> None:
    aad = _wrapping_aad(key_id)
    try:
        _unseal(key=key, aad=aad, sealed=wrapped)
    except Tampered:
        pass
    else:
        done.already += 1
        return
    try:
        data_key = _unwrap(key_id, wrapped)
    except Tampered:
        done.lost += 1
        return
    # Only what is still there as it was read: a key that was destroyed meanwhile is not brought back.
    done.anew += DataKey.objects.filter(id=key_id, wrapped=wrapped).update(
        wrapped=_seal(key=key, aad=aad, data=data_key)
    )


def _wrapping_aad(key_id: uuid.UUID) -> bytes:
    return b"key|" + key_id.bytes


def _content_aad(key_id: uuid.UUID, context: str) -> bytes:
    return b"content|" + key_id.bytes + b"|" + context.encode()


def _seal(*, key: bytes, aad: bytes, data: bytes | Iterable[bytes]) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    encryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(VERSION + aad)
    sealed = io.BytesIO()
    sealed.write(VERSION + nonce)
    for piece in (data,) if isinstance(data, bytes) else data:
        sealed.write(encryptor.update(piece))
    sealed.write(encryptor.finalize() + encryptor.tag)
    return sealed.getvalue()


def _unseal(*, key: bytes, aad: bytes, sealed: bytes) -> bytes:
    if sealed[:1] != VERSION:
        raise Tampered("unknown version")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], memoryview(sealed)[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, VERSION + aad)
    except (InvalidTag, ValueError) as error:
        raise Tampered("not what was sealed") from error
