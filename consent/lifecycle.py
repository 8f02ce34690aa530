"""Changes of a consent between its signature and its end: narrowed, superseded, expired, entered in error.

Every step locks the consent row first, is one conditional update, and leaves a log entry.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent import hooks, withdrawal
from consent.models import (
    AUDIENCE_USES,
    Capacity,
    Cause,
    Consent,
    Removal,
    Status,
    Use,
    Withdrawal,
    WithdrawnBy,
)
from consent.records.statement import last_day, may_come_of_age
from consent.records.states import CONSENT
from consent.withdrawal import DESTROY_DOCUMENT, NotPossible
from core import jobs


@dataclass(frozen=True)
class Part:
    """The part of a consent to take back: some uses (with the group of a named group), or an earlier end."""

    uses: frozenset[tuple[Use, UUID | None]] = field(default_factory=frozenset)
    ends_on: date | None = None


# --- Narrowing


@transaction.atomic
def narrow(*, consent_id: UUID, part: Part, by: WithdrawnBy, actor: Member | None = None) -> Removal:
    """Take back a part; material that it no longer covers is hidden on return, and then destroyed.

    Raises NotPossible when the consent is not active, nothing would change, or no audience would be left.
    """
    consent = Consent.objects.select_for_update().get(pk=consent_id)
    if not Consent.objects.active().filter(pk=consent.pk).exists():
        raise NotPossible(_("This consent is not active any more. There is nothing left to narrow."))
    taken = Q(pk__in=[])
    for use, scope in part.uses:
        taken |= Q(use=use, scope=scope)
    rows = list(consent.uses.filter(taken).order_by("use", "scope"))
    ends_on = _checked_end(consent, part.ends_on)
    if not rows and ends_on is None:
        raise NotPossible(_("Nothing would change. Choose what to take back."))
    if not consent.uses.exclude(taken).filter(use__in=AUDIENCE_USES).exists():
        raise NotPossible(_("Then nobody could see the pictures any more. Withdraw the whole consent instead."))
    consent.uses.filter(pk__in=[row.pk for row in rows]).delete()
    if ends_on is not None:
        Consent.objects.filter(pk=consent.pk).update(expires_on=ends_on)
        consent.refresh_from_db()
    removal = Removal(
        consent=consent,
        cause=Cause.NARROWED,
        by=by,
        uses=[[row.use, str(row.scope) if row.scope else ""] for row in rows],
        ends_on=ends_on,
    )
    return withdrawal.apply_removal(consent=consent, removal=removal, actor=actor)


def _checked_end(consent: Consent, wanted: date | None) -> date | None:
    if wanted is None or wanted == consent.expires_on:
        return None
    if wanted < timezone.now().date():
        raise NotPossible(_("This date is over. To end it now, withdraw the whole consent."))
    if consent.expires_on is not None and wanted > consent.expires_on:
        raise NotPossible(_("The consent ends before this date already. A longer time needs a new signature."))
    return wanted


def preview_removal(*, consent_id: UUID, part: Part | UUID) -> hooks.Effects:
    """Count what taking back a part, or one picture (its id), would remove. Raises NotPossible.

    The removal is carried out and rolled back in one transaction, so that the preview cannot differ from it.
    """
    with transaction.atomic():
        by = WithdrawnBy.PATIENT
        if isinstance(part, Part):
            made = narrow(consent_id=consent_id, part=part, by=by)
        else:
            made = withdrawal.withdraw_picture(consent_id=consent_id, picture=part, by=by)
        transaction.set_rollback(True)
    return hooks.Effects(cases=made.cases, pictures=made.pictures, comments=made.comments)


# --- Other ends


@transaction.atomic
def supersede(*, old: Consent, new: Consent, by: Member) -> None:
    """Record that `new` replaces an active `old`, so that the code on either receipt withdraws it.

    `old` stays active while other cases still depend on it. Raises NotPossible for consents of different patients: a
    code reaches nobody else's pictures.
    """
    if old.patient != new.patient:
        raise NotPossible(_("This consent was recorded for another case, so it does not replace the one that is here."))
    needed = hooks.effects_of(old).cases > 0
    rows = Consent.objects.filter(pk=old.pk, status=Status.ACTIVE).exclude(pk=new.pk)
    if needed:
        changed = rows.update(superseded_by=new)
    else:
        changed = CONSENT.update(rows, to=Status.SUPERSEDED, superseded_by=new)
    if changed:
        Consent.objects.filter(pk=new.pk).update(superseded_by=None)
        hooks.follow(old)
        record(verb="consent.superseded", actor=by, subject=("consent", old.pk), by=str(new.pk), still_needed=needed)


@transaction.atomic
def mark_entered_in_error(*, consent_id: UUID, by: Member) -> None:
    """Mark a consent that should never have been recorded (another patient, another form).

    Its cases return to their author's drafts. The signed document is destroyed, because it may be somebody else's.
    Raises states.Moved.
    """
    consent = Consent.objects.select_for_update().get(pk=consent_id)
    CONSENT.move(consent, to=Status.ENTERED_IN_ERROR)
    hooks.hide(consent)
    jobs.enqueue(kind=DESTROY_DOCUMENT, subject=consent.id)
    record(verb="consent.entered_in_error", actor=by, subject=("consent", consent.id))


def expire_due() -> int:
    """Mark consents past their end date as expired, as the gate already treats them; return how many."""
    count = 0
    over = Consent.objects.filter(status=Status.ACTIVE, expires_on__lt=timezone.now().date())
    for consent_id in over.values_list("pk", flat=True):
        with transaction.atomic():
            consent = Consent.objects.select_for_update().get(pk=consent_id)
            if consent.status != Status.ACTIVE:
                continue
            CONSENT.move(consent, to=Status.EXPIRED)
            hooks.follow(consent)
            record(verb="consent.expired", actor=None, subject=("consent", consent.id))
        count += 1
    return count


def destroy_expired() -> int:
    """Destroy the material of consents that expired some time ago (RULES); return how many consents.

    Until then the author may ask the patient again and put the cases under a new consent.
    """
    count = 0
    last = timezone.now().date() - timedelta(days=settings.RULES["expired_consent_days"])
    over = Consent.objects.filter(status=Status.EXPIRED, expires_on__lt=last).exclude(removals__cause=Cause.EXPIRED)
    for consent_id in over.values_list("pk", flat=True):
        with transaction.atomic():
            consent = Consent.objects.select_for_update().get(pk=consent_id)
            if consent.status != Status.EXPIRED or consent.removals.filter(cause=Cause.EXPIRED).exists():
                continue
            removal = Removal(consent=consent, cause=Cause.EXPIRED)
            withdrawal.apply_removal(consent=consent, removal=removal, actor=None)
        count += 1
    return count


@transaction.atomic
def remove_with_clinician(*, consent_id: UUID, clinician: Member) -> Removal | None:
    """Hide and destroy the material under a consent whose clinician leaves; the consent and its code stay. Idempotent.

    Nobody else answers for the material, and no member may see that of an author who is not verified. Returns None for
    a consent that was withdrawn: that took the material already.
    """
    consent = Consent.objects.select_for_update().get(pk=consent_id)
    known = consent.removals.filter(cause=Cause.LEFT).first()
    if known is not None or consent.status == Status.WITHDRAWN:
        return known
    removal = Removal(consent=consent, cause=Cause.LEFT, by=WithdrawnBy.CLINICIAN)
    return withdrawal.apply_removal(consent=consent, removal=removal, actor=clinician)


# --- Coming of age


@transaction.atomic
def note_majority(*, consent_id: UUID, year: int, by: Member) -> None:
    """Record the year in which a child comes of age; a guardian's consent ends with that year at the latest.

    Raises NotPossible when the consent is not an active one for a child, or the year is impossible.
    """
    consent = Consent.objects.select_for_update().get(pk=consent_id)
    if consent.capacity != Capacity.CHILD or consent.status != Status.ACTIVE:
        raise NotPossible(_("Only an active consent that was given for a child has such a year."))
    if not may_come_of_age(year=year, capacity=consent.capacity, signed_on=consent.signed_on):
        raise NotPossible(_("This year cannot be right for somebody who was a child when the consent was signed."))
    end = last_day(expires_on=consent.expires_on, majority_year=year)
    Consent.objects.filter(pk=consent.pk).update(majority_year=year, expires_on=end)
    hooks.follow(consent)
    record(verb="consent.majority_noted", actor=by, subject=("consent", consent.id), year=year)


# --- Overdue destructions


def overdue_destructions() -> list[Withdrawal | Removal]:
    """Return destructions that are not finished within their time limit (RULES), oldest first."""
    withdrawals, removals = overdue_rows()
    found: list[Withdrawal | Removal] = [*withdrawals, *removals]
    return sorted(found, key=lambda made: made.requested_at)


def overdue_rows() -> tuple[QuerySet[Withdrawal], QuerySet[Removal]]:
    """Return the same as queries: whole consents, and parts of them."""
    before = timezone.now() - timedelta(minutes=settings.RULES["purge_minutes"])
    unfinished = {"completed_at__isnull": True, "requested_at__lt": before}
    return Withdrawal.objects.filter(**unfinished), Removal.objects.filter(**unfinished)
