"""Uploads in pieces to a draft of the sender."""

from uuid import UUID

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import Member
from consults import exceptions
from consults.cases.authoring import case_pictures
from consults.cases.models import Case, CasePhoto
from imaging import uploads
from imaging.models import Upload


def derive_key(*, case: Case, by: Member, sender_key: UUID) -> UUID:
    """Derive the stored idempotency key from the sender's.

    Threat: the sender's key is a digest of the file, so that an upload resumes even in another tab. Stored as it is,
    it would prove to anybody with the database and the photograph that they belong together.
    """
    digest = salted_hmac("consults.uploading", f"{by.pk}|{case.pk}|{sender_key}", algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=4)


def find_picture(*, case: Case, key: UUID) -> CasePhoto | None:
    """Return the picture of this draft that was uploaded under this key, or None."""
    return case.pictures.select_related("photo").filter(photo__idempotency_key=key).first()


def received_bytes(*, by: Member, key: UUID) -> int:
    """Return how many bytes of the file have been received, from its beginning."""
    upload = uploads.find(owner=by, idempotency_key=key)
    return upload.received if upload else 0


def take_piece(*, case: Case, by: Member, key: UUID, size: int, offset: int, data: bytes) -> CasePhoto | int:
    """Take one piece of a file of `size` bytes; return the picture once it is complete, else the bytes so far.

    Raises engine.Refused, uploads.WrongOffset, ChangeRefused.
    """
    known = find_picture(case=case, key=key)
    if known is not None:
        return known
    if offset == 0:
        _check_room(case=case, key=key)
    try:
        upload = uploads.start(owner=by, meant_for=case.id, idempotency_key=key, size=size)
    except uploads.TooManyUploads as refused:
        sentence = _("Too many pictures are on their way. Wait until some have arrived, or cancel some.")
        raise exceptions.ChangeRefused(sentence) from refused
    file = uploads.receive_piece(upload=upload, offset=offset, data=data)
    if file is None:
        return offset + len(data)
    picture = case_pictures.add_picture(case=case, by=by, data=file, idempotency_key=key)
    uploads.destroy(upload=upload)
    return picture


def _check_room(*, case: Case, key: UUID) -> None:
    """Refuse a file before its first byte when the case is full; `add_picture` checks again under a lock."""
    others = Upload.objects.filter(meant_for=case.id).exclude(idempotency_key=key).count()
    if case.pictures.count() + others >= case_pictures.MAX_PICTURES:
        raise case_pictures.CaseFull


def cancel(*, by: Member, key: UUID) -> None:
    """Destroy the received pieces of a file."""
    upload = uploads.find(owner=by, idempotency_key=key)
    if upload is not None:
        uploads.destroy(upload=upload)
