"""Signed heads: what the log looked like at a moment, for whoever takes an export away.

Threat: an owner of the database who rewrites the whole chain. A head that left the house still names the
digest that stood there; the signing key lies in a file, not in the database.
"""

import base64
import binascii
import hashlib
from pathlib import Path
from typing import TypedDict

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings
from django.utils import timezone

from audit.canonical import canonical, moment
from audit.models import GENESIS, Event
from core.secrets import read_or_create


class Head(TypedDict):
    """The last event's number and digest, when it was read, and an Ed25519 signature (base64) over these.

    The signed bytes are the canonical JSON of the other four fields.
    """

    seq: int
    digest: str
    at: str
    key_id: str
    signature: str


def sign_head() -> Head:
    """Sign the head of the log as it is now. Raises OSError when the key's file cannot be read."""
    last = Event.objects.order_by("-seq").first()
    key = _private_key()
    seq, digest = (last.seq, last.digest) if last else (0, GENESIS)
    at, key_id = moment(timezone.now()), _key_id(key.public_key())
    signature = key.sign(_signed_bytes(seq=seq, digest=digest, at=at, key_id=key_id))
    return {"seq": seq, "digest": digest, "at": at, "key_id": key_id, "signature": base64.b64encode(signature).decode()}


def head_is_signed(head: Head, *, public_key_pem: str) -> bool:
    """Whether this head was signed with the private half of this key."""
    key = load_pem_public_key(public_key_pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        return False
    message = _signed_bytes(seq=head["seq"], digest=head["digest"], at=head["at"], key_id=head["key_id"])
    try:
        key.verify(base64.b64decode(head["signature"], validate=True), message)
    except (InvalidSignature, binascii.Error):
        return False
    return True


def public_key() -> str:
    """The public half in PEM, to hand to whoever checks heads later."""
    encoded = _private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return encoded.decode("ascii")


def _private_key() -> Ed25519PrivateKey:
    seed = read_or_create(Path(settings.DATA_DIR) / "secrets" / "log_key")
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))


def _key_id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _signed_bytes(*, seq: int, digest: str, at: str, key_id: str) -> bytes:
    return canonical({"seq": seq, "digest": digest, "at": at, "key_id": key_id})
