"""Store of originals and pieces of uploads; the only module that reads them.

They are sealed under keys of their own, which are destroyed before the bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from core import storage
from core.crypto import vault
from imaging.models import Photo, State, Upload

# In every other state the original must be gone.
STATES_WITH_ORIGINAL = (State.RECEIVED, State.REVIEW, State.CONFIRMED)
PREVIEWED_FRAMES = 24
"""Pictures of one file that are shown for the choice; a case takes 20."""
SWEEP_AGE = timedelta(hours=1)


@dataclass(frozen=True)
class Pieces:
    """A file that is read once, piece by piece, and never in memory as a whole. Its length is `size` bytes."""

    size: int
    pieces: Iterable[bytes]

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)


def _context(photo: Photo, part: str) -> str:
    return f"{part}|{photo.id}|{photo.original_key}"


def save(*, photo: Photo, data: bytes | Pieces) -> None:
    """Seal an uploaded file under the photo's original key, made here. Raises vault.KeyDestroyed."""
    vault.create_key(photo.original_key)
    try:
        storage.put_sealed(
            storage.originals(),
            name=photo.original_name,
            key_id=photo.original_key,
            context=_context(photo, "original"),
            data=data,
        )
    except BaseException:
        vault.destroy(photo.original_key)  # no photo will ever name it
        raise


def read(*, photo: Photo) -> bytes:
    """Return the file as it was uploaded. Raises vault.KeyDestroyed, FileNotFoundError."""
    return storage.get_sealed(
        storage.originals(),
        name=photo.original_name,
        key_id=photo.original_key,
        context=_context(photo, "original"),
    )


def save_preview(*, photo: Photo, data: bytes) -> None:
    """Seal the unmasked preview (JPEG) under its original's key."""
    storage.put_sealed(
        storage.originals(),
        name=photo.preview_name,
        key_id=photo.original_key,
        context=_context(photo, "preview"),
        data=data,
    )


def read_preview(*, photo: Photo) -> bytes:
    """Return the unmasked preview (JPEG) for its owner's review. Raises vault.KeyDestroyed once it is destroyed."""
    return storage.get_sealed(
        storage.originals(),
        name=photo.preview_name,
        key_id=photo.original_key,
        context=_context(photo, "preview"),
    )


def save_frame(*, photo: Photo, number: int, data: bytes) -> None:
    """Seal the unmasked preview (JPEG) of one of the file's pictures under its original's key."""
    storage.put_sealed(
        storage.originals(),
        name=photo.frame_name(number),
        key_id=photo.original_key,
        context=_context(photo, f"frame-{number}"),
        data=data,
    )


def read_frame(*, photo: Photo, number: int) -> bytes:
    """Return the unmasked preview of one of the file's pictures. Raises vault.KeyDestroyed, FileNotFoundError."""
    return storage.get_sealed(
        storage.originals(),
        name=photo.frame_name(number),
        key_id=photo.original_key,
        context=_context(photo, f"frame-{number}"),
    )


def save_result(*, photo: Photo, revision: int, data: bytes) -> None:
    """Seal the rendering of these masks (JPEG) under its original's key. Raises vault.KeyDestroyed."""
    storage.put_sealed(
        storage.originals(),
        name=photo.result_name,
        key_id=photo.original_key,
        context=_context(photo, f"result-{revision}"),
        data=data,
    )


def read_result(*, photo: Photo, revision: int) -> bytes:
    """Return the rendering of these masks. Raises vault.KeyDestroyed, FileNotFoundError, vault.Tampered for others."""
    return storage.get_sealed(
        storage.originals(),
        name=photo.result_name,
        key_id=photo.original_key,
        context=_context(photo, f"result-{revision}"),
    )


def destroy(*, photo: Photo) -> None:
    """Destroy the original's key, then its bytes, the previews' and the result's. Safe to repeat."""
    vault.destroy(photo.original_key)
    storage.delete(storage.originals(), name=photo.original_name)
    storage.delete(storage.originals(), name=photo.preview_name)
    storage.delete(storage.originals(), name=photo.result_name)
    if photo.frames > 1:
        for number in range(1, min(photo.frames, PREVIEWED_FRAMES) + 1):
            storage.delete(storage.originals(), name=photo.frame_name(number))


def save_piece(*, upload: Upload, offset: int, data: bytes) -> None:
    """Seal one piece of an upload under the upload's key, created here. Raises vault.KeyDestroyed."""
    vault.create_key(upload.pieces_key)
    storage.put_sealed(
        storage.originals(),
        name=upload.piece_name(offset),
        key_id=upload.pieces_key,
        context=f"piece|{upload.id}|{offset}",
        data=data,
    )


def read_pieces(*, upload: Upload) -> Iterator[bytes]:
    """Yield the pieces of a file in order. Raises FileNotFoundError, vault.KeyDestroyed."""
    for offset in upload.offsets:
        yield storage.get_sealed(
            storage.originals(),
            name=upload.piece_name(offset),
            key_id=upload.pieces_key,
            context=f"piece|{upload.id}|{offset}",
        )


def destroy_pieces(*, upload: Upload) -> None:
    """Destroy the pieces' key, then their bytes. Safe to repeat."""
    vault.destroy(upload.pieces_key)
    for offset in upload.offsets:
        storage.delete(storage.originals(), name=upload.piece_name(offset))


def sweep() -> int:
    """Destroy objects that no photo or upload uses, left by a crash between two steps; return how many."""
    store = storage.originals()
    long_ago = timezone.now() - SWEEP_AGE
    count = 0
    for name in store.listdir("")[1]:
        key_id = UUID(name[:36])
        if _is_in_use(key_id) or store.get_modified_time(name) > long_ago:
            continue
        vault.destroy(key_id)
        storage.delete(store, name=name)
        count += 1
    return count


def _is_in_use(key_id: UUID) -> bool:
    photos = Photo.objects.filter(original_key=key_id, state__in=STATES_WITH_ORIGINAL)
    return photos.exists() or Upload.objects.filter(pieces_key=key_id).exists()
