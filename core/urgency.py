"""Urgency of jobs, and the broker's queue for each."""

from enum import IntEnum

DESTRUCTION_QUEUE = "destruction"  # has a worker of its own
ORDINARY_QUEUE = "celery"  # Celery's own name, which a worker without `-Q` serves


class Urgency(IntEnum):
    """What comes first when several jobs wait; a job of the same urgency waits for older ones."""

    DESTRUCTION = 0  # what a patient took back, and other pictures whose time is over
    SEAL = 1  # ends the life of an original
    INSPECT = 2
    MAIL = 3  # a mail server may take its time
    EXPORTS = 4  # word of exports that are out of date


def broker_queue(urgency: int) -> str:
    """Return the queue whose worker does jobs of this urgency."""
    return DESTRUCTION_QUEUE if urgency == Urgency.DESTRUCTION else ORDINARY_QUEUE
