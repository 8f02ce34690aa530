"""Storages: no addresses, no names but ours, nothing half written."""

import stat
import uuid
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from core import storage
from core.crypto import vault
from core.storage import BadName, DefaultStorageUsed, NoUrl, PrivateFileStorage, StorageUnavailable
from core.storage.s3 import PrivateS3Storage

NAME = "0f3c2d1e-picture"


@pytest.fixture
def files(tmp_path: Path) -> PrivateFileStorage:
    return PrivateFileStorage(location=tmp_path / "objects")


def test_keeps_and_forgets(files: PrivateFileStorage) -> None:
    assert files.save(NAME, ContentFile(b"one")) == NAME
    assert files.exists(NAME)
    assert files.open(NAME).read() == b"one"
    assert files.size(NAME) == 3
    assert files.listdir("") == ([], [NAME])
    files.delete(NAME)
    files.delete(NAME)
    assert not files.exists(NAME)
    with pytest.raises(FileNotFoundError):
        files.open(NAME)


def test_same_name_is_overwritten(files: PrivateFileStorage) -> None:
    files.save(NAME, ContentFile(b"one"))
    assert files.save(NAME, ContentFile(b"two")) == NAME
    assert files.open(NAME).read() == b"two"


def test_only_this_account_can_read(files: PrivateFileStorage) -> None:
    files.save(NAME, ContentFile(b"one"))
    paths = [path for path in files.location.rglob("*") if path.is_file()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o600]
    assert stat.S_IMODE(paths[0].parent.stat().st_mode) == 0o700


def test_failed_write_leaves_nothing(files: PrivateFileStorage) -> None:
    class Broken(ContentFile):
        def chunks(self, chunk_size: int | None = None):
            yield b"half"
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        files.save(NAME, Broken(b"half"))
    assert [path for path in files.location.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["0f3c2d1e-picture", "0f3c2d1e/full", f"{uuid.UUID(int=7)}/thumbnail.jpg"])
def test_good_names(name: str, files: PrivateFileStorage) -> None:
    files.save(name, ContentFile(b"one"))
    assert files.listdir("") == ([], [name])


@pytest.mark.parametrize(
    "name", ["", "a", "../secrets/key", "/etc/passwd", "0f3c2d1e/../../x", "Ayse Yilmaz.jpg", "0f3c2d1e-ş", "x" * 200]
)
def test_bad_names(name: str, files: PrivateFileStorage) -> None:
    for attempt in (files.exists, files.delete, files.open, files.size, files.get_available_name):
        with pytest.raises(BadName):
            attempt(name)


@pytest.mark.parametrize("choose", [storage.originals, storage.renditions, storage.documents, storage.evidence])
def test_no_storage_has_addresses(choose) -> None:
    with pytest.raises(NoUrl):
        choose().url(NAME)


def test_s3_has_no_addresses_and_overwrites() -> None:
    bucket = PrivateS3Storage(bucket_name="rete", location="renditions", file_overwrite=True)
    with pytest.raises(NoUrl):
        bucket.url(NAME)
    assert bucket.get_available_name(NAME) == NAME


@pytest.mark.parametrize("method", ["open", "save", "delete", "exists", "url", "path", "size", "listdir"])
def test_default_storage_refuses(method: str) -> None:
    with pytest.raises(DefaultStorageUsed):
        getattr(default_storage, method)(NAME)


@pytest.mark.django_db
def test_sealed_bytes_lie_as_ciphertext(files: PrivateFileStorage) -> None:
    key_id = uuid.uuid4()
    vault.create_key(key_id)
    storage.put_sealed(files, name=NAME, key_id=key_id, context="a", data=b"canary of skin")
    assert b"canary" not in files.open(NAME).read()
    assert storage.get_sealed(files, name=NAME, key_id=key_id, context="a") == b"canary of skin"
    with pytest.raises(vault.Tampered):
        storage.get_sealed(files, name=NAME, key_id=key_id, context="b")
    storage.delete(files, name=NAME)
    with pytest.raises(FileNotFoundError):
        storage.get_sealed(files, name=NAME, key_id=key_id, context="a")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
        ClientError({"Error": {"Code": "503"}}, "PutObject"),
    ],
)
def test_object_store_down_has_one_name(
    error: Exception, files: PrivateFileStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: object) -> None:
        raise error

    key_id = uuid.uuid4()
    vault.create_key(key_id)
    for method in ("save", "open", "delete"):
        monkeypatch.setattr(files, method, down)
    with pytest.raises(StorageUnavailable):
        storage.put_sealed(files, name=NAME, key_id=key_id, context="a", data=b"")
    with pytest.raises(StorageUnavailable):
        storage.get_sealed(files, name=NAME, key_id=key_id, context="a")
    with pytest.raises(StorageUnavailable):
        storage.delete(files, name=NAME)
