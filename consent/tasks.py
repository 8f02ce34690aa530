"""Jobs and rounds of consents. Thin."""

from uuid import UUID

from consent import lifecycle, reminders, withdrawal
from consent.models import Consent, Status
from core import jobs


@jobs.handles(withdrawal.DESTROY_DOCUMENT)
def destroy_document(subject: UUID) -> None:
    """Destroy the signed document of a consent that was recorded by mistake."""
    for consent in Consent.objects.filter(pk=subject, status=Status.ENTERED_IN_ERROR):
        withdrawal.destroy_document(consent=consent)


@jobs.handles(reminders.REMIND)
def send_reminder(subject: UUID) -> None:
    """Remind a clinician of a consent that ends, or of a child that comes of age."""
    reminders.send_reminder(reminder_id=subject)


@jobs.every(seconds=900)
def go_on_with_lives() -> None:
    """Expire what is over, destroy what was over long ago, remind of what ends soon."""
    lifecycle.expire_due()
    lifecycle.end_expired()
    reminders.remind()
