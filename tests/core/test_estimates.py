"""What is told about open jobs: place, time to expect, attempt, interruption."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from core.jobs.estimates import Estimate, estimate_jobs, median_seconds, newest_jobs
from core.models import Job

pytestmark = pytest.mark.django_db


def job(kind: str = "look", *, age: float = 0, **fields: Any) -> Job:
    """A job of this kind, made `age` seconds ago; open unless told otherwise."""
    if fields.get("state") == "running":
        fields = {"token": uuid4(), "lease_until": timezone.now() + timedelta(seconds=50), "attempts": 1} | fields
    made = Job.objects.create(**{"kind": kind, "subject": uuid4()} | fields)
    Job.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(seconds=age))
    made.refresh_from_db()
    return made


def done(seconds: float, kind: str = "look", *, ago: float = 0) -> None:
    """A job that took so long and ended so long ago."""
    end = timezone.now() - timedelta(seconds=ago)
    job(kind, state="done", started_at=end - timedelta(seconds=seconds), finished_at=end)


def seen(one: Job) -> Estimate:
    return estimate_jobs([one])[one.id]


@pytest.mark.parametrize(
    ("took", "expected"), [([], None), ([4], 4), ([1, 2, 90], 2), ([0], 0.1), ([5] * 20 + [900] * 20, 5)]
)
def test_the_median_of_the_last_twenty(took: list[float], expected: float | None) -> None:
    for ago, seconds in enumerate(took):
        done(seconds, ago=ago)
    done(1000, "other")
    assert median_seconds(["look"]) == ({} if expected is None else {"look": pytest.approx(expected, abs=0.01)})


def test_a_job_in_the_queue_waits_for_those_before_it() -> None:
    done(10)
    done(4, "seal")
    job(age=30, state="running")
    job("seal", age=20)
    mine = job(age=10)
    job(age=5)
    estimate = seen(mine)
    assert (estimate.ahead, estimate.attempt, estimate.interrupted) == (2, 1, False)
    assert estimate.seconds == pytest.approx(10 + 10 + 4, abs=0.1)


def test_two_workers_halve_the_wait() -> None:
    done(10)
    for age in (30, 20):
        job(age=age, state="running")
    assert seen(job()).seconds == pytest.approx(10 + 20 / 2, abs=0.1)


@pytest.mark.parametrize(("since", "left"), [(0, 10), (6, 4), (60, 1)])
def test_a_running_job_counts_down(since: float, left: float) -> None:
    done(10)
    estimate = seen(job(state="running", started_at=timezone.now() - timedelta(seconds=since)))
    assert (estimate.ahead, estimate.attempt) == (0, 1)
    assert estimate.seconds == pytest.approx(left, abs=0.2)


@pytest.mark.parametrize(("lease", "interrupted"), [(59, False), (35, False), (20, True), (-5, True)])
def test_a_lease_that_nobody_renews_is_an_interruption(lease: float, interrupted: bool) -> None:
    until = timezone.now() + timedelta(seconds=lease)
    assert seen(job(state="running", lease_until=until)).interrupted is interrupted


def test_nothing_measured_nothing_promised() -> None:
    assert seen(job()).seconds is None


def test_after_a_failure_the_next_attempt_is_named() -> None:
    assert seen(job(attempts=2)).attempt == 3


def test_the_newest_job_of_each_subject() -> None:
    subject: UUID = uuid4()
    job(subject=subject, state="done", age=20)
    parked = job(subject=subject, state="parked", age=10)
    other = job("seal", subject=subject)
    assert newest_jobs(kinds=["look"], subjects=[subject]) == {("look", subject): parked}
    assert newest_jobs(kinds=["look", "seal"], subjects=[subject])["seal", subject] == other
