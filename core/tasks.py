"""Celery tasks of `core.jobs`. Messages carry ids only and may be lost, duplicated or late."""

import uuid

from celery import shared_task

from core import access_lines, counts, incoming, jobs, refusals
from core.jobs.queue import RUN_JOB


@shared_task(name=RUN_JOB)
def run_job(job_id: str) -> None:
    """Make one attempt at the job, if it can be claimed, after what is more urgent."""
    jobs.run_urgent_first(uuid.UUID(job_id))


@shared_task(name="core.ring")
def dispatch_waiting() -> None:
    """Send waiting jobs to the workers again; do what the worker for destruction leaves undone."""
    jobs.dispatch_waiting()
    jobs.run_neglected()


@shared_task(name="core.ring_destruction")
def dispatch_waiting_destruction() -> None:
    """Send waiting destructions to their worker again, whatever the other workers are doing."""
    jobs.dispatch_waiting(only=jobs.Urgency.DESTRUCTION)


@shared_task(name="core.rounds")
def run_due_rounds() -> None:
    """Run the rounds that are due and not urgent."""
    jobs.run_due_rounds(urgent=False)


@shared_task(name="core.urgent_rounds")
def run_due_urgent_rounds() -> None:
    """Run the rounds that are due and that destruction depends on."""
    jobs.run_due_rounds(urgent=True)


jobs.every(seconds=3600)(counts.delete_expired)
jobs.every(seconds=3600)(incoming.sweep)
jobs.every(seconds=3600)(access_lines.delete_old)
jobs.every(seconds=3600)(refusals.delete_old)
