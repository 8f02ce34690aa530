"""Where bytes lie: storages that have no addresses, and the helpers that seal what goes in.

Threat: a picture reachable by anything but the one view that asks the gate. `url()` raises everywhere,
and the default storage refuses, so that a forgotten FileField cannot write in the clear.
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
    """Not a name that we give: small letters, digits, `-`, `_`, at most two slashes, one short ending."""


class NoAddress(Exception):
    """Private bytes have no URL; a view decrypts and streams them."""


class RefusedStorage(Exception):
    """Something tried to use the default storage, which keeps nothing."""


class StoreUnavailable(Exception):
    """The object store cannot be reached or answers with an error; nothing was lost, try again."""


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise BadName("object names are random identifiers given by the code")
    return name


class Addressless(Storage):
    """A storage that gives out no URL and keeps exactly the names it is given."""

    def url(self, name: str | None) -> NoReturn:
        """Raises NoAddress."""
        raise NoAddress("private bytes are streamed by a view")

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The same name: a job that runs twice overwrites its own output. Raises BadName."""
        return _checked(name)


@deconstructible
class PrivateFileStorage(Addressless):
    """Files of mode 0600 below `location`, written to the side, synced, then renamed."""

    def __init__(self, location: Path | str) -> None:
        self.location = Path(location)

    def _path(self, name: str) -> Path:
        return self.location / name[:2] / _checked(name)

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
        """Remove the file; no error when it is gone already."""
        path = self._path(name)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _sync_folder(path.parent)

    def exists(self, name: str) -> bool:
        """Whether an object has this name."""
        return self._path(name).is_file()

    def size(self, name: str) -> int:
        """Bytes on disk (sealed bytes are 29 longer than what was sealed)."""
        return self._path(name).stat().st_size

    def get_modified_time(self, name: str) -> datetime:
        """When the object was last written, UTC."""
        return datetime.fromtimestamp(self._path(name).stat().st_mtime, tz=UTC)

    def listdir(self, path: str = "") -> tuple[list[str], list[str]]:
        """No folders, and the names of all objects whatever `path`: for sweeps that look for leftovers."""
        if not self.location.is_dir():
            return [], []
        found = (file for file in self.location.rglob("*") if file.is_file() and not file.name.startswith("."))
        return [], sorted("/".join(file.relative_to(self.location).parts[1:]) for file in found)


class RefusingStorage(Storage):
    """The default storage: keeps nothing, so that files go where somebody decided."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RefusedStorage("choose core.storage.originals, renditions, documents or evidence")

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
    """Uploads as they came. For imaging.originals only; ruff bans it elsewhere."""
    return storages["originals"]


def renditions() -> Storage:
    """De-identified pictures."""
    return storages["renditions"]


def documents() -> Storage:
    """Signed consent forms and receipts."""
    return storages["documents"]


def evidence() -> Storage:
    """Licence pictures of applicants, destroyed after the decision."""
    return storages["evidence"]


def put_sealed(storage: Storage, *, name: str, key_id: uuid.UUID, context: str, data: bytes | Iterable[bytes]) -> None:
    """Seal `data`, whole or in pieces, and keep it as `name`, replacing what was there.

    Raises BadName, vault.KeyDestroyed, StoreUnavailable; OSError when a disk is full.
    """
    sealed = vault.seal(key_id=key_id, context=context, data=data)
    try:
        storage.save(_checked(name), ContentFile(sealed))
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(type(error).__name__) from error


def get_sealed(storage: Storage, *, name: str, key_id: uuid.UUID, context: str) -> bytes:
    """The bytes that put_sealed was given.

    Raises FileNotFoundError, vault.KeyDestroyed, vault.Tampered, StoreUnavailable.
    """
    try:
        with storage.open(_checked(name)) as file:
            sealed = file.read()
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(type(error).__name__) from error
    return vault.unseal(key_id=key_id, context=context, sealed=sealed)


def delete(storage: Storage, *, name: str) -> None:
    """Remove an object; no error when it is gone already. Raises StoreUnavailable."""
    try:
        storage.delete(_checked(name))
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(type(error).__name__) from error
