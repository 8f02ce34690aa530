"""What is known of exports that left: which ones held a consent, and which are out of date by a withdrawal."""

from uuid import UUID

from django.db import transaction

from audit.record import record
from consults.consent_audit.models import ExportRecall, ExportRecord, holds
from core import jobs

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
