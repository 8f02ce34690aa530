"""Files that arrive in pieces, so that a lost connection costs one piece and not the whole.

The sender asks how far it came and goes on from there. A piece is written before the row counts it: a
crash leaves at worst a piece that is sent again. Pieces are sealed as the original will be.
"""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Member
from core.crypto import vault
from imaging import engine, originals
from imaging.engine.limits import MAX_FILE_BYTES
from imaging.models import Upload

MAX_OPEN_UPLOADS = 40  # at 40 MB each, what one member can make us keep without a picture to show for it


class WrongOffset(Exception):
    """The piece does not begin where the kept bytes end; `offset` says where that is."""

    def __init__(self, offset: int) -> None:
        super().__init__(str(offset))
        self.offset = offset


class TooManyUploads(Exception):
    """This member has begun more files than one can send at a time."""


def find(*, owner: Member, idempotency_key: UUID) -> Upload | None:
    """The member's open upload under this key."""
    return Upload.objects.filter(owner=owner, idempotency_key=idempotency_key).first()


def start(*, owner: Member, meant_for: UUID, idempotency_key: UUID, size: int) -> Upload:
    """The upload under this key, begun when there is none.

    Raises engine.Refused for a size (bytes) that is not taken, TooManyUploads, WrongOffset when the file under
    this key has another size.
    """
    if size < 1:
        raise engine.Refused("empty")
    if size > MAX_FILE_BYTES:
        raise engine.Refused("too_large_file")
    known = find(owner=owner, idempotency_key=idempotency_key)
    if known is None:
        if Upload.objects.filter(owner=owner).count() >= MAX_OPEN_UPLOADS:
            raise TooManyUploads
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


def receive_piece(*, upload: Upload, offset: int, data: bytes) -> bytes | None:
    """Keep the piece that begins at `offset` (bytes); the whole file once nothing is missing, else None.

    A piece is Upload.PIECE_BYTES long, the last one what is left; an empty one at the end asks for the whole
    again. Raises WrongOffset for any other.
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
        return originals.read_pieces(upload=upload) if kept == upload.size else None
    except (vault.KeyDestroyed, FileNotFoundError) as gone:
        destroy(upload=upload)  # what is left of it helps nobody: from the start
        raise WrongOffset(0) from gone


def destroy(*, upload: Upload) -> None:
    """Destroy what has arrived so far. Safe to repeat."""
    Upload.objects.filter(pk=upload.pk).delete()
    originals.destroy_pieces(upload=upload)


def expire() -> int:
    """Destroy uploads that nobody brought to their end; return how many."""
    late = list(Upload.objects.filter(expires_at__lt=timezone.now()))
    for upload in late:
        destroy(upload=upload)
    return len(late)
