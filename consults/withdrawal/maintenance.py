"""Maintenance of withdrawals: resuming late purges, reapplying withdrawals after a restored backup."""

import logging

from django.db import transaction
from django.utils import timezone

from audit.record import record
from consent import lifecycle
from consent.models import Consent, Status, WithdrawnBy
from consent.withdrawal import job_of, withdraw, withdraw_picture
from consults.cases import exemption
from consults.cases.gate import listing
from consults.cases.models import Case, CaseState
from consults.withdrawal import hide, notices
from core import jobs
from core.models import DataKey
from imaging.models import Photo
from imaging.models import State as PhotoState

logger = logging.getLogger(__name__)


def resume_late_purges() -> None:
    """Enqueue purges that are not done in time again, and notify staff once for each."""
    for made in lifecycle.overdue_destructions():
        kind, subject = job_of(made)
        with transaction.atomic():
            jobs.enqueue(kind=kind, subject=subject)
            if type(made).objects.filter(pk=made.pk, late_at__isnull=True).update(late_at=timezone.now()):
                logger.error("%s %s is not finished in time", kind, subject)
                record(verb="consent.purge_late", actor=None, subject=("consent", made.consent_id), record=str(made.pk))
                notices.notify_staff_of_late_purges()


def compare_listings() -> None:
    """Compare what lists and counts say with the gate, and tell staff when they were wrong."""
    if listing.compare():
        notices.notify_staff_of_repairs()


def reapply_after_restore() -> None:
    """Withdraw again the consents, pictures and cases that a restored backup brought back.

    The keys' database is not restored with the others (docs/operations.md). A consent whose own key is
    destroyed there was withdrawn, and so was a picture, whatever the rows say.
    """
    gone = set(DataKey.objects.filter(destroyed_at__isnull=False).values_list("pk", flat=True))
    alive = Consent.objects.filter(status__in=(Status.ACTIVE, Status.EXPIRED))
    for consent_id in set(alive.values_list("pk", flat=True)) & gone:
        logger.error("consent %s is active again after its key was destroyed: a restored backup?", consent_id)
        withdraw(consent_id=consent_id, by=WithdrawnBy.OFFICER)
    sealed = Photo.objects.filter(state=PhotoState.SEALED, placement__case__consent__status=Status.ACTIVE)
    # What follows a case that has just been withdrawn again has gone with it.
    sealed = sealed.exclude(placement__case__state=CaseState.WITHDRAWN)
    rows = sealed.values_list("pk", "key_id", "placement__case__consent_id")
    for photo_id, key_id, consent_id in rows.iterator(chunk_size=1000):
        if key_id in gone:
            logger.error("photo %s is back after its key was destroyed: a restored backup?", photo_id)
            withdraw_picture(consent_id=consent_id, picture=photo_id, by=WithdrawnBy.OFFICER)
    alone = Case.objects.filter(exemption.released_without_consent()).exclude(state=CaseState.WITHDRAWN)
    for case in alone.prefetch_related("pictures__photo"):
        if gone & {picture.photo.key_id for picture in case.pictures.all()}:
            logger.error("case %s is back after its keys were destroyed: a restored backup?", case.pk)
            hide.take_down(case=case, by=None)
