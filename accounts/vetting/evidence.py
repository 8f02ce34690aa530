"""Licence pictures: cleaned before storage, sealed while needed, destroyed after the decision."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.membership.models import Member
from accounts.vetting.models import Application, Draft, EvidencePicture, Sight, evidence_context
from audit.record import record
from core import jobs, storage
from core.crypto import vault
from imaging.engine import render

RENDITION = "display"
DESTROY = "accounts.destroy_evidence"


@dataclass(frozen=True)
class CleanPicture:
    """A picture encoded by the engine: upright, at most 2048 px a side, without metadata."""

    data: bytes
    content_type: str


def clean(data: bytes) -> CleanPicture:
    """Re-encode an uploaded picture from its pixels. Raises imaging.engine.Refused with a sentence for the user."""
    picture = next(made for made in render(data, masks=()) if made.name == RENDITION)
    return CleanPicture(data=picture.data, content_type=picture.content_type)


def store(*, application: Application, picture: CleanPicture) -> EvidencePicture:
    """Seal and store `picture` for the application's current round. Call in the transaction of the application.

    If that transaction fails, key and bytes have no row; `destroy_orphans` destroys them within two hours.
    Raises OSError, storage.StorageUnavailable.
    """
    row = EvidencePicture.objects.create(
        application=application,
        round=application.round,
        content_type=picture.content_type,
    )
    _seal(row.pk, context=row.context, data=picture.data)
    return row


def store_for_draft(*, draft: Draft, picture: CleanPicture) -> None:
    """Seal and store `picture` under the draft's id; otherwise as `store`."""
    _seal(draft.pk, context=evidence_context(draft.pk, draft.pk), data=picture.data)


def _seal(picture_id: uuid.UUID, *, context: str, data: bytes) -> None:
    vault.create_key(picture_id)
    storage.put_sealed(storage.evidence(), name=str(picture_id), key_id=picture_id, context=context, data=data)


def take_over(*, draft: Draft, application: Application) -> None:
    """Create the row of the picture that came with the draft; the bytes stay where they are."""
    if draft.picture_type:
        EvidencePicture.objects.create(
            pk=draft.pk, application=application, round=application.round, content_type=draft.picture_type
        )


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
    vault.destroy(picture_id)
    storage.delete(storage.evidence(), name=str(picture_id))
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
    known = {str(pk) for pk in (*pictures, *Draft.objects.exclude(picture_type="").values_list("pk", flat=True))}
    before = timezone.now() - timedelta(hours=1)
    orphans = [name for name in names if name not in known and kept.get_modified_time(name) < before]
    for name in orphans:
        vault.destroy(uuid.UUID(name))
        storage.delete(kept, name=name)
    return len(orphans)
