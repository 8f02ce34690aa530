"""Secrets of factors, each sealed under a data key of its own: the seed of an app, the seed of recovery codes.

Threat: a copied database, or an old backup, lets its reader compute the codes of every member. The data keys are in the
database of keys, wrapped by the master key, and are destroyed with the factor: a restored backup cannot restore it.
The text names its key: `1.<id of the key>.<base64 of the sealed bytes>`.
"""

import base64
import binascii
import uuid
from collections.abc import Iterator
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db import transaction

from core.crypto import vault
from core.ids import new_id

VERSION: Final = "1"
CONTEXT: Final = "accounts.factor"
FIELDS: Final = ("secret", "seed", "migrated_codes")  # where allauth stores what it had encrypted


def seal(text: str) -> str:
    """Return the text sealed under a new data key."""
    key_id = new_id()
    vault.create_key(key_id)
    sealed = vault.seal(key_id=key_id, context=CONTEXT, data=text.encode())
    return f"{VERSION}.{key_id.hex}.{base64.b64encode(sealed).decode()}"


def unseal(text: str) -> str:
    """Return the text that was sealed. Raises vault.Tampered, vault.KeyDestroyed."""
    version, _dot, rest = text.partition(".")
    key_id, _dot, body = rest.partition(".")
    if version != VERSION:
        raise vault.Tampered("unknown version")
    try:
        key, sealed = uuid.UUID(hex=key_id), base64.b64decode(body, validate=True)
    except (ValueError, binascii.Error) as error:
        raise vault.Tampered("not what was sealed") from error
    return vault.unseal(key_id=key, context=CONTEXT, sealed=sealed).decode()


def key_ids(data: dict[str, Any]) -> list[uuid.UUID]:
    """Return the ids of the keys under which the secrets of a factor are sealed."""
    return [uuid.UUID(hex=text.split(".")[1]) for text in _texts(data)]


def destroy_keys(data: dict[str, Any]) -> None:
    """Destroy the keys of a factor; its secrets are lost for good."""
    for key_id in key_ids(data):
        vault.destroy(key_id)


def rotate() -> int:
    """Seal every secret anew under a new data key and destroy the old one; return how many factors were changed.

    Factor by factor, each in its own transaction: it can be interrupted and run again while the site serves.
    """
    secret = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    return sum(_rotate(pk) for pk in list(secret.values_list("pk", flat=True)))


def _rotate(pk: int) -> bool:
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(pk=pk).first()
        if row is None:
            return False
        old = dict(row.data)
        row.data = {name: _sealed_anew(value) if name in FIELDS else value for name, value in old.items()}
        row.save(update_fields=["data"])
        transaction.on_commit(lambda: destroy_keys(old))
    return True


def _sealed_anew(value: Any) -> Any:
    return [seal(unseal(text)) for text in value] if isinstance(value, list) else seal(unseal(value))


def _texts(data: dict[str, Any]) -> Iterator[str]:
    for name in FIELDS:
        value = data.get(name)
        yield from value if isinstance(value, list) else [value] if value else []
