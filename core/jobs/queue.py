"""Work that must not be lost: a row created with the thing it is for, claimed under a lease.

A worker claims a job by one conditional UPDATE and gets a token that its last UPDATE must match, so that
an attempt which was given up as dead cannot finish twice. Leases run by the database's clock. Handlers
may be run twice and may die anywhere; after three attempts a job is parked where staff see it.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from kombu.exceptions import KombuError

from core.models import Job, Round

logger = logging.getLogger(__name__)

LEASE_SECONDS = 60
RENEW_SECONDS = 20
MOST_ATTEMPTS = 3
RETRY_SECONDS = (5, 30)  # after the first and after the second failed attempt
SILENT_SECONDS = 30  # after a broker that did not answer; a dead one costs its caller seconds each time
LOST = "lost"  # the reason of a job whose every attempt died without a word

Handler = Callable[[uuid.UUID], None]
_handlers: dict[str, Handler] = {}
_rounds: dict[str, tuple[float, Callable[[], object]]] = {}
_silent_until = 0.0  # by time.monotonic(), in this process


class GiveUp(Exception):
    """Raised by a handler to park its job at once; `code` says why in one word, without content."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AlreadyHandled(Exception):
    """Two functions claim one kind of job, or one name of a round."""


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of this kind; it gets the subject's id. Raises AlreadyHandled."""

    def register(handler: Handler) -> Handler:
        if _handlers.setdefault(kind, handler) is not handler:
            raise AlreadyHandled(kind)
        return handler

    return register


def every(*, seconds: float) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a function to be called about every so many seconds, by one worker at a time.

    The clock ticks once a minute, so shorter intervals than 60 mean once a minute. Raises AlreadyHandled.
    """

    def register(function: Callable[[], object]) -> Callable[[], object]:
        name = f"{function.__module__}.{function.__qualname__}"
        if _rounds.setdefault(name, (seconds, function))[1] is not function:
            raise AlreadyHandled(name)
        return function

    return register


def enqueue(*, kind: str, subject: uuid.UUID) -> Job:
    """The open job of this kind for this subject, made when there is none; call it in the thing's transaction.

    A job that is running is asked to run once more, because it may have read what now changes. The bell
    rings after commit; when the broker is down the row waits for the next `ring`.
    """
    while True:
        # The update also holds the row until our commit, so that a worker cannot claim and finish it
        # between this line and the change it is about.
        mine = Job.objects.filter(kind=kind, subject=subject)
        if mine.filter(state=Job.State.QUEUED).update(due_at=None) == 0:
            mine.filter(state=Job.State.RUNNING).update(again=True)
        job = mine.filter(state__in=Job.OPEN).first()
        if job is None:
            try:
                with transaction.atomic():
                    job = Job.objects.create(kind=kind, subject=subject)
            except IntegrityError:
                continue  # another process made it first
        elif job.state == Job.State.RUNNING and not job.again:
            continue  # it was claimed between the two updates
        transaction.on_commit(partial(_ring_bell, job.id), robust=True)
        return job


def state_of(*, kind: str, subject: uuid.UUID) -> Job | None:
    """The newest job of this kind for this subject, open or not."""
    return Job.objects.filter(kind=kind, subject=subject).order_by("-created_at").first()


def parked() -> list[Job]:
    """Jobs that wait for a person, oldest first."""
    return list(Job.objects.filter(state=Job.State.PARKED).order_by("finished_at"))


def retry(job_id: uuid.UUID) -> bool:
    """Queue a parked job again with all its attempts; False when it is not parked or a newer one is open."""
    try:
        with transaction.atomic():
            changed = Job.objects.filter(pk=job_id, state=Job.State.PARKED).update(
                state=Job.State.QUEUED, attempts=0, due_at=None, finished_at=None, again=False
            )
    except IntegrityError:
        return False
    if changed:
        transaction.on_commit(partial(_ring_bell, job_id), robust=True)
    return bool(changed)


def run(job_id: uuid.UUID, *, early: bool = False) -> bool:
    """One attempt at a job; False when it was not there to claim (running elsewhere, done, not yet due).

    `early` does not wait for the pause after a failure.
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
        _failed(job, token=token, error=type(error).__name__)
    else:
        _finish(job, token=token, state=Job.State.DONE, error="")
    return True


def run_waiting() -> int:
    """Run every queued job in this process until none is due; returns how many attempts were made.

    For tests and for seeding. Jobs that wait after a failure are tried once a call, without the pause.
    """
    made = sum(run(job_id, early=True) for job_id in _queued())
    while True:
        more = sum(run(job_id) for job_id in _queued())
        if not more:
            return made
        made += more


def ring() -> int:
    """Ring again for queued jobs that are due and for those whose lease ran out; returns how many.

    Jobs that died in their last attempt are parked here.
    """
    Job.objects.filter(state=Job.State.RUNNING, lease_until__lte=Now(), attempts__gte=MOST_ATTEMPTS).update(
        state=Job.State.PARKED, error=LOST, token=None, lease_until=None, finished_at=Now()
    )
    waiting = list(
        Job.objects.filter(_claimable(early=False)).order_by("created_at").values_list("pk", flat=True)[:200]
    )
    for job_id in waiting:
        if not _ring_bell(job_id):
            break
    return len(waiting)


def make_rounds() -> list[str]:
    """Call every registered round that is due; returns their names. One that fails does not stop the others."""
    called = []
    for name, (seconds, function) in sorted(_rounds.items()):
        Round.objects.get_or_create(name=name)
        # A little early counts: the clock ticks about once a minute, and 59.9 s must not mean two minutes.
        due = Q(ran_at__isnull=True) | Q(ran_at__lte=_now_plus(-0.9 * seconds))
        if not Round.objects.filter(due, name=name).update(ran_at=Now()):
            continue
        try:
            function()
        except Exception as error:
            logger.error("round %s failed", name, exc_info=error)
        called.append(name)
    return called


def _queued() -> list[uuid.UUID]:
    return list(Job.objects.filter(state=Job.State.QUEUED).order_by("created_at").values_list("pk", flat=True))


def _now_plus(seconds: float) -> Combinable:
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())


def _claimable(*, early: bool) -> Q:
    queued = Q(state=Job.State.QUEUED)
    if not early:
        queued &= Q(due_at__isnull=True) | Q(due_at__lte=Now())
    return queued | Q(state=Job.State.RUNNING, lease_until__lte=Now(), attempts__lt=MOST_ATTEMPTS)


def _claim(job_id: uuid.UUID, *, token: uuid.UUID, early: bool) -> Job | None:
    claimed = Job.objects.filter(_claimable(early=early), pk=job_id).update(
        state=Job.State.RUNNING,
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
    """Renew the lease from a thread with a database connection of its own while the block runs."""
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
                return  # the attempt was given up as dead; its last update will not match either
        except DatabaseError as error:
            logger.warning("lease of job %s not renewed: %s", job_id, error)
        finally:
            connection.close()


def _failed(job: Job, *, token: uuid.UUID, error: str) -> None:
    if job.attempts >= MOST_ATTEMPTS:
        logger.error("job %s (%s) parked after %s attempts: %s", job.id, job.kind, job.attempts, error)
        _finish(job, token=token, state=Job.State.PARKED, error=error)
        return
    pause = RETRY_SECONDS[min(job.attempts, len(RETRY_SECONDS)) - 1]
    Job.objects.filter(pk=job.pk, token=token).update(
        state=Job.State.QUEUED, token=None, lease_until=None, due_at=_now_plus(pause), error=error[:100]
    )


def _finish(job: Job, *, token: uuid.UUID, state: Job.State, error: str) -> None:
    """The attempt's last update: back to the queue when it was asked for again meanwhile, else `state`."""
    mine = Job.objects.filter(pk=job.pk, token=token)
    over = mine.filter(again=False).update(
        state=state, token=None, lease_until=None, finished_at=Now(), error=error[:100]
    )
    if over:
        return
    asked_again = mine.update(
        state=Job.State.QUEUED, token=None, lease_until=None, again=False, attempts=0, due_at=None, error=error[:100]
    )
    if asked_again:
        _ring_bell(job.pk)
    else:
        logger.warning("job %s (%s): this attempt had been given up, its end is ignored", job.id, job.kind)


def _ring_bell(job_id: uuid.UUID) -> bool:
    global _silent_until
    from core.tasks import run_job

    if time.monotonic() < _silent_until:
        return False
    try:
        run_job.apply_async(args=[str(job_id)], retry=False)
    except (KombuError, OSError) as error:
        # The row waits in the database; beat rings again when the broker is back.
        logger.warning("no bell for job %s: %s", job_id, type(error).__name__)
        _silent_until = time.monotonic() + SILENT_SECONDS
        return False
    return True
