"""Job handlers and periodic tasks of consent; the services do the work."""

from uuid import UUID

from consent import lifecycle, reminders, withdrawal
from consent.models import Consent, Status
from core import jobs


@jobs.handles(withdrawal.DESTROY_DOCUMENT, urgency=jobs.Urgency.DESTRUCTION)
def destroy_document(subject: UUID) -> None:
    """Destroy the signed document of a consent that was recorded by mistake."""
    for consent in Consent.objects.filter(pk=subject, status=Status.ENTERED_IN_ERROR):
        withdrawal.destroy_document(consent=consent)


@jobs.handles(reminders.REMIND, urgency=jobs.Urgency.MAIL)
def send_reminder(subject: UUID) -> None:
    """Remind a clinician of a consent that ends soon, or of a child that comes of age."""
    reminders.send_reminder(reminder_id=subject)


@jobs.every(seconds=900, urgent=True)
def advance_lifecycles() -> None:
    """Expire consents past their date, destroy what expired long ago, and send reminders."""
    lifecycle.expire_due()
    lifecycle.destroy_expired()
    reminders.enqueue_due_reminders()
