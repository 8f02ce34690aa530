"""How far a withdrawal has come: hidden, keys destroyed, everything destroyed."""

from dataclasses import dataclass
from datetime import datetime

from consent.models import Removal, Withdrawal
from consent.withdrawal import job_of
from core import jobs
from core.models import Job


@dataclass(frozen=True)
class Progress:
    """When each step was done (UTC); None for a step that is still to come."""

    hidden_at: datetime
    keys_destroyed_at: datetime | None
    destroyed_at: datetime | None
    delayed: bool

    @property
    def done(self) -> bool:
        """Whether nothing is left to destroy."""
        return self.destroyed_at is not None


def of(made: Withdrawal | Removal) -> Progress:
    """How far it has come now. `delayed`: the work was parked or takes longer than promised; staff have to look."""
    kind, subject = job_of(made)
    job = jobs.newest_job(kind=kind, subject=subject)
    parked = job is not None and job.state == Job.State.PARKED
    return Progress(
        hidden_at=made.requested_at,
        keys_destroyed_at=made.keys_destroyed_at,
        destroyed_at=made.completed_at,
        delayed=made.completed_at is None and (parked or made.late_at is not None),
    )
