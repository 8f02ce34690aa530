"""Work that must not be lost: the queue of job rows (`queue`) and what to expect of it (`estimates`)."""

from core.jobs.queue import (
    LEASE_SECONDS,
    AlreadyHandled,
    GiveUp,
    enqueue,
    every,
    handles,
    make_rounds,
    parked,
    retry,
    ring,
    run,
    run_waiting,
    state_of,
)

__all__ = [
    "LEASE_SECONDS",
    "AlreadyHandled",
    "GiveUp",
    "enqueue",
    "every",
    "handles",
    "make_rounds",
    "parked",
    "retry",
    "ring",
    "run",
    "run_waiting",
    "state_of",
]
