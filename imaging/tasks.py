"""Job handlers: they take an id, the services do the work."""

from uuid import UUID

from core import jobs
from imaging import originals, uploads
from imaging.renditions import pipeline
from imaging.review import results


@jobs.handles(pipeline.INSPECT, urgency=jobs.Urgency.INSPECT)
def inspect(subject: UUID) -> None:
    """Inspect a received photo."""
    pipeline.inspect(photo_id=subject)


@jobs.handles(pipeline.SEAL, urgency=jobs.Urgency.SEAL)
def seal(subject: UUID) -> None:
    """Seal a confirmed photo."""
    pipeline.seal(photo_id=subject)


@jobs.handles(results.RENDER, urgency=jobs.Urgency.PREVIEW)
def render_result(subject: UUID) -> None:
    """Render a photo under review as its owner asked."""
    results.render(photo_id=subject)


@jobs.every(seconds=300)
def expire_originals() -> None:
    """Destroy expired originals and uploads, and bytes that no row refers to."""
    pipeline.expire_originals()
    uploads.expire()
    originals.sweep()


@jobs.every(seconds=86_400)
def sweep_renditions() -> None:
    """Delete renditions that no row refers to."""
    pipeline.sweep_renditions()
