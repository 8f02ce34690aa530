"""What is known of exports that left: which ones held a consent, and which are out of date by a withdrawal."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.record import record
from compliance.models import ExportRecall, ExportRecord, holds
from consults.withdrawal import hooks
from core import jobs
from notifications import mail

TELL = "export.tell_recalled"  # subject: the row of ExportRecall


def exports_containing(consent_id: UUID) -> list[ExportRecord]:
    """Every export in which this consent stands, oldest first. Reads the ids of one export at a time."""
    found = []
    for export in ExportRecord.objects.select_related("by").order_by("made_at").iterator(chunk_size=1):
        if holds(export.consents, consent_id):
            export.consents = b""  # megabytes that nobody asks for now
            found.append(export)
    return found


@transaction.atomic
def recall(*, consent_id: UUID) -> list[ExportRecord]:
    """Mark every export in which a withdrawn consent stands, with a line in the log each; returns them all.

    Safe to repeat: an export is marked once a consent. Whoever made it is told in a job.
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
            jobs.enqueue(kind=TELL, subject=mark.pk)
    return found


def tell_exporter(*, recall_id: UUID) -> None:
    """Tell the officer who made an export that it is out of date, once, if they still are one.

    One mail for all exports of theirs that one withdrawal put out of date: it leads to the list of them.
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
    """The exports that this app keeps track of. See `consults.withdrawal.hooks.ExportKeeper`."""

    recall = staticmethod(recall)


hooks.export_keeper.fill(Keeper())
