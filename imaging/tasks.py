"""Job handlers: thin, an id in, the service does the work."""

from uuid import UUID

from core import jobs
from imaging import originals, service, uploads


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
    """Destroy what nobody reviewed or sent to its end in time, and bytes that nothing points to."""
    service.expire_originals()
    uploads.expire()
    originals.sweep()


@jobs.every(seconds=86_400)
def sweep_renditions() -> None:
    """Delete renditions that nothing points to."""
    service.sweep_renditions()
