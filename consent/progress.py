"""How far a withdrawal has come: hidden, keys destroyed, everything destroyed.

Consent knows nothing of cases; the app above registers which data keys hang on a consent.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from consent.models import Consent, Withdrawal
from consent.service import PURGE
from core import jobs
from core.models import DataKey, Job

KeyFinder = Callable[[Consent], Iterable[UUID]]
_finders: list[KeyFinder] = []


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


def register(finder: KeyFinder) -> KeyFinder:
    """Register who knows the data keys of a consent; usable as a decorator, twice has no effect."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


def of(withdrawal: Withdrawal) -> Progress:
    """How far this withdrawal has come now. `delayed`: the work was parked and staff have to look."""
    job = jobs.state_of(kind=PURGE, subject=withdrawal.consent_id)
    return Progress(
        hidden_at=withdrawal.requested_at,
        keys_destroyed_at=_keys_destroyed_at(withdrawal),
        destroyed_at=withdrawal.completed_at,
        delayed=withdrawal.completed_at is None and job is not None and job.state == Job.State.PARKED,
    )


def _keys_destroyed_at(withdrawal: Withdrawal) -> datetime | None:
    ids = {key for finder in _finders for key in finder(withdrawal.consent)}
    if not ids:
        return withdrawal.completed_at
    keys = DataKey.objects.filter(pk__in=ids)
    if keys.filter(destroyed_at__isnull=False).count() < len(ids):
        return None
    latest: datetime = keys.aggregate(latest=Max("destroyed_at"))["latest"]
    # A key destroyed before the withdrawal (a picture that was taken away earlier) says nothing about it.
    return max(latest, withdrawal.requested_at)
