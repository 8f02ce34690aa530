"""Urgency of jobs, and the broker's queue for each."""

from enum import IntEnum

DESTRUCTION_QUEUE = "destruction"  # has a worker of its own
ORDINARY_QUEUE = "celery"  # Celery's own name, which a worker without `-Q` serves


class Urgency(IntEnum):
    """What comes first when several jobs wait; a job of the same urgency waits for older ones."""

    DESTRUCTION = 0  # what a patient took back, and other pictures whose time is over
    PREVIEW = 1  # somebody is looking at the page that shows it
    SEAL = 2  # ends the life of an original
    INSPECT = 3
    MAIL = 4  # a mail server may take its time
    EXPORTS = 5  # word of exports that are out of date, and what nobody waits for


def broker_queue(urgency: int) -> str:
    """Return the queue whose worker does jobs of this urgency."""
    return DESTRUCTION_QUEUE if urgency == Urgency.DESTRUCTION else ORDINARY_QUEUE
