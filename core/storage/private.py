"""Private storages without URLs, and helpers that seal whatever is stored.

Threat: a picture is reachable by anything but the one view that asks the gate. `url()` raises everywhere, and the
default storage refuses, so that a forgotten FileField cannot store plaintext.
"""

from __future__ import annotations

import os
import re
import tempfile
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.utils.deconstruct import deconstructible

from core.crypto import vault

NAME = re.compile(r"[0-9a-z][0-9a-z_-]{7,79}(/[0-9a-z][0-9a-z_-]{0,79}){0,2}(\.[0-9a-z]{1,8})?", re.ASCII)


class BadName(ValueError):
    """A name that our code does not give: lower-case letters, digits, `-`, `_`, at most two slashes, a short suffix."""


class NoUrl(Exception):
    """A request for the URL of private bytes, which a view decrypts and streams instead."""


class DefaultStorageUsed(Exception):
    """A use of the default storage, which stores nothing."""


class StorageUnavailable(Exception):
    """Object storage that cannot be reached or returns an error; nothing was lost, and a retry may succeed."""


def _validated(name: str) -> str:
    if not NAME.fullmatch(name):
        raise BadName("object names are random identifiers given by the code")
    return name


class StorageWithoutUrls(Storage):
    """Base of storages that have no URLs and use exactly the names they are given."""

    def url(self, name: str | None) -> NoReturn:
        """Raise NoUrl."""
        raise NoUrl("private bytes are streamed by a view")

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name unchanged: a job that runs twice overwrites its own output. Raises BadName."""
        return _validated(name)


@deconstructible
class PrivateFileStorage(StorageWithoutUrls):
    """Storage of files (mode 0600) below `location`, written to a temporary file, synced, then renamed."""

    def __init__(self, location: Path | str) -> None:
        self.location = Path(location)

    def _path(self, name: str) -> Path:
        return self.location / name[:2] / _validated(name)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("objects are written whole, by save()")
        return File(self._path(name).open("rb"), name=name)

    def _save(self, name: str, content: File[Any]) -> str:
        path = self._path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")  # mkstemp makes it 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return name

    def delete(self, name: str) -> None:
        """Remove the file; no error if it does not exist."""
        path = self._path(name)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _sync_folder(path.parent)

    def exists(self, name: str) -> bool:
        """Whether an object has this name."""
        return self._path(name).is_file()

    def size(self, name: str) -> int:
        """Return the size in bytes (sealed data is 29 bytes longer than its plaintext)."""
        return self._path(name).stat().st_size

    def get_modified_time(self, name: str) -> datetime:
        """Return the time at which the object was last written, in UTC."""
        return datetime.fromtimestamp(self._path(name).stat().st_mtime, tz=UTC)

    def listdir(self, path: str = "") -> tuple[list[str], list[str]]:
        """Return no folders and the names of all objects, ignoring `path`: for sweeps that look for leftovers."""
        if not self.location.is_dir():
            return [], []
        found = (file for file in self.location.rglob("*") if file.is_file() and not file.name.startswith("."))
        return [], sorted("/".join(file.relative_to(self.location).parts[1:]) for file in found)


class RefusingStorage(Storage):
    """The default storage, which refuses everything, so that each file goes to a storage chosen on purpose."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise DefaultStorageUsed("choose core.storage.originals, renditions, documents, evidence or portraits")

    open = save = delete = exists = listdir = size = url = path = _refuse
    get_available_name = generate_filename = _refuse
    get_accessed_time = get_created_time = get_modified_time = _refuse


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def originals() -> Storage:
    """Return the storage of uploads as received. For imaging.originals only; ruff bans it elsewhere."""
    return storages["originals"]


def renditions() -> Storage:
    """Return the storage of de-identified pictures."""
    return storages["renditions"]


def documents() -> Storage:
    """Return the storage of signed consent forms and receipts."""
    return storages["documents"]


def evidence() -> Storage:
    """Return the storage of applicants' licence pictures, destroyed after the decision."""
    return storages["evidence"]


def portraits() -> Storage:
    """Return the storage of members' own portraits."""
    return storages["portraits"]


def put_sealed(storage: Storage, *, name: str, key_id: uuid.UUID, context: str, data: bytes | Iterable[bytes]) -> None:
    """Seal `data`, whole or in pieces, and keep it as `name`, replacing what was there.

    Raises BadName, vault.KeyDestroyed, StorageUnavailable; OSError if the disk is full.
    """
    sealed = vault.seal(key_id=key_id, context=context, data=data)
    try:
        storage.save(_validated(name), ContentFile(sealed))
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable(type(error).__name__) from error


def get_sealed(storage: Storage, *, name: str, key_id: uuid.UUID, context: str) -> bytes:
    """Return the bytes given to put_sealed.

    Raises FileNotFoundError, vault.KeyDestroyed, vault.Tampered, StorageUnavailable.
    """
    try:
        with storage.open(_validated(name)) as file:
            sealed = file.read()
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable(type(error).__name__) from error
    return vault.unseal(key_id=key_id, context=context, sealed=sealed)


def delete(storage: Storage, *, name: str) -> None:
    """Remove an object; no error if it does not exist. Raises StorageUnavailable."""
    try:
        storage.delete(_validated(name))
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable(type(error).__name__) from error
