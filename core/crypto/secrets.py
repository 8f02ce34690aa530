"""Secrets that an embedded instance makes for itself on its first start.

Threat: a secret that other accounts of the machine can read, or two processes that start at once and
each believe in a secret of their own. Used while settings load, so it imports nothing of Django.
"""

import base64
import os
import secrets
import tempfile
from pathlib import Path

SECRET_BYTES = 32


class EmptySecret(Exception):
    """A secret's file exists and holds nothing, as after a full disk."""


def read_or_create(path: Path) -> str:
    """The secret in `path` as base64 of 32 random bytes; made when missing (file 0600, folder 0700).

    Of several processes that call it at once all return the same secret. Raises EmptySecret, OSError.
    """
    path = Path(path)
    if not path.exists():
        _create(path)
    value = path.read_text(encoding="ascii").strip()
    if not value:
        raise EmptySecret(f"{path.name} is empty. Restore it from a backup, or delete it if nothing was stored yet.")
    return value


def _create(path: Path) -> None:
    # mkdir(parents=True) would make the folders above with the usual, readable mode.
    for folder in reversed([place for place in (path.parent, *path.parent.parents) if not place.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    path.parent.chmod(0o700)
    # mkstemp opens with O_EXCL and 0600; link() then gives the whole secret its name or fails if another
    # process was first, so that nobody can read half a secret.
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii") + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        Path(draft).unlink()
