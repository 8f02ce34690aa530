"""Originals: the only module that reads one. Sealed under a key of its own, which dies before the bytes do."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from core import storage, vault
from imaging.models import Photo


def _context(photo: Photo, part: str) -> str:
    return f"{part}|{photo.id}|{photo.original_key}"


def keep(*, photo: Photo, data: bytes) -> None:
    """Seal an uploaded file under the photo's original key, made here. Raises vault.KeyDestroyed."""
    vault.create_key(photo.original_key)
    storage.put_sealed(
        storage.originals(),
        name=photo.original_name,
        key_id=photo.original_key,
        context=_context(photo, "original"),
        data=data,
    )


def read(*, photo: Photo) -> bytes:
    """The file as it was uploaded. Raises vault.KeyDestroyed, FileNotFoundError."""
    return storage.get_sealed(
        storage.originals(),
        name=photo.original_name,
        key_id=photo.original_key,
        context=_context(photo, "original"),
    )


def keep_preview(*, photo: Photo, data: bytes) -> None:
    """Seal the unmasked preview (JPEG) beside its original, under the same key."""
    storage.put_sealed(
        storage.originals(),
        name=photo.preview_name,
        key_id=photo.original_key,
        context=_context(photo, "preview"),
        data=data,
    )


def read_preview(*, photo: Photo) -> bytes:
    """The unmasked preview (JPEG) for its owner's review. Raises vault.KeyDestroyed once it is gone."""
    return storage.get_sealed(
        storage.originals(),
        name=photo.preview_name,
        key_id=photo.original_key,
        context=_context(photo, "preview"),
    )


def forget(*, photo: Photo) -> None:
    """Destroy the original's key, then its bytes and the preview's. Safe to repeat."""
    vault.destroy(photo.original_key)
    storage.delete(storage.originals(), name=photo.original_name)
    storage.delete(storage.originals(), name=photo.preview_name)


def sweep() -> int:
    """Destroy originals that no photo points to (a crash between storing and saving); return how many."""
    store = storage.originals()
    long_ago = timezone.now() - timedelta(hours=1)
    count = 0
    for name in store.listdir("")[1]:
        key_id = UUID(name[:36])
        if Photo.objects.filter(original_key=key_id).exists() or store.get_modified_time(name) > long_ago:
            continue
        vault.destroy(key_id)
        storage.delete(store, name=name)
        count += 1
    return count
