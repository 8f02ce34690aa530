"""What comes first when several jobs wait, and whose worker does it."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from core import tasks
from core.jobs import Urgency, queue
from core.models import Job

DESTRUCTION, PREVIEW, SEAL, INSPECT, MAIL, EXPORTS = Urgency
URGENCIES = {
    "withdrawal.purge": DESTRUCTION,
    "removal.purge": DESTRUCTION,
    "case.take_down": DESTRUCTION,
    "consent.destroy_document": DESTRUCTION,
    "accounts.destroy_evidence": DESTRUCTION,
    "accounts.destroy_portrait": DESTRUCTION,
    "accounts.destroy_export": DESTRUCTION,
    "accounts.erase": DESTRUCTION,
    "imaging.result": PREVIEW,
    "imaging.seal": SEAL,
    "consent.check_signature": SEAL,
    "imaging.inspect": INSPECT,
    "accounts.prepare_evidence": MAIL,
    "accounts.prepare_portrait": MAIL,
    "accounts.orcid_linked": MAIL,
    "accounts.picture_refused": MAIL,
    "accounts.received": MAIL,
    "accounts.drafted": MAIL,
    "accounts.stuck": MAIL,
    "accounts.renewal": MAIL,
    "accounts.lapsed": MAIL,
    "conduct.remind": MAIL,
    "accounts.decided": MAIL,
    "accounts.asked": MAIL,
    "accounts.application_waits": MAIL,
    "notices.mail": MAIL,
    "notices.digest": MAIL,
    "notices.push": MAIL,
    "accounts.address_new": MAIL,
    "accounts.address_old": MAIL,
    "accounts.reset": MAIL,
    "accounts.recovery_asked": MAIL,
    "accounts.recovery_waits": MAIL,
    "accounts.recovery_approved": MAIL,
    "accounts.recovery_refused": MAIL,
    "accounts.recovery_done": MAIL,
    "accounts.factor_added": MAIL,
    "accounts.factor_removed": MAIL,
    "accounts.codes_made": MAIL,
    "accounts.code_used": MAIL,
    "accounts.passkey_copied": MAIL,
    "accounts.check_decided": MAIL,
    "accounts.office_ended": MAIL,
    "accounts.office_ends": MAIL,
    "accounts.office_overdue": MAIL,
    "accounts.offices_end": MAIL,
    "accounts.reinstated": MAIL,
    "accounts.supervision_answered": MAIL,
    "accounts.supervision_asked": MAIL,
    "accounts.supervision_ended": MAIL,
    "accounts.suspended": MAIL,
    "accounts.suspension_appealed": MAIL,
    "accounts.suspension_upheld": MAIL,
    "accounts.tell_of_change": MAIL,
    "moderation.tell_author": MAIL,
    "moderation.tell_moderators": MAIL,
    "case.tell_audience_lost": MAIL,
    "case.tell_gone": MAIL,
    "case.tell_followers_released": MAIL,
    "case.tell_followers_closed": MAIL,
    "group.tell_answered": MAIL,
    "group.tell_appointed": MAIL,
    "group.tell_decided": MAIL,
    "group.tell_ended": MAIL,
    "group.tell_invited": MAIL,
    "group.tell_proposed": MAIL,
    "group.tell_removed": MAIL,
    "group.tell_requested": MAIL,
    "staff.late": MAIL,
    "staff.repaired": MAIL,
    "consent.remind": MAIL,
    "accounts.build_export": EXPORTS,
    "export.tell_recalled": EXPORTS,
    "case.compare_words": EXPORTS,
    "case.compare_pictures": EXPORTS,
}
URGENT_ROUNDS = {"consults.withdrawal.maintenance.resume_late_purges", "consent.tasks.advance_lifecycles"}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of jobs that were done, in order; handlers for one kind of each urgency, called like it."""
    order: list[str] = []
    for urgency in Urgency:
        kind = urgency.name.lower()
        monkeypatch.setitem(queue._handlers, kind, _noting(order, kind))
        monkeypatch.setitem(queue._urgencies, kind, urgency)
    return order


def _noting(order: list[str], kind: str) -> Callable[[uuid.UUID], None]:
    return lambda _subject: order.append(kind)


def enqueue(kind: str, *, age: float = 0) -> Job:
    job = queue.enqueue(kind=kind, subject=uuid.uuid4())
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(seconds=age))
    return job


def test_every_kind_has_its_urgency() -> None:
    # A kind without a row here is one whose place in the queue nobody has thought about.
    ours = {kind: urgency for kind, urgency in queue._urgencies.items() if not kind.startswith("tests.")}
    assert ours == URGENCIES


def test_rounds_that_destruction_depends_on_run_in_its_worker() -> None:
    assert {name for name, registered in queue._rounds.items() if registered.urgent} == URGENT_ROUNDS


@pytest.mark.django_db
def test_a_worker_does_what_is_more_urgent_first(done: list[str]) -> None:
    last = enqueue("exports", age=60)
    for kind, age in (("mail", 50), ("inspect", 40), ("seal", 1)):
        enqueue(kind, age=age)
    tasks.run_job(str(last.pk))
    assert done == ["seal", "inspect", "mail", "exports"]


@pytest.mark.django_db
def test_of_the_same_urgency_each_does_its_own(done: list[str]) -> None:
    first, second = enqueue("mail", age=9), enqueue("mail")
    tasks.run_job(str(second.pk))
    assert Job.objects.get(pk=first.pk).state == "queued"
    assert Job.objects.get(pk=second.pk).state == "done"


@pytest.mark.django_db
def test_a_job_that_is_gone_is_no_error(done: list[str]) -> None:
    tasks.run_job(str(uuid.uuid4()))
    assert done == []


@pytest.mark.django_db
def test_run_waiting_begins_with_destruction(done: list[str]) -> None:
    for kind in ("exports", "mail", "inspect", "seal", "destruction"):
        enqueue(kind)
    assert queue.run_waiting() == 5
    assert done == ["destruction", "seal", "inspect", "mail", "exports"]


@pytest.mark.django_db
@pytest.mark.parametrize(("waits", "taken"), [(1, False), (14, False), (16, True)])
def test_destruction_is_left_to_its_worker_until_it_is_neglected(done: list[str], waits: float, taken: bool) -> None:
    enqueue("destruction", age=waits)
    mail = enqueue("mail")
    tasks.dispatch_waiting()
    assert done == ["destruction"] * taken
    tasks.run_job(str(mail.pk))
    assert done == ["destruction"] * taken + ["mail"]


@pytest.mark.django_db
def test_a_neglected_destruction_comes_before_a_mail(done: list[str]) -> None:
    enqueue("destruction", age=20)
    tasks.run_job(str(enqueue("mail", age=90).pk))
    assert done == ["destruction", "mail"]


@pytest.mark.django_db
def test_a_destruction_after_a_failure_is_neglected_from_its_next_time_on(done: list[str]) -> None:
    job = enqueue("destruction", age=300)
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(seconds=5))
    assert queue.run_neglected() == 0
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(seconds=16))
    assert queue.run_neglected() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("only", "sent"), [(None, ["destruction", "celery", "celery"]), (Urgency.DESTRUCTION, ["destruction"])]
)
def test_ringing_sends_the_most_urgent_first_to_its_queue(
    done: list[str], monkeypatch: pytest.MonkeyPatch, only: Urgency | None, sent: list[str]
) -> None:
    for kind in ("mail", "seal", "destruction"):
        enqueue(kind)
    queues: list[tuple[str, str]] = []

    def note(*, args: list[str], queue: str, **_options: Any) -> None:
        queues.append((queue, Job.objects.get(pk=args[0]).kind))

    monkeypatch.setattr(current_app.tasks[queue.RUN_JOB], "apply_async", note)
    monkeypatch.setattr(queue, "_broker_down_until", 0.0)
    queue.dispatch_waiting(only=only)
    assert queues == list(zip(sent, ["destruction", "seal", "mail"], strict=False))


@pytest.mark.django_db
def test_rounds_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    rounds = {
        "a": queue._Round(60, lambda: called.append("a"), urgent=True),
        "b": queue._Round(60, lambda: called.append("b"), urgent=False),
    }
    monkeypatch.setattr(queue, "_rounds", rounds)
    tasks.run_due_urgent_rounds()
    assert called == ["a"]
    tasks.run_due_rounds()
    assert called == ["a", "b"]
