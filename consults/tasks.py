"""Job handlers and rounds: thin, an id in, the service does the work."""

from uuid import UUID

from consent import life
from consent import withdrawal as consent_withdrawal
from consults import aftercare, telling, withdrawal
from consults.cases import service
from consults.consent_audit.exports import kept
from core import jobs


@jobs.handles(consent_withdrawal.PURGE)
def purge(subject: UUID) -> None:
    """Destroy what hangs on a withdrawn consent."""
    withdrawal.purge(consent_id=subject)


@jobs.handles(consent_withdrawal.PURGE_PART)
def purge_part(subject: UUID) -> None:
    """Destroy what a part of a consent took with it."""
    withdrawal.purge_part(removal_id=subject)


@jobs.handles(withdrawal.TAKE_DOWN)
def purge_taken_down(subject: UUID) -> None:
    """Destroy a case that was taken down."""
    withdrawal.purge_taken_down(case_id=subject)


@jobs.handles(telling.TELL)
def tell(subject: UUID) -> None:
    """Tell a member that a case is gone."""
    telling.tell(told_id=subject)


@jobs.handles(kept.TELL)
def tell_exporter(subject: UUID) -> None:
    """Tell an officer that an export of theirs is out of date."""
    telling.tell_exporter(recall_id=subject)


@jobs.handles(life.REMIND)
def remind(subject: UUID) -> None:
    """Remind a clinician of a consent that ends, or of a child that comes of age."""
    aftercare.send_reminder(reminder_id=subject)


@jobs.every(seconds=3600)
def sweep_unplaced() -> None:
    """Destroy photos that no case holds."""
    service.sweep_unplaced()


jobs.every(seconds=60)(aftercare.resume_late)
jobs.every(seconds=3600)(aftercare.rebury)
