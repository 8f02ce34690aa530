"""Progress of a withdrawal: hidden, keys destroyed, everything destroyed."""

from dataclasses import dataclass
from datetime import datetime

from consent.models import Removal, Withdrawal
from consent.withdrawal import job_of
from core import jobs
from core.models import Job


@dataclass(frozen=True)
class DestructionProgress:
    """The time of each step (UTC); None for a step that is not done yet."""

    hidden_at: datetime
    keys_destroyed_at: datetime | None
    destroyed_at: datetime | None
    delayed: bool

    @property
    def done(self) -> bool:
        """Whether nothing is left to destroy."""
        return self.destroyed_at is not None


def progress_of(made: Withdrawal | Removal) -> DestructionProgress:
    """Return the progress so far.

    `delayed`: the job is parked or takes longer than promised, and staff have to act.
    """
    kind, subject = job_of(made)
    job = jobs.newest_job(kind=kind, subject=subject)
    parked = job is not None and job.state == Job.State.PARKED
    return DestructionProgress(
        hidden_at=made.requested_at,
        keys_destroyed_at=made.keys_destroyed_at,
        destroyed_at=made.completed_at,
        delayed=made.completed_at is None and (parked or made.late_at is not None),
    )
