"""Portraits: sealed as they come, made anew by a job, seen by verified members, destroyed at once.

Threat: a portrait carries the place where it was taken, or is made to break a decoder. No web request reads one; the
sandbox makes two small squares from its pixels, and nothing else of the file is kept.
"""

import uuid
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import TooLate
from accounts.membership.models import Member
from accounts.profiles.models import Portrait, PortraitState
from accounts.profiles.states import PORTRAIT
from accounts.vetting.evidence import MACHINE_CODES, SentPicture
from core import counts, jobs, storage
from core.crypto import vault
from imaging.engine import Refused, preview, render

PREPARE: Final = "accounts.prepare_portrait"  # subject: the portrait
DESTROY: Final = "accounts.destroy_portrait"
SIZES: Final = (64, 256)  # px, both sides
CONTENT_TYPE: Final = "image/jpeg"
SENT: Final = "sent"
PARTS: Final = (SENT, *map(str, SIZES))


def _name(portrait_id: uuid.UUID, part: str) -> str:
    return f"{portrait_id}.{part}"


def replace(*, member: Member, picture: SentPicture) -> Portrait:
    """Destroy the portrait there is, and seal another as it came; a job makes it clean.

    Raises TooLate for too many within an hour; OSError, storage.StorageUnavailable.
    """
    limit = counts.Limit("portraits", int(settings.RULES["portraits_an_hour"]), 3600)
    if counts.take_try(limit=limit, who=str(member.pk)):
        raise TooLate(_("You have changed your portrait many times within an hour. Wait a while, then send it again."))
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True).get(pk=member.pk)
        gone = _delete_row(member.pk)
        row = Portrait.objects.create(member=member)
        vault.create_key(row.pk)
        _seal(row, SENT, picture.data)
        jobs.enqueue(kind=PREPARE, subject=row.pk)
    destroy(gone)
    return row


def remove(*, member_id: uuid.UUID) -> None:
    """Destroy a member's portrait at once."""
    with transaction.atomic():
        gone = _delete_row(member_id)
    destroy(gone)


def forget(member_id: uuid.UUID) -> None:
    """Delete a member's portrait, and have its bytes destroyed by a job. For the transaction that erases the member."""
    _delete_row(member_id)


def _delete_row(member_id: uuid.UUID) -> uuid.UUID | None:
    """Delete the row; the job does what a crash leaves undone."""
    pk: uuid.UUID | None = Portrait.objects.filter(member=member_id).values_list("pk", flat=True).first()
    if pk is not None:
        Portrait.objects.filter(pk=pk).delete()
        jobs.enqueue(kind=DESTROY, subject=pk)
    return pk


def destroy(portrait_id: uuid.UUID | None) -> None:
    """Destroy key and bytes of a portrait whose row is gone. May run twice and die anywhere."""
    if portrait_id is None or Portrait.objects.filter(pk=portrait_id).exists():
        return
    vault.destroy(portrait_id)
    for part in PARTS:
        storage.delete(storage.portraits(), name=_name(portrait_id, part))


def _seal(row: Portrait, part: str, data: bytes) -> None:
    kept = storage.portraits()
    storage.put_sealed(kept, name=_name(row.pk, part), key_id=row.pk, context=row.context(part), data=data)


def _unseal(row: Portrait, part: str) -> bytes:
    kept = storage.portraits()
    return storage.get_sealed(kept, name=_name(row.pk, part), key_id=row.pk, context=row.context(part))


def read(portrait: Portrait, *, size: int) -> bytes:
    """Return a clean JPEG of `size` px, one of SIZES. The caller checks the policy ("profile.portrait").

    Raises vault.KeyDestroyed, FileNotFoundError, storage.StorageUnavailable.
    """
    return _unseal(portrait, str(size))


def prepare(portrait_id: uuid.UUID) -> None:
    """Make a portrait clean, or refuse it. May run twice and die anywhere; one taken back meanwhile is left alone.

    Raises imaging.engine.Refused where the machine may be the cause, so that the job is tried again.
    """
    row = Portrait.objects.filter(pk=portrait_id, state=PortraitState.RECEIVED).first()
    if row is None:
        return
    mine = Portrait.objects.filter(pk=row.pk)
    try:
        made = squares(_unseal(row, SENT))
        for size, data in made.items():
            _seal(row, str(size), data)
    except Refused as refused:
        if refused.code in MACHINE_CODES:
            raise
        PORTRAIT.update(mine, to=PortraitState.REFUSED, refusal=refused.code[:30])
        storage.delete(storage.portraits(), name=_name(row.pk, SENT))
        return
    except (vault.KeyDestroyed, FileNotFoundError):
        return
    PORTRAIT.update(mine, to=PortraitState.CLEAN)
    storage.delete(storage.portraits(), name=_name(row.pk, SENT))
    destroy(row.pk)  # does nothing unless it was taken back meanwhile


def squares(data: bytes) -> dict[int, bytes]:
    """Return {px: JPEG} of the square in the middle, a little above it in an upright picture. Raises Refused."""
    whole = next(made for made in render(data, masks=()) if made.name == "display")
    side = min(whole.width, whole.height)
    crop = ((whole.width - side) // 2, (whole.height - side) // 4, side, side)
    return {size: preview(whole.data, masks=(), crop=crop, longest=size).data for size in SIZES}


def destroy_orphans() -> int:
    """Destroy portraits older than an hour that have no row; return how many objects. Lists the whole storage."""
    kept = storage.portraits()
    known = {str(pk) for pk in Portrait.objects.values_list("pk", flat=True)}
    before = timezone.now() - timedelta(hours=1)
    names = [name for name in kept.listdir("")[1] if name[:36] not in known]
    orphans = [name for name in names if kept.get_modified_time(name) < before]
    for name in orphans:
        vault.destroy(uuid.UUID(name[:36]))
        storage.delete(kept, name=name)
    return len(orphans)
