"""Estimates of how long open jobs will take, from their queue position and the duration of recent jobs."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.utils import timezone

from core.jobs import LEASE_SECONDS
from core.models import Job
from core.unions import all_of
from core.urgency import Urgency

SAMPLE_SIZE = 20  # recent jobs of a kind whose median duration is expected of the next one


@dataclass(frozen=True)
class Estimate:
    """A job's queue position and estimated time remaining; `seconds` is None without a finished job to compare."""

    state: Job.State
    ahead: int
    seconds: float | None
    attempt: int
    interrupted: bool  # its worker died; another one claims it when the lease has expired


@dataclass(frozen=True)
class _Open:
    """An open job of the ordinary workers."""

    kind: str
    state: str
    urgency: int
    created_at: datetime

    def comes_before(self, job: Job) -> bool:
        """Whether a worker takes this one first, or has it already."""
        if self.state == Job.State.RUNNING:
            return True
        return (self.urgency, self.created_at) < (job.urgency, job.created_at)


def newest_jobs(*, kinds: Iterable[str], subjects: Iterable[uuid.UUID]) -> dict[tuple[str, uuid.UUID], Job]:
    """Return the newest job of each (kind, subject), open or not."""
    found = Job.objects.filter(kind__in=list(kinds), subject__in=list(subjects)).order_by("created_at")
    return {(job.kind, job.subject): job for job in found}


def estimate_jobs(jobs: Iterable[Job]) -> dict[uuid.UUID, Estimate]:
    """Estimate these jobs; return {job id: Estimate}. Two queries, whatever waits."""
    now = timezone.now()
    # Destructions have a worker of their own, and stand in nobody's way.
    others = Job.objects.filter(state__in=Job.OPEN).exclude(urgency=Urgency.DESTRUCTION)
    open_jobs = [_Open(*row) for row in others.values_list("kind", "state", "urgency", "created_at")]
    workers = max(1, sum(one.state == Job.State.RUNNING for one in open_jobs))
    typical = median_seconds(one.kind for one in open_jobs)
    return {job.id: _estimate(job, open_jobs, typical, workers, now) for job in jobs}


def median_seconds(kinds: Iterable[str]) -> dict[str, float]:
    """Return the median duration of the last attempt of recent jobs by kind, without those of which there are none.

    One query for all kinds.
    """
    done = Job.objects.filter(state=Job.State.DONE, started_at__isnull=False, finished_at__isnull=False)
    recent = all_of(
        *(done.filter(kind=kind).order_by("-finished_at").values("pk")[:SAMPLE_SIZE] for kind in sorted(set(kinds)))
    )
    if recent is None:
        return {}
    took: dict[str, list[float]] = {}
    for kind, started, finished in done.filter(pk__in=recent).values_list("kind", "started_at", "finished_at"):
        if started is not None and finished is not None:  # as asked
            took.setdefault(kind, []).append((finished - started).total_seconds())
    return {kind: max(0.1, median(seconds)) for kind, seconds in took.items()}


def _estimate(
    job: Job,
    open_jobs: "list[_Open]",
    typical: dict[str, float],
    workers: int,
    now: datetime,
) -> Estimate:
    running = job.state == Job.State.RUNNING
    earlier = Counter(one.kind for one in open_jobs if one.comes_before(job) and not running)
    own = typical.get(job.kind)
    seconds = None
    if own is not None and running and job.started_at is not None:
        seconds = max(1.0, own - (now - job.started_at).total_seconds())
    elif own is not None and job.state == Job.State.QUEUED:
        seconds = own + sum(count * (typical.get(kind) or own) for kind, count in earlier.items()) / workers
    late = job.lease_until is not None and (job.lease_until - now).total_seconds() < LEASE_SECONDS / 2
    return Estimate(
        state=Job.State(job.state),
        ahead=earlier.total(),
        seconds=seconds,
        attempt=job.attempts + (job.state == Job.State.QUEUED),
        interrupted=running and late,
    )
