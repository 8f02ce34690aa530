"""Celery's side of `core.jobs`: messages carry ids only and may be lost, doubled or late."""

import uuid

from celery import shared_task

from core import jobs
from core.jobs.queue import RUN_JOB


@shared_task(name=RUN_JOB)
def run_job(job_id: str) -> None:
    """One attempt at the job, if it is there to claim."""
    jobs.run(uuid.UUID(job_id))


@shared_task(name="core.ring")
def ring() -> None:
    """Ring again for what waits."""
    jobs.ring()


@shared_task(name="core.rounds")
def rounds() -> None:
    """Do the repeated work that is due."""
    jobs.make_rounds()
