"""Pictures that arrive in pieces, each piece for a draft of its own author."""

from uuid import UUID

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import Member
from consults import exceptions
from consults.cases.authoring import case_pictures
from consults.cases.models import Case, CasePhoto
from imaging import uploads
from imaging.models import Upload


def key_for(*, case: Case, by: Member, sent: UUID) -> UUID:
    """The idempotency key that is kept for the sender's.

    Threat: the sender's key is a digest of the file, so that the same file goes on where it stopped even in
    another tab. Kept as it is, it would tell whoever holds the database and the photograph that they belong
    together.
    """
    digest = salted_hmac("consults.uploading", f"{by.pk}|{case.pk}|{sent}", algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=4)


def arrived(*, case: Case, key: UUID) -> CasePhoto | None:
    """The picture of this draft that came under this key."""
    return case.pictures.select_related("photo").filter(photo__idempotency_key=key).first()


def kept_bytes(*, by: Member, key: UUID) -> int:
    """How many bytes of the file are kept, from its beginning."""
    upload = uploads.find(owner=by, idempotency_key=key)
    return upload.received if upload else 0


def take(*, case: Case, by: Member, key: UUID, size: int, offset: int, data: bytes) -> CasePhoto | int:
    """Keep one piece of a file of `size` bytes; the picture once it is whole, else the bytes kept so far.

    Raises engine.Refused, uploads.WrongOffset, service.NotPossible.
    """
    known = arrived(case=case, key=key)
    if known is not None:
        return known
    if offset == 0:
        _refuse_too_many(case=case, key=key)
    try:
        upload = uploads.start(owner=by, meant_for=case.id, idempotency_key=key, size=size)
    except uploads.TooManyUploads as refused:
        sentence = _("Too many pictures are on their way. Wait until some have arrived, or cancel some.")
        raise exceptions.NotPossible(sentence) from refused
    whole = uploads.receive_piece(upload=upload, offset=offset, data=data)
    if whole is None:
        return offset + len(data)
    picture = case_pictures.add_picture(case=case, by=by, data=whole, idempotency_key=key)
    uploads.destroy(upload=upload)
    return picture


def _refuse_too_many(*, case: Case, key: UUID) -> None:
    """Before the first byte is kept; the place itself is given under a lock when the file is whole."""
    others = Upload.objects.filter(meant_for=case.id).exclude(idempotency_key=key).count()
    if case.pictures.count() + others >= case_pictures.MAX_PICTURES:
        raise case_pictures.too_many()


def call_off(*, by: Member, key: UUID) -> None:
    """Destroy what has arrived of a file."""
    upload = uploads.find(owner=by, idempotency_key=key)
    if upload is not None:
        uploads.destroy(upload=upload)
