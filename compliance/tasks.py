"""Job handlers: thin, an id in, the service does the work."""

from uuid import UUID

from compliance.exports import recalls
from core import jobs


@jobs.handles(recalls.TELL)
def tell_exporter(subject: UUID) -> None:
    """Tell an officer that an export of theirs is out of date."""
    recalls.tell_exporter(recall_id=subject)
