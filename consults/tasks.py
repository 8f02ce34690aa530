"""Job handlers and rounds: thin, an id in, the service does the work."""

from uuid import UUID

from consent import withdrawal as consent_withdrawal
from consults.cases.authoring import case_pictures
from consults.cases.gate import listing_counts
from consults.withdrawal import hide, maintenance, notices
from consults.withdrawal import purge as purging
from core import jobs


@jobs.handles(consent_withdrawal.PURGE)
def purge(subject: UUID) -> None:
    """Destroy what hangs on a withdrawn consent."""
    purging.purge(consent_id=subject)


@jobs.handles(consent_withdrawal.PURGE_PART)
def purge_part(subject: UUID) -> None:
    """Destroy what a part of a consent took with it."""
    purging.purge_part(removal_id=subject)


@jobs.handles(hide.TAKE_DOWN)
def purge_taken_down(subject: UUID) -> None:
    """Destroy a case that was taken down."""
    purging.purge_taken_down(case_id=subject)


@jobs.handles(notices.TELL)
def tell(subject: UUID) -> None:
    """Tell a member that a case is gone."""
    notices.tell(notice_id=subject)


@jobs.every(seconds=3600)
def sweep_unplaced() -> None:
    """Destroy photos that no case holds."""
    case_pictures.sweep_unplaced()


jobs.every(seconds=24 * 3600)(maintenance.compare_listings)
jobs.every(seconds=60)(listing_counts.fold)
jobs.every(seconds=60)(maintenance.resume_late)
jobs.every(seconds=3600)(maintenance.reapply_after_restore)
