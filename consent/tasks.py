"""Jobs and rounds of consents. Thin."""

from uuid import UUID

from consent import life, withdrawal
from consent.models import Consent, Status
from core import jobs


@jobs.handles(withdrawal.DESTROY_DOCUMENT)
def destroy_document(subject: UUID) -> None:
    """Destroy the signed document of a consent that was recorded by mistake."""
    for consent in Consent.objects.filter(pk=subject, status=Status.ENTERED_IN_ERROR):
        withdrawal.destroy_document(consent=consent)


@jobs.every(seconds=900)
def go_on_with_lives() -> None:
    """Expire what is over, destroy what was over long ago, remind of what ends soon."""
    life.expire_due()
    life.end_expired()
    life.remind()
