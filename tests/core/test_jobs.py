"""Jobs: one attempt at a time, none lost, none finished by a ghost."""

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from core import tasks
from core.jobs import queue as jobs
from core.models import Job, Round

KIND = "tests.job"


@pytest.fixture
def handler() -> Iterator[Callable[[Callable[[uuid.UUID], None]], None]]:
    """`handler(function)` makes the function do jobs of kind KIND for this test."""

    def use(function: Callable[[uuid.UUID], None]) -> None:
        jobs._handlers[KIND] = function

    yield use
    jobs._handlers.pop(KIND, None)


@pytest.fixture(autouse=True)
def _broker_was_never_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_broker_down_until", 0.0)


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def expire_lease(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_job_runs_once_and_is_done(handler) -> None:
    seen: list[uuid.UUID] = []
    handler(seen.append)
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    assert jobs.run_waiting() == 1
    assert jobs.run(job.id) is False
    assert seen == [job.subject]
    done = jobs.newest_job(kind=KIND, subject=job.subject)
    assert (done.state, done.attempts, done.token, done.error) == ("done", 1, None, "")


@pytest.mark.django_db
def test_enqueue_gives_back_the_open_job(handler) -> None:
    handler(lambda subject: None)
    subject = uuid.uuid4()
    first = jobs.enqueue(kind=KIND, subject=subject)
    assert jobs.enqueue(kind=KIND, subject=subject) == first
    assert jobs.enqueue(kind=KIND, subject=uuid.uuid4()) != first
    jobs.run_waiting()
    assert jobs.enqueue(kind=KIND, subject=subject) != first


@pytest.mark.django_db
def test_enqueued_while_running_runs_once_more(handler) -> None:
    runs: list[int] = []

    def again(subject: uuid.UUID) -> None:
        runs.append(1)
        if len(runs) == 1:
            jobs.enqueue(kind=KIND, subject=subject)

    handler(again)
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    jobs.run_waiting()
    assert len(runs) == 2
    assert fresh(job).state == Job.State.DONE
    assert Job.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("state", [Job.State.QUEUED, Job.State.RUNNING])
def test_database_refuses_a_second_open_job(state: str) -> None:
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    lease = {"token": uuid.uuid4(), "lease_until": timezone.now()} if state == Job.State.RUNNING else {}
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind=KIND, subject=job.subject, state=state, **lease)
    Job.objects.create(kind=KIND, subject=job.subject, state=Job.State.DONE)


@pytest.mark.django_db
def test_database_refuses_a_running_job_without_lease() -> None:
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)


@pytest.mark.django_db
def test_three_attempts_then_parked(handler) -> None:
    def fails(subject: uuid.UUID) -> None:
        raise LookupError("a name that must not be kept")

    handler(fails)
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    for attempt in (1, 2):
        assert jobs.run(job.id, early=True)
        assert (fresh(job).state, fresh(job).attempts, fresh(job).error) == ("queued", attempt, "LookupError")
        assert jobs.run(job.id) is False, "a failed job waits before the next attempt"
    assert jobs.run(job.id, early=True)
    assert (fresh(job).state, fresh(job).attempts, fresh(job).error) == ("parked", 3, "LookupError")
    assert jobs.run(job.id, early=True) is False
    assert jobs.parked() == [job]


@pytest.mark.django_db
def test_give_up_parks_at_once_with_its_code(handler) -> None:
    def gives_up(subject: uuid.UUID) -> None:
        raise jobs.GiveUp("animated")

    handler(gives_up)
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    jobs.run_waiting()
    assert (fresh(job).state, fresh(job).attempts, fresh(job).error) == ("parked", 1, "animated")


@pytest.mark.django_db
def test_unknown_kind_is_parked() -> None:
    job = jobs.enqueue(kind="tests.nobody", subject=uuid.uuid4())
    jobs.run_waiting()
    assert (fresh(job).state, fresh(job).error) == ("parked", "NoHandler")


@pytest.mark.django_db
def test_retry_queues_a_parked_job_unless_a_newer_one_is_open(handler) -> None:
    handler(lambda subject: None)
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    assert jobs.retry(job.id) is False
    Job.objects.filter(pk=job.pk).update(state=Job.State.PARKED, attempts=3)
    newer = jobs.enqueue(kind=KIND, subject=job.subject)
    assert jobs.retry(job.id) is False
    newer.delete()
    assert jobs.retry(job.id) is True
    assert (fresh(job).state, fresh(job).attempts) == ("queued", 0)


@pytest.mark.django_db
def test_lease_keeps_others_out_until_it_ends(handler) -> None:
    handler(lambda subject: None)
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    assert jobs._claim(job.id, token=uuid.uuid4(), early=False) is not None
    assert jobs.run(job.id) is False
    expire_lease(job)
    assert jobs.run(job.id) is True
    assert (fresh(job).state, fresh(job).attempts) == ("done", 2)


@pytest.mark.django_db
def test_attempt_that_lost_its_lease_cannot_finish(handler) -> None:
    taken_over = uuid.uuid4()

    def is_overtaken(subject: uuid.UUID) -> None:
        expire_lease(job)
        assert jobs._claim(job.id, token=taken_over, early=False) is not None

    handler(is_overtaken)
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    jobs.run(job.id)
    assert (fresh(job).state, fresh(job).token) == ("running", taken_over)


@pytest.mark.django_db
def test_dead_three_times_is_parked_as_lost() -> None:
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs._claim(job.id, token=uuid.uuid4(), early=False) is not None
        expire_lease(job)
    assert jobs._claim(job.id, token=uuid.uuid4(), early=False) is None
    jobs.dispatch_waiting()
    assert (fresh(job).state, fresh(job).error) == ("parked", "lost")


@pytest.mark.django_db
def test_ring_rings_for_queued_and_expired_only(monkeypatch: pytest.MonkeyPatch) -> None:
    queued, running, expired, pausing, done = (jobs.enqueue(kind=KIND, subject=uuid.uuid4()) for _ in range(5))
    for job in (running, expired):
        jobs._claim(job.id, token=uuid.uuid4(), early=False)
    expire_lease(expired)
    Job.objects.filter(pk=pausing.pk).update(due_at=timezone.now() + timedelta(minutes=5))
    Job.objects.filter(pk=done.pk).update(state=Job.State.DONE)
    rung: list[uuid.UUID] = []
    monkeypatch.setattr(jobs, "_dispatch", lambda job_id, _urgency: rung.append(job_id) or True)
    assert jobs.dispatch_waiting() == 2
    assert set(rung) == {queued.id, expired.id}


@pytest.mark.django_db
def test_bell_rings_after_commit_and_carries_the_id_only(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    calls: list[dict[str, object]] = []
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda **message: calls.append(message))
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
        assert calls == []
    assert calls == [{"args": [str(job.id)], "queue": "celery", "retry": False}]


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError("down"), OSError("disk full"), TimeoutError("black hole")])
def test_broker_down_does_not_break_the_caller(
    error: Exception, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    tries: list[object] = []

    def down(**message: object) -> None:
        tries.append(message)
        raise error

    monkeypatch.setattr(tasks.run_job, "apply_async", down)
    with django_capture_on_commit_callbacks(execute=True):
        waiting = [jobs.enqueue(kind=KIND, subject=uuid.uuid4()) for _ in range(3)]
    assert [fresh(job).state for job in waiting] == [Job.State.QUEUED] * 3
    assert len(tries) == 1, "only the first caller waits for a dead broker"
    monkeypatch.setattr(jobs, "_broker_down_until", 0.0)
    jobs.dispatch_waiting()
    assert len(tries) == 2


@pytest.mark.django_db(transaction=True)
def test_many_claim_one_wins(handler) -> None:
    start = threading.Barrier(8)
    wins: list[uuid.UUID] = []
    handler(wins.append)
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())

    def attempt(_: int) -> bool:
        start.wait()
        try:
            return jobs.run(job.id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(8)))
    assert sorted(won) == [False] * 7 + [True]
    assert wins == [job.subject]
    assert fresh(job).attempts == 1


@pytest.mark.django_db(transaction=True)
def test_many_enqueue_one_row() -> None:
    start = threading.Barrier(6)
    subject = uuid.uuid4()

    def ask(_: int) -> uuid.UUID:
        start.wait()
        try:
            with transaction.atomic():
                return jobs.enqueue(kind=KIND, subject=subject).id
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        ids = set(pool.map(ask, range(6)))
    assert len(ids) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_lease_is_renewed_while_the_handler_works(handler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "RENEW_SECONDS", 0.05)
    leases: list[object] = []
    renewed = threading.Event()

    def slow(subject: uuid.UUID) -> None:
        leases.append(fresh(job).lease_until)
        renewed.wait(0.5)
        leases.append(fresh(job).lease_until)

    handler(slow)
    job = jobs.enqueue(kind=KIND, subject=uuid.uuid4())
    jobs.run(job.id)
    assert leases[1] > leases[0]


@pytest.mark.django_db
def test_rounds_run_when_due_and_survive_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def broken() -> None:
        calls.append("broken")
        raise LookupError("a name")

    monkeypatch.setattr(
        jobs,
        "_rounds",
        {
            "a": jobs._Round(60.0, broken, urgent=False),
            "b": jobs._Round(60.0, lambda: calls.append("b"), urgent=True),
            "c": jobs._Round(0.0, lambda: None, urgent=False),
        },
    )
    assert jobs.run_due_rounds() == ["a", "b", "c"]
    assert calls == ["broken", "b"]
    assert jobs.run_due_rounds() == ["c"]
    Round.objects.update(ran_at=timezone.now() - timedelta(seconds=59))
    assert jobs.run_due_rounds() == ["a", "b", "c"]


def test_two_handlers_for_one_kind_are_refused(handler) -> None:
    handler(lambda subject: None)
    with pytest.raises(jobs.AlreadyRegistered):
        jobs.handles(KIND)(lambda subject: None)
