"""Services of uploads in pieces.

The sender asks how many bytes have arrived and continues from there. A piece is written before the row counts it, so
after a crash it is at worst sent again. Pieces are sealed, like originals.
"""

from collections.abc import Iterator
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Member
from core.crypto import vault
from imaging import engine, originals
from imaging.engine.limits import MAX_FILE_BYTES
from imaging.models import Upload

MAX_OPEN_UPLOADS = 40  # at 40 MB each; limits what one member can store without ever completing a picture


class WrongOffset(Exception):
    """A piece that does not begin where the stored bytes end; `offset` (bytes) is that position."""

    def __init__(self, offset: int) -> None:
        super().__init__(str(offset))
        self.offset = offset


class TooManyUploads(Exception):
    """Too many open uploads of one member."""


def find(*, owner: Member, idempotency_key: UUID) -> Upload | None:
    """Return the member's open upload under this key, or None."""
    return Upload.objects.filter(owner=owner, idempotency_key=idempotency_key).first()


def start(*, owner: Member, meant_for: UUID, idempotency_key: UUID, size: int) -> Upload:
    """Return the upload under this key, started if there is none.

    Raises engine.Refused for a size (bytes) that is not accepted or has no room, TooManyUploads, WrongOffset when the
    file under this key has another size or purpose.
    """
    if size < 1:
        raise engine.Refused("empty")
    if size > MAX_FILE_BYTES:
        raise engine.Refused("too_large_file")
    known = find(owner=owner, idempotency_key=idempotency_key)
    if known is None:
        if Upload.objects.filter(owner=owner).count() >= MAX_OPEN_UPLOADS:
            raise TooManyUploads
        originals.require_room(owner=owner, size=size)
        try:
            with transaction.atomic():
                return Upload.objects.create(
                    owner=owner, meant_for=meant_for, idempotency_key=idempotency_key, size=size
                )
        except IntegrityError:
            known = Upload.objects.get(owner=owner, idempotency_key=idempotency_key)
    if (known.size, known.meant_for) != (size, meant_for):
        destroy(upload=known)
        raise WrongOffset(0)
    return known


def receive_piece(*, upload: Upload, offset: int, data: bytes) -> originals.Pieces | None:
    """Keep the piece that begins at `offset` (bytes); return the file once nothing is missing, else None.

    A piece is Upload.PIECE_BYTES long, the last one what is left; an empty one at the end asks for the file
    again. Raises WrongOffset for any other, and while the file is read when a piece of it is gone.
    """
    if offset != upload.received or len(data) != min(Upload.PIECE_BYTES, upload.size - offset):
        raise WrongOffset(upload.received)
    try:
        if data:
            originals.save_piece(upload=upload, offset=offset, data=data)
            Upload.objects.filter(pk=upload.pk, received=offset).update(received=offset + len(data))
        kept = Upload.objects.filter(pk=upload.pk).values_list("received", flat=True).first()
        if kept is None:  # called off in another window, or brought to its end
            raise WrongOffset(0)
    except (vault.KeyDestroyed, FileNotFoundError) as gone:
        raise _from_the_start(upload) from gone
    return originals.Pieces(upload.size, _read(upload)) if kept == upload.size else None


def _read(upload: Upload) -> Iterator[bytes]:
    try:
        yield from originals.read_pieces(upload=upload)
    except (vault.KeyDestroyed, FileNotFoundError) as gone:
        raise _from_the_start(upload) from gone


def _from_the_start(upload: Upload) -> WrongOffset:
    destroy(upload=upload)  # what is left of it helps nobody
    return WrongOffset(0)


def destroy(*, upload: Upload) -> None:
    """Destroy an upload and its pieces. Safe to repeat."""
    Upload.objects.filter(pk=upload.pk).delete()
    originals.destroy_pieces(upload=upload)


def expire() -> int:
    """Destroy expired uploads; return how many."""
    late = list(Upload.objects.filter(expires_at__lt=timezone.now()))
    for upload in late:
        destroy(upload=upload)
    return len(late)
