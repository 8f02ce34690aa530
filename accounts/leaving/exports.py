"""Copies of a member's data: asked for, made by a job, fetched, and destroyed after seven days.

No pictures are in them: those are the patients', who can take them back, and a copy outside cannot be recalled. For
the same reason a copy is destroyed when something of its member's cases is withdrawn.
"""

import hashlib
import io
import json
import uuid
import zipfile
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.exceptions import NotYet
from accounts.leaving import rooms
from accounts.leaving.models import DataExport, ExportState
from accounts.leaving.states import EXPORT, Moved
from accounts.membership.models import Member, Standing
from accounts.security.changes import tell_of_change
from accounts.security.models import Change
from audit.record import record
from core import jobs, storage
from core.crypto import vault

BUILD: Final = "accounts.build_export"  # subject: the export
DESTROY: Final = "accounts.destroy_export"  # subject: the export
SCHEMA: Final = "rete-member-data/1"
KEPT_DAYS: Final = 7
OPEN: Final = (ExportState.ASKED, ExportState.READY)


def ask(*, member: Member) -> DataExport:
    """Have a copy of the member's data made. Raises NotYet while there is one."""
    try:
        with transaction.atomic():
            made = DataExport.objects.create(member=member)
            jobs.enqueue(kind=BUILD, subject=made.pk)
            tell_of_change(member, Change.EXPORT_ASKED)
            record(verb="member.export_asked", actor=member, subject=("member", member.pk), export=str(made.pk))
    except IntegrityError as error:
        raise NotYet(_("There is a copy already. Delete it first, or fetch it.")) from error
    return made


def current(member: Member) -> DataExport | None:
    """Return the copy that is being made or ready, or None."""
    return DataExport.objects.filter(member=member, state__in=OPEN).first()


def build(export_id: uuid.UUID) -> None:
    """Make the copy and seal it. May run twice or die anywhere; of one that was deleted meanwhile nothing is left."""
    export = DataExport.objects.select_related("member").filter(pk=export_id, state=ExportState.ASKED).first()
    if export is None or export.member.standing == Standing.ERASED:
        return
    data = pack(export.member)
    try:
        vault.create_key(export.pk)
        storage.put_sealed(
            storage.documents(), name=export.object_name, key_id=export.pk, context=export.context, data=data
        )
        with transaction.atomic():
            now = timezone.now()
            EXPORT.move(
                export,
                to=ExportState.READY,
                ready_at=now,
                expires_at=now + timedelta(days=KEPT_DAYS),
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
            )
            tell_of_change(export.member, Change.EXPORT_READY)
    except (Moved, vault.KeyDestroyed):
        destroy(export.pk)


def pack(member: Member) -> bytes:
    """Return the zip: a README in the member's language, a manifest, and a JSON file for each kind of data."""
    parts = [part for room in rooms.all_rooms() for part in sorted(room.export(member).items())]
    contents = {f"{name}.json": _as_json(data) for name, data in parts}
    about = {"site_name": settings.SITE_NAME, "files": sorted(contents), "schema": SCHEMA, "days": KEPT_DAYS}
    with translation.override(member.language):
        readme = render_to_string("accounts/leaving/readme.txt", about)
    manifest = {
        "schema": SCHEMA,
        "made_at": timezone.now(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("README.txt", readme)
        file.writestr("manifest.json", _as_json(manifest))
        for name, data in contents.items():
            file.writestr(name, data)
    return packed.getvalue()


def _as_json(data: Any) -> bytes:
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def fetch(*, member: Member) -> bytes | None:
    """Return the bytes of the member's copy and log it; None when there is none that is ready.

    Raises vault.KeyDestroyed, FileNotFoundError, storage.StorageUnavailable.
    """
    ready = DataExport.objects.filter(member=member, state=ExportState.READY, expires_at__gt=timezone.now()).first()
    if ready is None:
        return None
    data = storage.get_sealed(storage.documents(), name=ready.object_name, key_id=ready.pk, context=ready.context)
    with transaction.atomic():
        record(verb="member.export_taken", actor=member, subject=("member", member.pk), export=str(ready.pk))
    return data


@transaction.atomic
def delete(*, member: Member) -> None:
    """Delete the member's copy at their wish; no effect when there is none."""
    if recall(member.pk):
        record(verb="member.export_deleted", actor=member, subject=("member", member.pk))


def recall(member_id: uuid.UUID) -> int:
    """Mark the member's copies as deleted and enqueue their destruction; return how many. Call in a transaction."""
    return _end(list(DataExport.objects.filter(member=member_id, state__in=OPEN)))


def expire() -> int:
    """Delete copies whose seven days are over; return how many."""
    with transaction.atomic():
        return _end(list(DataExport.objects.filter(state=ExportState.READY, expires_at__lte=timezone.now())))


def _end(exports: list[DataExport]) -> int:
    for export in exports:
        EXPORT.update(DataExport.objects.filter(pk=export.pk), to=ExportState.GONE)
        jobs.enqueue(kind=DESTROY, subject=export.pk)
    return len(exports)


def destroy(export_id: uuid.UUID) -> None:
    """Destroy the key, then the bytes. Safe to repeat, and for a copy whose row is gone."""
    vault.destroy(export_id)
    storage.delete(storage.documents(), name=DataExport(pk=export_id).object_name)
