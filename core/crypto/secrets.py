"""Secrets that an embedded instance generates on its first start.

Threat: a secret that other accounts of the machine can read, or two processes that start at once with different
secrets. Used while settings load, so it does not import Django.
"""

import base64
import os
import secrets
import tempfile
from pathlib import Path

SECRET_BYTES = 32


class EmptySecret(Exception):
    """An empty file of a secret, as after a full disk."""


def read_or_create(path: Path) -> str:
    """Return the secret in `path`, base64 of 32 random bytes; create it if missing (file 0600, folder 0700).

    Processes that call it at once all return the same secret. Raises EmptySecret, OSError.
    """
    path = Path(path)
    if not path.exists():
        _create(path)
    value = path.read_text(encoding="ascii").strip()
    if not value:
        raise EmptySecret(f"{path.name} is empty. Restore it from a backup, or delete it if nothing was stored yet.")
    return value


def replace(path: Path, data: bytes) -> None:
    """Write a file (0600) in the place of another at once, for every process. Raises OSError."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _create(path: Path) -> None:
    # mkdir(parents=True) would create the parent folders with the default, readable mode.
    for folder in reversed([place for place in (path.parent, *path.parent.parents) if not place.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    path.parent.chmod(0o700)
    # mkstemp opens with O_EXCL and 0600; link() then gives the complete file its name, or fails if another process
    # was first, so that nobody can read half a secret.
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
