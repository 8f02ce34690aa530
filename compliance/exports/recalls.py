"""Recalls of exports: which ones hold a consent, and which are out of date after a withdrawal."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.record import record
from compliance.models import ExportRecall, ExportRecord, contains_id
from consults.withdrawal import hooks
from core import jobs
from notifications import mail

NOTIFY = "export.tell_recalled"  # subject: the row of ExportRecall


def exports_containing(consent_id: UUID) -> list[ExportRecord]:
    """Return every export that holds this consent, oldest first. Reads the ids of one export at a time."""
    found = []
    for export in ExportRecord.objects.select_related("by").order_by("made_at").iterator(chunk_size=1):
        if contains_id(export.consents, consent_id):
            export.consents = b""  # free megabytes that are not needed any more
            found.append(export)
    return found


@transaction.atomic
def recall(*, consent_id: UUID) -> list[ExportRecord]:
    """Mark every export that holds a withdrawn consent, with a log entry for each; return them all.

    Safe to repeat: an export is marked once for each consent. A job notifies the exporter.
    """
    found = exports_containing(consent_id)
    for export in found:
        mark, is_new = ExportRecall.objects.get_or_create(export=export, consent_id=consent_id)
        if is_new:
            record(
                verb="consent_audit.recalled",
                actor=None,
                subject=("export", export.pk),
                consent=str(consent_id),
            )
            jobs.enqueue(kind=NOTIFY, subject=mark.pk)
    return found


def notify_exporter(*, recall_id: UUID) -> None:
    """Notify the exporter that an export is out of date, once, if they are still an officer.

    One mail for all of their exports that one withdrawal put out of date: it links to their list.
    """
    recall = ExportRecall.objects.select_related("export__by").filter(pk=recall_id, told_at__isnull=True).first()
    if recall is None:
        return
    by = recall.export.by
    told = ExportRecall.objects.filter(consent_id=recall.consent_id, export__by=by, told_at__gte=recall.at)
    if by is not None and by.is_officer and by.is_verified and not told.exists():
        mail.send(mail.Notice("recalled", by.email, reverse("compliance:consent_audit_exports")))
    ExportRecall.objects.filter(pk=recall.pk, told_at__isnull=True).update(told_at=timezone.now())


class Keeper:
    """Implementation of `consults.withdrawal.hooks.ExportKeeper`: recalls of this app's exports."""

    recall = staticmethod(recall)


hooks.export_keeper.fill(Keeper())
