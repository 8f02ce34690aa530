"""How long open jobs will still take: their place among the others, and what recent ones took."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.utils import timezone

from core.jobs import LEASE_SECONDS
from core.models import Job

MEASURED = 20  # recent jobs of a kind whose median is what the next one is expected to take


@dataclass(frozen=True)
class Outlook:
    """A job as the one who waits for it sees it. `seconds` until its end is None when nothing was measured yet."""

    state: Job.State
    ahead: int
    seconds: float | None
    attempt: int
    interrupted: bool  # its worker died; another one takes it up when its lease has run out


def newest_jobs(*, kinds: Iterable[str], subjects: Iterable[uuid.UUID]) -> dict[tuple[str, uuid.UUID], Job]:
    """The newest job of each (kind, subject), open or not."""
    found = Job.objects.filter(kind__in=list(kinds), subject__in=list(subjects)).order_by("created_at")
    return {(job.kind, job.subject): job for job in found}


def outlooks(jobs: Iterable[Job]) -> dict[uuid.UUID, Outlook]:
    """What to tell about these jobs, by their ids. A few queries, however many they are."""
    now = timezone.now()
    open_jobs = list(Job.objects.filter(state__in=Job.OPEN).values_list("kind", "state", "created_at"))
    workers = max(1, sum(state == Job.State.RUNNING for _kind, state, _created in open_jobs))
    typical = {kind: typical_seconds(kind) for kind in {kind for kind, _state, _created in open_jobs}}
    return {job.id: _outlook(job, open_jobs, typical, workers, now) for job in jobs}


def typical_seconds(kind: str) -> float | None:
    """Median of what the last jobs of this kind took in their last attempt; None when there were none."""
    recent = (
        Job.objects.filter(kind=kind, state=Job.State.DONE, started_at__isnull=False, finished_at__isnull=False)
        .order_by("-finished_at")
        .values_list("started_at", "finished_at")[:MEASURED]
    )
    took = [(finished - started).total_seconds() for started, finished in recent if started and finished]
    return max(0.1, median(took)) if took else None


def _outlook(
    job: Job,
    open_jobs: list[tuple[str, str, datetime]],
    typical: dict[str, float | None],
    workers: int,
    now: datetime,
) -> Outlook:
    running = job.state == Job.State.RUNNING
    earlier = Counter(kind for kind, _state, created in open_jobs if created < job.created_at and not running)
    own = typical.get(job.kind)
    seconds = None
    if own is not None and running and job.started_at is not None:
        seconds = max(1.0, own - (now - job.started_at).total_seconds())
    elif own is not None and job.state == Job.State.QUEUED:
        seconds = own + sum(count * (typical.get(kind) or own) for kind, count in earlier.items()) / workers
    late = job.lease_until is not None and (job.lease_until - now).total_seconds() < LEASE_SECONDS / 2
    return Outlook(
        state=Job.State(job.state),
        ahead=earlier.total(),
        seconds=seconds,
        attempt=job.attempts + (job.state == Job.State.QUEUED),
        interrupted=running and late,
    )
