"""Licence pictures: cleaned before they are kept, sealed while they are needed, destroyed after the decision."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Application, EvidencePicture, Member, Sight
from audit.record import record
from core import jobs, storage
from core.crypto import vault
from imaging.engine import render

SHOWN = "display"
DESTROY = "accounts.destroy_evidence"


@dataclass(frozen=True)
class CleanPicture:
    """Bytes that the engine wrote: upright, at most 2048 px a side, nothing but pixels."""

    data: bytes
    content_type: str


def clean(data: bytes) -> CleanPicture:
    """Rebuild an uploaded picture from its pixels. Raises imaging.engine.Refused, whose sentence is for people."""
    picture = next(made for made in render(data, masks=()) if made.name == SHOWN)
    return CleanPicture(data=picture.data, content_type=picture.content_type)


def keep(*, application: Application, picture: CleanPicture) -> EvidencePicture:
    """Seal `picture` for the application's present round. Call inside the transaction of the application.

    Should that transaction fail, key and bytes are left without a row; `sweep` destroys them within two hours.
    Raises OSError, storage.StoreUnavailable.
    """
    row = EvidencePicture.objects.create(
        application=application,
        round=application.round,
        content_type=picture.content_type,
    )
    vault.create_key(row.pk)
    storage.put_sealed(
        storage.evidence(),
        name=str(row.pk),
        key_id=row.pk,
        context=row.context,
        data=picture.data,
    )
    return row


def show(*, picture: EvidencePicture, by: Member) -> bytes:
    """The picture's bytes, after the sight of it has been noted and logged.

    Whether `by` may see it is the policy's decision ("evidence.view"), taken by the caller.
    Raises vault.KeyDestroyed, FileNotFoundError, storage.StoreUnavailable.
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
    """Have every picture of the application destroyed. Call inside the transaction of the decision."""
    for picture in application.pictures.filter(destroyed_at__isnull=True):
        jobs.enqueue(kind=DESTROY, subject=picture.pk)


def destroy(picture_id: uuid.UUID) -> None:
    """Destroy key, then bytes, then say so in the log. May run twice; an open application's picture is left alone."""
    picture = EvidencePicture.objects.filter(pk=picture_id).select_related("application").first()
    if picture is None or (picture.application.round == picture.round and picture.application.is_open):
        return
    vault.destroy(picture.pk)
    storage.delete(storage.evidence(), name=str(picture.pk))
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


def sweep() -> int:
    """Destroy pictures older than an hour that no row refers to; returns how many. Lists the whole storage."""
    kept = storage.evidence()
    names = kept.listdir("")[1]
    known = {str(pk) for pk in EvidencePicture.objects.filter(destroyed_at__isnull=True).values_list("pk", flat=True)}
    before = timezone.now() - timedelta(hours=1)
    strays = [name for name in names if name not in known and kept.get_modified_time(name) < before]
    for name in strays:
        vault.destroy(uuid.UUID(name))
        storage.delete(kept, name=name)
    return len(strays)
