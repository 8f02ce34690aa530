"""Job handlers: thin, an id in, the service does the work."""

from uuid import UUID

from consent.service import PURGE
from consults import withdrawal
from core import jobs


@jobs.handles(PURGE)
def purge(subject: UUID) -> None:
    """Destroy what hangs on a withdrawn consent."""
    withdrawal.purge(consent_id=subject)
