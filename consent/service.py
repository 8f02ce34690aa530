"""Look up, supersede and withdraw a consent. Every change locks the consent row first and leaves an audit line.

Lock order: the consent row before anything that hangs on it. `consults.gate.release` locks the same row
first, so that a release and a withdrawal cannot pass each other.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Member
from audit.record import record
from consent import codes, effects
from consent.models import (
    Consent,
    ConsentQuerySet,
    ConsentUse,
    Status,
    Use,
    Withdrawal,
    WithdrawnBy,
)
from core import jobs, storage, vault

PURGE = "withdrawal.purge"


def covering(*, group_id: UUID | None) -> ConsentQuerySet:
    """Active consents that allow this audience; None means all vetted members.

    Leave to show all vetted members covers a group too, because a group has vetted members only. The
    reverse does not hold.
    """
    wanted = Q(use=Use.ALL_MEMBERS)
    if group_id is not None:
        wanted |= Q(use=Use.NAMED_GROUP, scope=group_id)
    return Consent.objects.active().filter(Exists(ConsentUse.objects.filter(wanted, consent=OuterRef("pk"))))


def allows(*, consent: Consent, use: Use) -> bool:
    """Whether this use was ticked."""
    return consent.uses.filter(use=use).exists()


def find_by_code(code: str) -> Consent | None:
    """The consent that this withdrawal code reaches, whatever its state; of a superseded one, its successor."""
    if not codes.normalise(code):
        return None
    found = Consent.objects.filter(code_sha256=codes.digest(code)).first()
    while found is not None and found.status == Status.SUPERSEDED and found.superseded_by is not None:
        found = found.superseded_by
    return found


@transaction.atomic
def supersede(*, old: Consent, new: Consent, by: Member) -> None:
    """Note that `new` took the place of an active `old`, so that the code on either receipt withdraws it.

    `old` stays active while something else still hangs on it.
    """
    needed = effects.of(old).cases > 0
    status = Status.ACTIVE if needed else Status.SUPERSEDED
    changed = Consent.objects.filter(pk=old.pk, status=Status.ACTIVE).exclude(pk=new.pk)
    if changed.update(superseded_by=new, status=status):
        Consent.objects.filter(pk=new.pk).update(superseded_by=None)
        record(verb="consent.superseded", actor=by, subject=("consent", old.pk), by=str(new.pk), still_needed=needed)


@transaction.atomic
def withdraw(*, consent_id: UUID, by: WithdrawnBy, actor: Member | None = None) -> Withdrawal:
    """Withdraw a consent; everything that hangs on it is hidden when this returns.

    Idempotent: a second call returns the first withdrawal. A job then destroys keys and bytes.
    """
    consent = Consent.objects.select_for_update().get(pk=consent_id)
    if consent.status == Status.WITHDRAWN:
        return Withdrawal.objects.get(consent=consent)
    consent.status = Status.WITHDRAWN
    consent.save(update_fields=["status"])
    withdrawal = Withdrawal.objects.create(consent=consent, by=by)
    record(verb="consent.withdrawn", actor=actor, subject=("consent", consent.id), by=str(by))
    jobs.enqueue(kind=PURGE, subject=consent.id)
    if consent.superseded_by_id is not None:
        withdraw(consent_id=consent.superseded_by_id, by=by, actor=actor)
    return withdrawal


def destroy_document(*, consent: Consent) -> None:
    """Destroy the key of the signed document, then its bytes. Safe to repeat."""
    vault.destroy(consent.id)
    if consent.document_name:
        storage.delete(storage.documents(), name=consent.document_name)
        Consent.objects.filter(pk=consent.pk).update(document_name="")


@transaction.atomic
def complete(*, consent_id: UUID, cases: int, pictures: int, comments: int) -> None:
    """Note that the purge is finished; repeating it changes nothing."""
    finished = Withdrawal.objects.filter(consent_id=consent_id, completed_at__isnull=True).update(
        completed_at=timezone.now(), cases=cases, pictures=pictures, comments=comments
    )
    if finished:
        record(
            verb="consent.purged",
            actor=None,
            subject=("consent", consent_id),
            cases=cases,
            pictures=pictures,
            comments=comments,
        )
