"""Recording of consents: a valid statement is stored, its signature sealed, and an entry written into the log."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent import hooks
from consent.models import (
    Consent,
    ConsentUse,
    Shown,
    ShownPicture,
    Signature,
    SignatureProblem,
    Status,
    Until,
    Use,
)
from consent.records import codes
from consent.records.statement import NotRecorded, Statement, last_day, problems_of
from consent.records.states import CONSENT
from core import jobs, storage
from core.crypto import vault
from core.ids import new_id

CHECK_SIGNATURE = "consent.check_signature"  # subject: the consent; the app above has the sandbox that reads pictures


@transaction.atomic
def record_consent(
    *, statement: Statement, by: Member, draft: Consent | None = None, patient: UUID | None = None
) -> tuple[Consent, str]:
    """Record an active consent; return it with the withdrawal code, which is never shown again.

    `patient` is the number on the consent that it replaces; None when it replaces none. Raises NotRecorded with a
    sentence for each invalid field.
    """
    consent = record_consent_without_code(statement=statement, by=by, draft=draft, patient=patient)
    return consent, _set_first_code(consent)


@transaction.atomic
def record_consent_without_code(
    *, statement: Statement, by: Member, draft: Consent | None = None, patient: UUID | None = None
) -> Consent:
    """Record an active consent whose withdrawal code is issued later, by `issue_code`. Raises NotRecorded.

    A draft becomes this consent and keeps its id.
    """
    problems = problems_of(statement)
    if problems:
        raise NotRecorded(problems)
    consent = _build_consent(statement, status=Status.ACTIVE, by=by, draft=draft, patient=patient)
    document = statement.scan if statement.signature == Signature.SCAN else statement.signature_png
    if statement.signature == Signature.CLINIC_HELD:
        consent.document_sha256 = statement.clinic_form_sha256
    else:
        consent.document_sha256 = hashlib.sha256(document).hexdigest()
        consent.document_name = _store_document(consent_id=consent.id, data=document)
    if statement.signature_png and statement.signature in (Signature.DRAWN, Signature.ORAL):
        jobs.enqueue(kind=CHECK_SIGNATURE, subject=consent.id)
    _save(consent, draft=draft)
    _save_uses(statement, consent)
    _save_shown_pictures(statement, consent)
    record(
        verb="consent.given",
        actor=by,
        subject=("consent", consent.id),
        form=statement.form.sha256,
        uses=sorted(str(use) for use, _scope in statement.uses),
        capacity=str(statement.capacity),
        signature=str(statement.signature),
        document=consent.document_sha256,
    )
    return consent


def find_recorded(*, submission: UUID | None, by: Member) -> Consent | None:
    """Return the consent or refusal that this sending has recorded already, if it has."""
    return Consent.objects.filter(recorded_by=by, submission=submission).first() if submission else None


@transaction.atomic
def issue_code(*, consent: Consent, by: Member) -> str:
    """Give an active consent its withdrawal code, once; only its hash is kept.

    Raises NotRecorded when it already has one or is not active.
    """
    code = _set_first_code(consent)
    record(verb="consent.code_issued", actor=by, subject=("consent", consent.id))
    return code


@transaction.atomic
def renew_code(*, consent: Consent, by: Member) -> str:
    """Issue a new withdrawal code for a patient who lost the receipt; the old one stops working.

    Raises NotRecorded when the consent is not active.
    """
    code = codes.new_code()
    if not Consent.objects.active().filter(pk=consent.pk).update(code_sha256=codes.digest(code)):
        raise NotRecorded({"code": _("This consent is not active any more. There is nothing to withdraw with a code.")})
    consent.code_sha256 = codes.digest(code)
    record(verb="consent.code_renewed", actor=by, subject=("consent", consent.id))
    return code


def _set_first_code(consent: Consent) -> str:
    code = codes.new_code()
    fresh = Consent.objects.active().filter(pk=consent.pk, code_sha256__isnull=True)
    if not fresh.update(code_sha256=codes.digest(code)):
        raise NotRecorded({"code": _("This consent has its code already, or is no longer active.")})
    consent.code_sha256 = codes.digest(code)
    return code


def mark_copy_given(*, consent: Consent) -> None:
    """Mark that the patient was given the receipt, which holds the whole form."""
    Consent.objects.filter(pk=consent.pk, copy_given=False).update(copy_given=True)


@transaction.atomic
def record_refusal(
    *, statement: Statement, by: Member, draft: Consent | None = None, patient: UUID | None = None
) -> Consent:
    """Record that the patient, or the child beside a guardian, said no. Nothing is signed, no use is kept.

    A draft becomes this refusal and keeps its id. Raises NotRecorded.
    """
    consent = _build_consent(statement, status=Status.REFUSED, by=by, draft=draft, patient=patient)
    consent.signature = Signature.NOT_SIGNED
    _save(consent, draft=draft)
    _save_shown_pictures(statement, consent)
    record(
        verb="consent.refused",
        actor=by,
        subject=("consent", consent.id),
        form=statement.form.sha256,
        capacity=str(statement.capacity),
        assent=str(statement.assent),
    )
    return consent


@transaction.atomic
def end_at_event(*, event: Until, consent: Consent, by: Member | None = None) -> bool:
    """End an active consent that was given until this event, reported by `by` or detected; return whether it ended.

    Its last day becomes yesterday: it is no longer active, and its material is treated like that of every
    expired consent.
    """
    today = timezone.now().date()
    mine = Consent.objects.active(on=today).filter(pk=consent.pk, until_event=event).exclude(until_event="")
    ended = mine.update(expires_on=today - timedelta(days=1))
    if ended:
        hooks.follow(consent)
        record(verb="consent.ended", actor=by, subject=("consent", consent.pk), event=str(event))
    return bool(ended)


@transaction.atomic
def save_draft(*, statement: Statement, by: Member, draft: Consent | None) -> Consent:
    """Save the answers so far; a draft allows nothing until it is signed. Overwrites an older draft.

    Raises NotRecorded when that one is no longer a draft.
    """
    consent = _build_consent(statement, status=Status.DRAFT, by=by, draft=draft)
    consent.signature = Signature.NOT_SIGNED
    _save(consent, draft=draft)
    _save_uses(statement, consent)
    if draft is None:
        record(verb="consent.drafted", actor=by, subject=("consent", consent.id), form=statement.form.sha256)
    return consent


def _save(consent: Consent, *, draft: Consent | None) -> None:
    """Insert the row, or write it over its draft, which has the same id."""
    if draft is None:
        consent.save(force_insert=True)
        return
    fields = {field.attname: getattr(consent, field.attname) for field in Consent._meta.concrete_fields}
    status = fields.pop("status")
    rows = Consent.objects.filter(pk=draft.pk, status=Status.DRAFT)
    if not (rows.update(**fields) if status == Status.DRAFT else CONSENT.update(rows, to=status, **fields)):
        raise NotRecorded({"form": _("This draft was signed or deleted in the meantime. Reload the page.")})
    consent.uses.all().delete()


def _save_uses(statement: Statement, consent: Consent) -> None:
    ConsentUse.objects.bulk_create(
        ConsentUse(
            consent=consent,
            use=use,
            scope=scope,
            publication=statement.publication.strip() if use == Use.PUBLICATION else "",
        )
        for use, scope in sorted(statement.uses, key=str)
    )


def _build_consent(
    statement: Statement, *, status: Status, by: Member, draft: Consent | None, patient: UUID | None = None
) -> Consent:
    number = patient or new_id()
    return Consent(
        id=new_id() if draft is None else draft.pk,
        status=status,
        form=statement.form,
        recorded_by=by,
        patient=number if draft is None else draft.patient,
        capacity=statement.capacity,
        relation=statement.relation,
        authority=statement.authority.strip(),
        assent=statement.assent,
        interpreter=statement.interpreter,
        cannot_read=statement.cannot_read,
        witnessed=statement.witnessed,
        copy_given=statement.copy_given,
        shown=statement.shown,
        masking_method=statement.masking_method,
        signature=statement.signature,
        attested=statement.attested,
        signed_on=statement.signed_on,
        expires_on=last_day(expires_on=statement.expires_on, majority_year=statement.majority_year),
        majority_year=statement.majority_year,
        until_event=statement.until_event,
        submission=statement.submission if status != Status.DRAFT else None,
    )


def _save_shown_pictures(statement: Statement, consent: Consent) -> None:
    if statement.shown == Shown.SHOWN:
        ShownPicture.objects.bulk_create(
            ShownPicture(consent=consent, sha256=sha256) for sha256 in sorted(set(statement.shown_pictures))
        )


def read_document(*, consent: Consent) -> bytes:
    """Return the signed document as it came. Raises vault.KeyDestroyed, FileNotFoundError."""
    return storage.get_sealed(
        storage.documents(), name=consent.document_name, key_id=consent.id, context=f"consent|{consent.id}"
    )


def mark_signature(*, consent: Consent, problem: SignatureProblem) -> None:
    """Note what is wrong with the drawing that signs a consent: its case cannot be released any more."""
    Consent.objects.filter(pk=consent.pk).update(signature_problem=problem)


def _store_document(*, consent_id: UUID, data: bytes) -> str:
    """Seal a signed document under the consent's own key; return its name in the documents storage."""
    vault.create_key(consent_id)
    name = f"{consent_id}.sealed"
    storage.put_sealed(storage.documents(), name=name, key_id=consent_id, context=f"consent|{consent_id}", data=data)
    return name
