"""Job handlers: thin, an id in, the service does the work."""

from uuid import UUID

from core import jobs
from imaging import originals, service


@jobs.handles(service.INSPECT)
def inspect(subject: UUID) -> None:
    """Inspect a received photo."""
    service.inspect(photo_id=subject)


@jobs.handles(service.SEAL)
def seal(subject: UUID) -> None:
    """Seal a confirmed photo."""
    service.seal(photo_id=subject)


@jobs.every(seconds=300)
def expire_originals() -> None:
    """Destroy originals that nobody reviewed in time, and those that nothing points to."""
    service.expire_originals()
    originals.sweep()
