"""Licence pictures: sealed as they come, cleaned by a job, seen when clean, destroyed after the decision.

Threat: strangers send pictures that take a machine minutes to read. So no web request reads one: it is sealed as it
came, under its own key, and nobody sees it before the sandbox has made it anew from its pixels.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.membership.models import Member
from accounts.vetting import events
from accounts.vetting.checking import marks
from accounts.vetting.models import (
    Application,
    Draft,
    EvidenceKind,
    EvidencePicture,
    EvidenceState,
    Sight,
    sent_context,
    sent_name,
)
from accounts.vetting.states import EVIDENCE
from audit.record import record
from core import jobs, storage
from core.crypto import vault
from imaging.engine import Refused, render

RENDITION = "display"
PREPARE = "accounts.prepare_evidence"  # subject: the picture
DESTROY = "accounts.destroy_evidence"
MACHINE_CODES = ("detector_failed",)  # tried again: the machine is the cause
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_HEIF = b"ftyp"


@dataclass(frozen=True)
class SentPicture:
    """A file as somebody sent it. Nobody has read it yet."""

    data: bytes


@dataclass(frozen=True)
class CleanPicture:
    """A picture encoded by the engine: upright, at most 2048 px a side, without metadata."""

    data: bytes
    content_type: str


def clean(data: bytes) -> CleanPicture:
    """Re-encode an uploaded picture from its pixels. Raises imaging.engine.Refused with a sentence for the user."""
    picture = next(made for made in render(data, masks=()) if made.name == RENDITION)
    return CleanPicture(data=picture.data, content_type=picture.content_type)


def accept(data: bytes) -> SentPicture:
    """Take a file whose first bytes are those of a picture. Raises imaging.engine.Refused; nothing is decoded."""
    if not data:
        raise Refused("empty")
    if not data.startswith(_BEGINNINGS) and data[4:8] != _HEIF:
        kinds = {b"%PDF": "pdf", b"<svg": "svg"}
        raise Refused(kinds.get(data[:4], "unknown_format"))
    return SentPicture(data)


def store(*, application: Application, picture: SentPicture) -> EvidencePicture:
    """Seal `picture` as it came for the application's current round. Call in the transaction of the application.

    A job makes it clean once the address is confirmed: until then a stranger costs a file, no work. If that
    transaction fails, key and bytes have no row; `destroy_orphans` destroys them within two hours.
    Raises OSError, storage.StorageUnavailable.
    """
    row = EvidencePicture.objects.create(application=application, round=application.round)
    _seal(row.pk, application_id=application.pk, picture=picture)
    if application.address_confirmed_at is not None:
        jobs.enqueue(kind=PREPARE, subject=row.pk)
    return row


def store_for_draft(*, draft: Draft, picture: SentPicture) -> None:
    """Seal and store `picture` under the draft's id; as `store` does. Prepared when the draft is finished."""
    _seal(draft.pk, application_id=draft.pk, picture=picture)


def _seal(picture_id: uuid.UUID, *, application_id: uuid.UUID, picture: SentPicture) -> None:
    vault.create_key(picture_id)
    storage.put_sealed(
        storage.evidence(),
        name=sent_name(picture_id),
        key_id=picture_id,
        context=sent_context(application_id, picture_id),
        data=picture.data,
    )


def take_over(*, draft: Draft, application: Application) -> None:
    """Create the row of the picture that came with the draft, and enqueue its preparation; the bytes stay put."""
    if draft.has_picture:
        EvidencePicture.objects.create(pk=draft.pk, application=application, round=application.round)
        prepare_after_confirmation(application)


def prepare_after_confirmation(application: Application) -> None:
    """Enqueue the preparation of what was sent. Call in the transaction that confirms the address."""
    for picture in application.pictures.filter(state=EvidenceState.RECEIVED, destroyed_at__isnull=True):
        jobs.enqueue(kind=PREPARE, subject=picture.pk)


def prepare(picture_id: uuid.UUID) -> None:
    """Make a picture clean, or refuse it and ask the applicant for another one. May run twice and die anywhere.

    Raises imaging.engine.Refused where the machine may be the cause, so that the job is tried again.
    """
    found = EvidencePicture.objects.select_related("application")
    row = found.filter(pk=picture_id, destroyed_at__isnull=True).first()
    if row is None or row.state == EvidenceState.CLEAN:
        return
    if row.state == EvidenceState.REFUSED:  # a second run after a crash
        destroy_bytes(row.pk)
        return
    kept = storage.evidence()
    try:
        sent = storage.get_sealed(kept, name=row.sent_name, key_id=row.pk, context=row.sent_context)
        marks.note_bytes(row.application, sent)
        picture = clean(sent)
    except Refused as refused:
        if refused.code in MACHINE_CODES:
            raise
        _refuse(row, code=refused.code)
        return
    marks.note_looks(row.application, picture.data)
    storage.put_sealed(kept, name=str(row.pk), key_id=row.pk, context=row.context, data=picture.data)
    mine = EvidencePicture.objects.filter(pk=row.pk)
    EVIDENCE.update(mine, to=EvidenceState.CLEAN, content_type=picture.content_type)
    storage.delete(kept, name=row.sent_name)


def _refuse(row: EvidencePicture, *, code: str) -> None:
    with transaction.atomic():
        mine = EvidencePicture.objects.filter(pk=row.pk)
        EVIDENCE.update(mine, to=EvidenceState.REFUSED, refusal=code[:30])
        jobs.enqueue(kind=events.PICTURE_REFUSED, subject=row.application_id)
    destroy_bytes(row.pk)


def refused_picture(application: Application) -> EvidencePicture | None:
    """Return the picture of an open application that could not be read and waits for another one."""
    if not application.is_open or application.evidence_kind != EvidenceKind.PICTURE:
        return None
    return application.pictures.filter(round=application.round, state=EvidenceState.REFUSED).first()


def replace_refused(*, application: Application, picture: SentPicture) -> bool:
    """Store another picture in place of one that could not be read; return False when there is none to replace."""
    with transaction.atomic():
        locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        refused = refused_picture(locked)
        if refused is None:
            return False
        refused.delete()  # nobody saw it, and its key is destroyed
        store(application=locked, picture=picture)
    return True


def destroy_bytes(picture_id: uuid.UUID) -> None:
    """Destroy the key of a picture, then its bytes, whatever became of the application. Safe to repeat."""
    vault.destroy(picture_id)
    for name in (str(picture_id), sent_name(picture_id)):
        storage.delete(storage.evidence(), name=name)


def read(*, picture: EvidencePicture, by: Member) -> bytes:
    """Record and log that `by` sees the picture, then return its bytes.

    The caller checks the policy ("evidence.view").
    Raises vault.KeyDestroyed, FileNotFoundError, storage.StorageUnavailable.
    """
    with transaction.atomic():
        Sight.objects.get_or_create(picture=picture, moderator=by)
        record(
            verb="evidence.seen",
            actor=by,
            subject=("application", picture.application_id),
            picture=str(picture.pk),
        )
    return storage.get_sealed(
        storage.evidence(),
        name=str(picture.pk),
        key_id=picture.pk,
        context=picture.context,
    )


def destroy_after_decision(application: Application) -> None:
    """Enqueue the destruction of the application's pictures. Call in the transaction of the decision."""
    for picture in application.pictures.filter(destroyed_at__isnull=True):
        jobs.enqueue(kind=DESTROY, subject=picture.pk)


def destroy(picture_id: uuid.UUID) -> None:
    """Destroy the key, then the bytes, and log it. May run twice; skips the picture of an open application or draft."""
    if Draft.objects.filter(pk=picture_id).exists():
        return
    picture = EvidencePicture.objects.filter(pk=picture_id).select_related("application").first()
    if picture is not None and picture.application.round == picture.round and picture.application.is_open:
        return
    destroy_bytes(picture_id)
    if picture is None:  # a draft's: nobody has seen it
        return
    with transaction.atomic():
        done = EvidencePicture.objects.filter(pk=picture.pk, destroyed_at__isnull=True).update(
            destroyed_at=timezone.now()
        )
        if done:
            record(
                verb="evidence.destroyed",
                actor=None,
                subject=("application", picture.application_id),
                picture=str(picture.pk),
                sights=picture.sights.count(),
            )


def destroy_orphans() -> int:
    """Destroy pictures older than an hour that have no row; return how many. Lists the whole storage."""
    kept = storage.evidence()
    names = kept.listdir("")[1]
    pictures = EvidencePicture.objects.filter(destroyed_at__isnull=True).values_list("pk", flat=True)
    known = {str(pk) for pk in (*pictures, *Draft.objects.filter(has_picture=True).values_list("pk", flat=True))}
    before = timezone.now() - timedelta(hours=1)
    orphans = [name for name in names if name[:36] not in known and kept.get_modified_time(name) < before]
    for name in orphans:
        vault.destroy(uuid.UUID(name[:36]))
        storage.delete(kept, name=name)
    return len(orphans)
