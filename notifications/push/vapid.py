"""VAPID (RFC 8292): the site's key pair, and the signed header by which a vendor knows who pushes."""

import base64
import json
import time
from typing import Final, cast
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from django.conf import settings
from django.db import IntegrityError, transaction

from core.crypto import vault
from core.ids import new_id
from notifications.push.models import PushKey

_CONTEXT: Final = "push-key"
_VALID_SECONDS: Final = 12 * 3600  # a vendor takes 24 hours at most


def public_key() -> str:
    """Return the site's public key as browsers take it; "" before the first round has made it."""
    return PushKey.objects.values_list("public", flat=True).first() or ""


def ensure_key() -> None:
    """Make the site's key pair if there is none: not by a page, which only looks."""
    if not PushKey.objects.exists():
        _create()


def authorization(endpoint: str) -> str:
    """Return the value of the header `Authorization` for a push to this address."""
    row = PushKey.objects.get()
    plain = vault.unseal(key_id=row.id, context=_CONTEXT, sealed=bytes(row.sealed))
    private = cast("ec.EllipticCurvePrivateKey", load_der_private_key(plain, None))
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + _VALID_SECONDS,
        "sub": _contact(),
    }
    said = f"{_encoded({'typ': 'JWT', 'alg': 'ES256'})}.{_encoded(claims)}"
    r, s = decode_dss_signature(private.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    signature = _base64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={said}.{signature}, k={row.public}"


def _create() -> PushKey:
    """Make the key pair; of two at once, one stays."""
    key_id = new_id()
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    vault.create_key(key_id)
    try:
        with transaction.atomic():
            return PushKey.objects.create(id=key_id, sealed=_sealed(key_id, private), public=_base64(public))
    except IntegrityError:
        vault.destroy(key_id)
        return PushKey.objects.get()


def _sealed(key_id: UUID, private: ec.EllipticCurvePrivateKey) -> bytes:
    plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return vault.seal(key_id=key_id, context=_CONTEXT, data=plain)


def _contact() -> str:
    """Return whom a vendor writes to about pushes of this site."""
    address = settings.SITE_ADDRESS.rstrip("/")
    return address if address.startswith("https://") else f"mailto:{settings.DEFAULT_FROM_EMAIL}"


def _encoded(value: dict[str, object]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
