"""Second factors in tests: a session that gave one, an authenticator without hardware, and the code of an app."""

import hashlib
import json
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode


def give_factor(client: Client, user: Any, *, kind: str = "totp", again: bool = False) -> None:
    """Let the session of this client be one in which a factor was given just now, or again: reauthenticated."""
    given = {"method": "mfa", "type": kind, "at": time.time()} | ({"reauthenticated": True} if again else {})
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [given]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session.save()


def app_code(secret: str, *, step: int = 0) -> str:
    """The code that an app with this secret shows, `step` half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


@dataclass
class Device:
    """A device with one passkey: makes it, uses it, and counts its uses unless told otherwise."""

    host: str = "testserver"
    verifies: bool = True
    count: int = 0
    counts: bool = True
    user: str = ""
    credential_id: bytes = b"device-credential-01"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any], *, challenge: str = "") -> str:
        """The answer to `navigator.credentials.create`, as the page sends it."""
        given = options["publicKey"]
        self.user = given["user"]["id"]
        public = dict(ES256.from_cryptography_key(self.key.public_key()))
        attested = b"\0" * 16 + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor.encode(public)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(attested)}
        return self._answer(
            self._client_data("webauthn.create", challenge or given["challenge"]),
            attestationObject=websafe_encode(cbor.encode(attestation)),
        )

    def get(self, options: dict[str, Any], *, challenge: str = "") -> str:
        """The answer to `navigator.credentials.get`, as the page sends it."""
        if self.counts:
            self.count += 1
        said, data = self._client_data("webauthn.get", challenge or options["publicKey"]["challenge"]), self._data()
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            said,
            authenticatorData=websafe_encode(data),
            signature=websafe_encode(signature),
            userHandle=self.user,
        )

    def _data(self, attested: bytes = b"") -> bytes:
        flags = 0x01 | (0x04 if self.verifies else 0) | (0x40 if attested else 0)
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count) + attested

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": f"https://{self.host}"}).encode()

    def _answer(self, said: bytes, **parts: str) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.credential_id),
                "rawId": websafe_encode(self.credential_id),
                "type": "public-key",
                "clientExtensionResults": {"credProps": {"rk": True}},
                "response": {"clientDataJSON": websafe_encode(said), **parts},
            }
        )
