"""Celery tasks of `core.jobs`. Messages carry ids only and may be lost, duplicated or late."""

import uuid

from celery import shared_task

from core import counts, incoming, jobs
from core.jobs.queue import RUN_JOB


@shared_task(name=RUN_JOB)
def run_job(job_id: str) -> None:
    """Make one attempt at the job, if it can be claimed."""
    jobs.run(uuid.UUID(job_id))


@shared_task(name="core.ring")
def dispatch_waiting() -> None:
    """Send waiting jobs to the workers again."""
    jobs.dispatch_waiting()


@shared_task(name="core.rounds")
def run_due_rounds() -> None:
    """Run the rounds that are due."""
    jobs.run_due_rounds()


jobs.every(seconds=3600)(counts.delete_expired)
jobs.every(seconds=3600)(incoming.sweep)
