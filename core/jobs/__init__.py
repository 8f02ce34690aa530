"""Jobs: the durable queue (`queue`) and estimates of waiting times (`estimates`)."""

from core.jobs.queue import (
    LEASE_SECONDS,
    MAX_ATTEMPTS,
    AlreadyRegistered,
    GiveUp,
    dispatch_waiting,
    enqueue,
    every,
    handles,
    newest_job,
    parked,
    retry,
    run,
    run_due_rounds,
    run_neglected,
    run_urgent_first,
    run_waiting,
    urgency_of,
)
from core.urgency import Urgency

__all__ = [
    "LEASE_SECONDS",
    "MAX_ATTEMPTS",
    "AlreadyRegistered",
    "GiveUp",
    "Urgency",
    "dispatch_waiting",
    "enqueue",
    "every",
    "handles",
    "newest_job",
    "parked",
    "retry",
    "run",
    "run_due_rounds",
    "run_neglected",
    "run_urgent_first",
    "run_waiting",
    "urgency_of",
]
