"""The durable job queue: rows created in the transaction of their subject and claimed under a lease.

A worker claims a job by one conditional UPDATE and gets a token that its last UPDATE must match, so that an
attempt presumed dead cannot finish twice. Leases use the database's clock. Handlers may run twice and may die
anywhere; after three attempts a job is parked for staff.

What is more urgent comes first (`Urgency`), and destruction has a worker of its own, which nothing else occupies
(docs/adr/0017-destruction-has-a-worker-of-its-own.md).
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from celery import current_app
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import LessThanOrEqual
from kombu.exceptions import KombuError

from core.models import Job, Round
from core.states import Machine
from core.urgency import Urgency, broker_queue

logger = logging.getLogger(__name__)

LEASE_SECONDS = 60
RENEW_SECONDS = 20
MAX_ATTEMPTS = 3
RETRY_SECONDS = (5, 30)  # after the first and after the second failed attempt
BROKER_PAUSE_SECONDS = 30  # after the broker did not answer; each call to a dead one blocks for seconds
RUN_JOB = "core.run_job"  # the Celery task of `core.tasks` that runs one job
NEGLECTED_SECONDS = 15  # a destruction that waits longer is taken by whichever worker is free
LOST = "lost"  # error of a job whose attempts all died without reporting one

JOB = Machine(
    Job,
    {
        Job.State.QUEUED: (Job.State.RUNNING,),
        # Running again: another worker claims it when the lease has expired.
        Job.State.RUNNING: (Job.State.RUNNING, Job.State.QUEUED, Job.State.DONE, Job.State.PARKED),
        Job.State.DONE: (),
        Job.State.PARKED: (Job.State.QUEUED,),
    },
)

Handler = Callable[[uuid.UUID], None]
_handlers: dict[str, Handler] = {}
_urgencies: dict[str, Urgency] = {}


@dataclass(frozen=True)
class _Round:
    """A function to call about every `seconds`, by the worker for destruction where it is `urgent`."""

    seconds: float
    function: Callable[[], object]
    urgent: bool


_rounds: dict[str, _Round] = {}
_broker_down_until = 0.0  # by time.monotonic(), in this process


class GiveUp(Exception):
    """Raised by a handler to park its job at once; `code` is a one-word reason without content."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AlreadyRegistered(Exception):
    """A second function for a kind of job or for the name of a round."""


def handles(kind: str, *, urgency: Urgency = Urgency.INSPECT) -> Callable[[Handler], Handler]:
    """Register the handler of this kind of job; it gets the subject's id. Raises AlreadyRegistered."""

    def register(handler: Handler) -> Handler:
        if _handlers.setdefault(kind, handler) is not handler:
            raise AlreadyRegistered(kind)
        _urgencies[kind] = urgency
        return handler

    return register


def urgency_of(kind: str) -> Urgency:
    """Return how urgent jobs of this kind are."""
    return _urgencies.get(kind, Urgency.INSPECT)


def every(*, seconds: float, urgent: bool = False) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a function to call about every `seconds`, by one worker at a time: for destruction where it is `urgent`.

    The schedule ticks once a minute; an interval below 60 means once a minute. Raises AlreadyRegistered.
    """

    def register(function: Callable[[], object]) -> Callable[[], object]:
        name = f"{function.__module__}.{function.__qualname__}"
        if _rounds.setdefault(name, _Round(seconds, function, urgent)).function is not function:
            raise AlreadyRegistered(name)
        return function

    return register


def enqueue(*, kind: str, subject: uuid.UUID) -> Job:
    """Return the open job of this kind for this subject, created if there is none. Call in the subject's transaction.

    A running job is asked to run once more, because it may have read data that now changes. The message to the
    workers is sent after commit; while the broker is down the row waits for the next `dispatch_waiting`.
    """
    while True:
        # The update also locks the row until our commit, so that a worker cannot claim and finish it between this
        # line and the change of the subject.
        mine = Job.objects.filter(kind=kind, subject=subject)
        if mine.filter(state=Job.State.QUEUED).update(due_at=None) == 0:
            mine.filter(state=Job.State.RUNNING).update(again=True)
        job = mine.filter(state__in=Job.OPEN).first()
        if job is None:
            try:
                with transaction.atomic():
                    job = Job.objects.create(kind=kind, subject=subject, urgency=urgency_of(kind))
            except IntegrityError:
                continue  # another process made it first
        elif job.state == Job.State.RUNNING and not job.again:
            continue  # it was claimed between the two updates
        transaction.on_commit(partial(_dispatch, job.id, job.urgency), robust=True)
        return job


def newest_job(*, kind: str, subject: uuid.UUID) -> Job | None:
    """Return the newest job of this kind for this subject, open or not."""
    return Job.objects.filter(kind=kind, subject=subject).order_by("-created_at").first()


def parked() -> list[Job]:
    """Return jobs that wait for a person, oldest first."""
    return list(Job.objects.filter(state=Job.State.PARKED).order_by("finished_at"))


def retry(job_id: uuid.UUID) -> bool:
    """Queue a parked job again with all its attempts; return False if it is not parked or a newer one is open."""
    try:
        with transaction.atomic():
            changed = JOB.update(
                Job.objects.filter(pk=job_id),
                start=Job.State.PARKED,
                to=Job.State.QUEUED,
                attempts=0,
                due_at=None,
                finished_at=None,
                again=False,
            )
    except IntegrityError:
        return False
    if changed:
        urgency = Job.objects.values_list("urgency", flat=True).get(pk=job_id)
        transaction.on_commit(partial(_dispatch, job_id, urgency), robust=True)
    return bool(changed)


def run(job_id: uuid.UUID, *, early: bool = False) -> bool:
    """Make one attempt at a job; return False if it could not be claimed (running elsewhere, done, not yet due).

    `early` skips the pause after a failure.
    """
    token = uuid.uuid4()
    job = _claim(job_id, token=token, early=early)
    if job is None:
        return False
    handler = _handlers.get(job.kind)
    if handler is None:
        _finish(job, token=token, state=Job.State.PARKED, error="NoHandler")
        return True
    try:
        with _lease(job_id, token=token):
            handler(job.subject)
    except GiveUp as reason:
        logger.warning("job %s (%s) parked: %s", job.id, job.kind, reason.code)
        _finish(job, token=token, state=Job.State.PARKED, error=reason.code)
    except Exception as error:
        logger.warning("job %s (%s), attempt %s failed", job.id, job.kind, job.attempts, exc_info=error)
        _retry_or_park(job, token=token, error=type(error).__name__)
    else:
        _finish(job, token=token, state=Job.State.DONE, error="")
    return True


def run_urgent_first(job_id: uuid.UUID) -> bool:
    """Run every due job that is more urgent than this one, most urgent first, then this one; return whether it ran."""
    mine = Job.objects.filter(pk=job_id).values_list("urgency", flat=True).first()
    if mine is None:
        return False
    # A lane of its own is not this worker's to clear: its worker is on the way, unless it is neglected.
    before = Q(urgency__lt=mine, urgency__gt=Urgency.DESTRUCTION) | _neglected()
    while (more_urgent := _first_due(before & ~Q(pk=job_id))) is not None:
        if not run(more_urgent):
            break  # another worker was faster
    return run(job_id)


def run_neglected() -> int:
    """Run destructions that wait too long for their own worker, which may be down; return how many."""
    made = 0
    while (job_id := _first_due(_neglected())) is not None and run(job_id):
        made += 1
    return made


def run_waiting() -> int:
    """Run every queued job in this process until none is due; return the number of attempts.

    For tests and for seeding. Jobs that wait after a failure are tried once per call, without the pause.
    """
    made = sum(run(job_id, early=True) for job_id in _queued())
    while True:
        more = sum(run(job_id) for job_id in _queued())
        if not more:
            return made
        made += more


def dispatch_waiting(*, only: Urgency | None = None) -> int:
    """Send queued jobs that are due and jobs with an expired lease to the workers again; return how many.

    `only` sends those of one urgency. Jobs that died in their last attempt are parked here.
    """
    lost = Job.objects.filter(lease_until__lte=Now(), attempts__gte=MAX_ATTEMPTS)
    JOB.update(lost, to=Job.State.PARKED, error=LOST, token=None, lease_until=None, finished_at=Now())
    found = Job.objects.filter(_claimable(early=False))
    if only is not None:
        found = found.filter(urgency=only)
    waiting = list(found.order_by("urgency", "created_at").values_list("pk", "urgency")[:200])
    for job_id, urgency in waiting:
        if not _dispatch(job_id, urgency):
            break
    return len(waiting)


def urgent_rounds() -> list[str]:
    """Return the names of the rounds that destruction depends on."""
    return sorted(name for name, registered in _rounds.items() if registered.urgent)


def run_due_rounds(*, urgent: bool | None = None) -> list[str]:
    """Call every registered round that is due, or only those that are urgent or not; return their names.

    A failing round does not stop the others.
    """
    called = []
    for name, registered in sorted(_rounds.items()):
        if urgent is not None and registered.urgent != urgent:
            continue
        Round.objects.get_or_create(name=name)
        # A little early counts: the schedule ticks about once a minute, and 59.9 s must not become two minutes.
        due = Q(ran_at__isnull=True) | Q(ran_at__lte=_now_plus(-0.9 * registered.seconds))
        if not Round.objects.filter(due, name=name).update(ran_at=Now()):
            continue
        try:
            registered.function()
        except Exception as error:
            logger.error("round %s failed", name, exc_info=error)
        called.append(name)
    return called


def _queued() -> list[uuid.UUID]:
    queued = Job.objects.filter(state=Job.State.QUEUED)
    return list(queued.order_by("urgency", "created_at").values_list("pk", flat=True))


def _first_due(condition: Q) -> uuid.UUID | None:
    due = Job.objects.filter(condition, _claimable(early=False))
    return due.order_by("urgency", "created_at").values_list("pk", flat=True).first()


def _neglected() -> Q:
    waits_since = Coalesce(F("due_at"), F("lease_until"), F("created_at"))
    return Q(LessThanOrEqual(waits_since, _now_plus(-NEGLECTED_SECONDS)), urgency=Urgency.DESTRUCTION)


def _now_plus(seconds: float) -> Combinable:
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())


def _claimable(*, early: bool) -> Q:
    queued = Q(state=Job.State.QUEUED)
    if not early:
        queued &= Q(due_at__isnull=True) | Q(due_at__lte=Now())
    return queued | Q(state=Job.State.RUNNING, lease_until__lte=Now(), attempts__lt=MAX_ATTEMPTS)


def _claim(job_id: uuid.UUID, *, token: uuid.UUID, early: bool) -> Job | None:
    claimed = JOB.update(
        Job.objects.filter(_claimable(early=early), pk=job_id),
        to=Job.State.RUNNING,
        token=token,
        lease_until=_now_plus(LEASE_SECONDS),
        attempts=F("attempts") + 1,
        due_at=None,
        again=False,
        started_at=Now(),
    )
    return Job.objects.filter(pk=job_id, token=token).first() if claimed else None


@contextmanager
def _lease(job_id: uuid.UUID, *, token: uuid.UUID) -> Iterator[None]:
    """Renew the lease from a thread with its own database connection while the block runs."""
    over = threading.Event()
    thread = threading.Thread(target=_renew, args=(job_id, token, over), name=f"lease-{job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(job_id: uuid.UUID, token: uuid.UUID, over: threading.Event) -> None:
    while not over.wait(RENEW_SECONDS):
        try:
            if not Job.objects.filter(pk=job_id, token=token).update(lease_until=_now_plus(LEASE_SECONDS)):
                return  # the attempt is presumed dead; its last update will not match either
        except DatabaseError as error:
            logger.warning("lease of job %s not renewed: %s", job_id, error)
        finally:
            connection.close()


def _retry_or_park(job: Job, *, token: uuid.UUID, error: str) -> None:
    if job.attempts >= MAX_ATTEMPTS:
        logger.error("job %s (%s) parked after %s attempts: %s", job.id, job.kind, job.attempts, error)
        _finish(job, token=token, state=Job.State.PARKED, error=error)
        return
    pause = RETRY_SECONDS[min(job.attempts, len(RETRY_SECONDS)) - 1]
    JOB.update(
        Job.objects.filter(pk=job.pk, token=token),
        to=Job.State.QUEUED,
        token=None,
        lease_until=None,
        due_at=_now_plus(pause),
        error=error[:100],
    )


def _finish(job: Job, *, token: uuid.UUID, state: Job.State, error: str) -> None:
    """Write the attempt's last update: back to the queue if the job was requested again meanwhile, else `state`."""
    mine = Job.objects.filter(pk=job.pk, token=token)
    over = JOB.update(
        mine.filter(again=False), to=state, token=None, lease_until=None, finished_at=Now(), error=error[:100]
    )
    if over:
        return
    asked_again = JOB.update(
        mine,
        to=Job.State.QUEUED,
        token=None,
        lease_until=None,
        again=False,
        attempts=0,
        due_at=None,
        error=error[:100],
    )
    if asked_again:
        _dispatch(job.pk, job.urgency)
    else:
        logger.warning("job %s (%s): this attempt had been given up, its end is ignored", job.id, job.kind)


def _dispatch(job_id: uuid.UUID, urgency: int) -> bool:
    global _broker_down_until
    if time.monotonic() < _broker_down_until:
        return False
    try:
        # By its name: the task imports this module.
        current_app.tasks[RUN_JOB].apply_async(args=[str(job_id)], queue=broker_queue(urgency), retry=False)
    except (KombuError, OSError) as error:
        # The row waits in the database; beat dispatches it when the broker is back.
        logger.warning("job %s not dispatched: %s", job_id, type(error).__name__)
        _broker_down_until = time.monotonic() + BROKER_PAUSE_SECONDS
        return False
    return True
