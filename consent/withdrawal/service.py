"""Withdrawal of a consent, whole or one picture of it, and records of the destruction that follows.

What is taken back is hidden when the call returns. A job then destroys keys and bytes; the app above, which
knows the cases, does that work.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent import hooks
from consent.models import REDACTED, Cause, Consent, Destruction, Removal, Status, Use, Withdrawal, WithdrawnBy
from consent.records.states import CONSENT
from core import jobs, storage
from core.crypto import vault
from core.exceptions import Refusal

PURGE = "withdrawal.purge"  # subject: the consent
PURGE_PART = "removal.purge"  # subject: the removal
DESTROY_DOCUMENT = "consent.destroy_document"  # subject: the consent


class NotPossible(Refusal):
    """The consent cannot be changed in this way."""


@transaction.atomic
def withdraw(*, consent_id: UUID, by: WithdrawnBy, actor: Member | None = None) -> Withdrawal:
    """Withdraw a consent and its successors; all material under them is hidden on return.

    Idempotent: a second call returns the first withdrawal. Raises states.Moved for a draft or a refusal.
    """
    # All rows first, the log last: a transaction that holds the log must not wait for a row.
    chain = [Consent.objects.select_for_update().get(pk=consent_id)]
    while chain[-1].superseded_by_id is not None:
        chain.append(Consent.objects.select_for_update().get(pk=chain[-1].superseded_by_id))
    made = [(consent, _withdraw_one(consent=consent, by=by)) for consent in chain if consent.status != Status.WITHDRAWN]
    for consent, withdrawal in made:
        jobs.enqueue(kind=PURGE, subject=consent.id)
        record(
            verb="consent.withdrawn",
            actor=actor,
            subject=("consent", consent.id),
            by=str(by),
            cases=withdrawal.cases,
            pictures=withdrawal.pictures,
        )
    return Withdrawal.objects.get(consent=chain[0])


def preview_withdrawal(*, consent: Consent) -> hooks.Effects:
    """Count the material that withdrawing this consent and its successors would remove."""
    held = hooks.effects_of(consent)
    while consent.superseded_by is not None:
        consent = consent.superseded_by
        held += hooks.effects_of(consent)
    return held


def _withdraw_one(*, consent: Consent, by: WithdrawnBy) -> Withdrawal:
    CONSENT.move(consent, to=Status.WITHDRAWN)
    erase_free_text(consent=consent)
    lost = hooks.hide(consent)
    return Withdrawal.objects.create(
        consent=consent, by=by, cases=lost.cases, pictures=lost.pictures, comments=lost.comments
    )


@transaction.atomic
def withdraw_picture(*, consent_id: UUID, picture: UUID, by: WithdrawnBy, actor: Member | None = None) -> Removal:
    """Take back one picture; the others of its case stay. Idempotent. Raises NotPossible."""
    consent = Consent.objects.select_for_update().get(pk=consent_id)
    known = Removal.objects.filter(consent=consent, picture=picture).first()
    if known is not None:
        return known
    if consent.status not in (Status.ACTIVE, Status.EXPIRED):
        raise NotPossible(_("This consent is not active any more. Nobody sees the picture."))
    if picture not in {one.id for one in hooks.pictures_of(consent)}:
        raise NotPossible(_("There is no such picture under this consent. It may be gone already."))
    return apply_removal(
        consent=consent, removal=Removal(consent=consent, cause=Cause.PICTURE, by=by, picture=picture), actor=actor
    )


def apply_removal(*, consent: Consent, removal: Removal, actor: Member | None) -> Removal:
    """Save a removal, hide the material that is no longer covered, and enqueue its destruction.

    The caller holds the lock on the consent row.
    """
    removal.save(force_insert=True)
    lost = hooks.hide(consent, removal)
    removal.cases, removal.pictures, removal.comments = lost.cases, lost.pictures, lost.comments
    removal.save(update_fields=["cases", "pictures", "comments"])
    jobs.enqueue(kind=PURGE_PART, subject=removal.id)
    record(
        verb=_VERBS[Cause(removal.cause)],
        actor=actor,
        subject=("consent", consent.id),
        removal=str(removal.id),
        by=removal.by,
        uses=sorted(f"{use}:{scope}" if scope else str(use) for use, scope in removal.uses),
        ends_on=removal.ends_on.isoformat() if removal.ends_on else "",
        picture=str(removal.picture or ""),
        cases=removal.cases,
        pictures=removal.pictures,
    )
    return removal


_VERBS = {
    Cause.NARROWED: "consent.narrowed",
    Cause.PICTURE: "consent.picture_withdrawn",
    Cause.EXPIRED: "consent.ended",
    Cause.LEFT: "consent.clinician_left",
}


# --- Progress of the destruction


def erase_free_text(*, consent: Consent) -> None:
    """Erase free text: by what authority somebody signed, and the name of a publication."""
    Consent.objects.filter(pk=consent.pk).update(authority="")
    consent.uses.filter(use=Use.PUBLICATION).update(publication=REDACTED)


def destroy_document(*, consent: Consent) -> None:
    """Destroy the key of the signed document, then its bytes, and all free text. Safe to repeat."""
    erase_free_text(consent=consent)
    vault.destroy(consent.id)
    if consent.document_name:
        storage.delete(storage.documents(), name=consent.document_name)
        Consent.objects.filter(pk=consent.pk).update(document_name="")


def mark_keys_destroyed(*, made: Withdrawal | Removal) -> None:
    """Record that from now on nobody can open the pictures; only the first call counts."""
    now = timezone.now()
    type(made).objects.filter(pk=made.pk, keys_destroyed_at__isnull=True).update(keys_destroyed_at=now)


@transaction.atomic
def mark_complete(*, made: Withdrawal | Removal) -> None:
    """Record that nothing is left to destroy; repeating it changes nothing."""
    if type(made).objects.filter(pk=made.pk, completed_at__isnull=True).update(completed_at=timezone.now()):
        made.refresh_from_db()
        record(
            verb="consent.purged",
            actor=None,
            subject=("consent", made.consent_id),
            record=str(made.pk),
            cases=made.cases,
            pictures=made.pictures,
            comments=made.comments,
            quotes=made.quotes,
        )


def job_of(made: Destruction) -> tuple[str, UUID]:
    """Return kind and subject of the job that carries out this destruction."""
    if isinstance(made, Removal):
        return PURGE_PART, made.pk
    assert isinstance(made, Withdrawal)  # noqa: S101 - there are two kinds
    return PURGE, made.consent_id
