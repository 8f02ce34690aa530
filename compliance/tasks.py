"""Job handlers of compliance; the services do the work."""

from uuid import UUID

from compliance.exports import recalls
from core import jobs


@jobs.handles(recalls.NOTIFY, urgency=jobs.Urgency.EXPORTS)
def notify_exporter(subject: UUID) -> None:
    """Notify an officer that one of their exports is out of date."""
    recalls.notify_exporter(recall_id=subject)
