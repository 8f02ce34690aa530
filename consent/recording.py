"""Record what a patient allowed: what was asked and answered, checked, signed, sealed, written into the log."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent import codes, signatures
from consent.form import Form, FormState
from consent.models import (
    AUDIENCE_USES,
    DEFERRED,
    PUBLICATION_LENGTH,
    SIGNERS,
    Assent,
    Capacity,
    Consent,
    ConsentUse,
    Relation,
    Shown,
    ShownPicture,
    Signature,
    Status,
    Until,
    Use,
)
from core import storage, vault
from core.ids import new_id
from core.refusals import FieldRefusal

ADULT_AT_YEARS = 18
SCAN_BYTES = 10 * 1024 * 1024
# A signed form is kept as it came: it is evidence, not a picture to show, and no view reads it back.
SCAN_KINDS = {"PDF": b"%PDF-", "JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n"}


class NotRecorded(FieldRefusal):
    """The consent cannot be recorded."""


@dataclass(frozen=True)
class Statement:
    """What was asked and answered when consent was taken."""

    form: Form
    capacity: Capacity
    relation: Relation
    signature: Signature
    signed_on: date
    shown: Shown
    uses: frozenset[tuple[Use, UUID | None]]
    publication: str = ""  # its name; counts only where the use is ticked
    shown_pictures: tuple[str, ...] = ()
    authority: str = ""
    assent: Assent = Assent.NOT_ASKED
    interpreter: bool = False
    cannot_read: bool = False
    witnessed: bool = False
    copy_given: bool = False
    copy_follows: bool = False  # with the receipt, right after the device is handed back
    attested: bool = False
    expires_on: date | None = None
    until_event: Until = Until.NO_EVENT
    majority_year: int | None = None
    signature_png: bytes = b""
    scan: bytes = b""
    clinic_form_sha256: str = ""
    masking_method: str = ""

    @property
    def needs_witness(self) -> bool:
        """Whether somebody else must have been there. Records from before this rule are named by the audit."""
        return self.interpreter or self.cannot_read or self.signature == Signature.ORAL


def decode_signature(data_url: str) -> bytes:
    """Return the PNG of a drawn signature, or b"" when there is none. Raises NotRecorded."""
    if not data_url:
        return b""
    try:
        return signatures.decode(data_url)
    except signatures.Unreadable as error:
        raise NotRecorded({"signature": _("The signature could not be read. Clear it and sign again.")}) from error


def problems_of_circumstances(statement: Statement) -> dict[str, str]:
    """What is wrong with who decides and how, by field: known before anything is asked or signed."""
    problems: dict[str, str] = {}
    if statement.capacity in DEFERRED:
        problems["capacity"] = _(
            "Consent cannot be taken while capacity fluctuates or is clouded. Wait, and ask again another day."
        )
    elif statement.relation not in SIGNERS[statement.capacity]:
        problems["relation"] = _("This person cannot sign in this situation. Choose who signed.")
    if statement.relation not in (Relation.SELF,) and not statement.authority.strip():
        problems["authority"] = _("Say by what authority the representative signs, for example “mother”.")
    if statement.capacity == Capacity.CHILD and statement.assent == Assent.NOT_ASKED:
        problems["assent"] = _("Say whether the child agrees. From age 7 the child is asked.")
    if statement.capacity != Capacity.CHILD and statement.assent != Assent.NOT_ASKED:
        problems["assent"] = _("Only a child is asked to agree beside somebody who decides.")
    if statement.assent == Assent.OBJECTED:
        problems["assent"] = _("The child objects, so the pictures cannot be shared.")
    if statement.needs_witness and not statement.witnessed:
        problems["witnessed"] = _(
            "A witness must be there when an interpreter helps, when the form is read aloud, and for spoken consent."
        )
    if statement.majority_year is None and statement.capacity == Capacity.CHILD:
        problems["majority_year"] = _("Say in which year the child comes of age: then the patient is asked.")
    if statement.majority_year is not None and not may_come_of_age(
        year=statement.majority_year, capacity=statement.capacity, signed_on=statement.signed_on
    ):
        problems["majority_year"] = _(
            "This year cannot be right for somebody who was a child when the consent was signed."
        )
    if statement.expires_on is not None and statement.expires_on < timezone.now().date():
        problems["expires_on"] = _("The consent has already ended on this date.")
    if statement.until_event == Until.TREATMENT_ENDS and statement.expires_on is None:
        problems["expires_on"] = _("Nobody here learns when a treatment ends. Set the latest day too.")
    if statement.form.state != FormState.IN_USE:
        problems["form"] = _("This form has been retired. Use the newest version.")
    if statement.shown == Shown.SHOWN and not statement.shown_pictures:
        problems["shown"] = _("There is no masked picture yet that could have been shown.")
    return problems


def may_come_of_age(*, year: int, capacity: str, signed_on: date) -> bool:
    """Whether somebody who was a child on that day can come of age in this year."""
    return capacity == Capacity.CHILD and signed_on.year <= year <= signed_on.year + ADULT_AT_YEARS


def last_day(*, expires_on: date | None, majority_year: int | None) -> date | None:
    """A guardian's word ends with the year in which the child comes of age, if not before."""
    days = [expires_on, date(majority_year, 12, 31) if majority_year else None]
    return min((day for day in days if day is not None), default=None)


def _problems(statement: Statement) -> dict[str, str]:
    problems = problems_of_circumstances(statement)
    if not any(use in AUDIENCE_USES for use, _scope in statement.uses):
        problems["uses"] = _("The patient has allowed no audience on Rete. Tick a group or all vetted members.")
    if (Use.PUBLICATION, None) in statement.uses:
        problems |= _not_named(statement.publication.strip())
    if statement.signed_on > timezone.now().date():
        problems["signed_on"] = _("The date of signing lies in the future.")
    if not (statement.copy_given or statement.copy_follows):
        problems["copy_given"] = _("Give the patient a copy of the form, then tick this.")
    return problems | _PROOFS[statement.signature](statement)


def _not_named(publication: str) -> dict[str, str]:
    if not publication:
        return {"publication": _("Say which publication the patient allows, or do not tick this use.")}
    if len(publication) > PUBLICATION_LENGTH or not publication.isprintable():
        return {"publication": _("Write the name of the publication in one short line.")}
    return {}


def _not_drawn(statement: Statement) -> dict[str, str]:
    if not statement.signature_png:
        return {"signature": _("The form is not signed yet. Sign in the field.")}
    try:
        signatures.check(statement.signature_png)
    except signatures.Unreadable:
        return {"signature": _("The signature could not be read. Clear it and sign again.")}
    except signatures.TooLittleInk:
        return {"signature": _("This is not a signature yet. Clear the field and sign across it.")}
    return {}


def _not_scanned(statement: Statement) -> dict[str, str]:
    if not statement.scan:
        return {"scan": _("Choose the scan or photo of the signed form.")}
    if len(statement.scan) > SCAN_BYTES:
        return {"scan": _("This file is larger than 10 MB. Choose a smaller one.")}
    if not statement.scan.startswith(tuple(SCAN_KINDS.values())):
        return {"scan": _("Choose a PDF, JPEG or PNG file.")}
    return {}


def _not_held(statement: Statement) -> dict[str, str]:
    digest = statement.clinic_form_sha256
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        return {"clinic_form": _("Choose the scan of the signed form: its fingerprint is kept, the file stays here.")}
    if not statement.attested:
        return {"attested": _("Attest that your clinic holds the signed form.")}
    return {}


def _not_signed(statement: Statement) -> dict[str, str]:
    return {"signature_kind": _("Choose how the form was signed.")}


_PROOFS: dict[str, Callable[[Statement], dict[str, str]]] = {
    Signature.DRAWN: _not_drawn,
    Signature.ORAL: _not_drawn,  # the witness's
    Signature.SCAN: _not_scanned,
    Signature.CLINIC_HELD: _not_held,
    Signature.NOT_SIGNED: _not_signed,
}


@transaction.atomic
def give(*, statement: Statement, by: Member, draft: Consent | None = None) -> tuple[Consent, str]:
    """Record an active consent; return it with the withdrawal code, which is never shown again.

    Raises NotRecorded with a sentence for each field that is wrong.
    """
    consent = give_without_code(statement=statement, by=by, draft=draft)
    return consent, _new_code(consent)


@transaction.atomic
def give_without_code(*, statement: Statement, by: Member, draft: Consent | None = None) -> Consent:
    """Record an active consent whose withdrawal code is issued later, by `issue_code`. Raises NotRecorded.

    A draft becomes this consent and keeps its id.
    """
    problems = _problems(statement)
    if problems:
        raise NotRecorded(problems)
    consent = _row(statement, status=Status.ACTIVE, by=by, draft=draft)
    document = statement.scan if statement.signature == Signature.SCAN else statement.signature_png
    if statement.signature == Signature.CLINIC_HELD:
        consent.document_sha256 = statement.clinic_form_sha256
    else:
        consent.document_sha256 = hashlib.sha256(document).hexdigest()
        consent.document_name = _keep(consent_id=consent.id, data=document)
    _save(consent, draft=draft)
    _note_uses(statement, consent)
    _note_shown(statement, consent)
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


@transaction.atomic
def issue_code(*, consent: Consent, by: Member) -> str:
    """Give an active consent its withdrawal code, once; only its hash is kept.

    Raises NotRecorded when it has one already or is not active.
    """
    code = _new_code(consent)
    record(verb="consent.code_issued", actor=by, subject=("consent", consent.id))
    return code


@transaction.atomic
def renew_code(*, consent: Consent, by: Member) -> str:
    """A new withdrawal code for a patient who lost the receipt; from now on the old one opens nothing.

    Raises NotRecorded when the consent is not active.
    """
    code = codes.new_code()
    if not Consent.objects.active().filter(pk=consent.pk).update(code_sha256=codes.digest(code)):
        raise NotRecorded({"code": _("This consent is not active any more. There is nothing to withdraw with a code.")})
    consent.code_sha256 = codes.digest(code)
    record(verb="consent.code_renewed", actor=by, subject=("consent", consent.id))
    return code


def _new_code(consent: Consent) -> str:
    code = codes.new_code()
    fresh = Consent.objects.active().filter(pk=consent.pk, code_sha256__isnull=True)
    if not fresh.update(code_sha256=codes.digest(code)):
        raise NotRecorded({"code": _("This consent has its code already, or is no longer active.")})
    consent.code_sha256 = codes.digest(code)
    return code


def note_copy_given(*, consent: Consent) -> None:
    """The receipt, which holds the whole form, was made for the patient."""
    Consent.objects.filter(pk=consent.pk, copy_given=False).update(copy_given=True)


@transaction.atomic
def refuse(*, statement: Statement, by: Member, draft: Consent | None = None) -> Consent:
    """Record that the patient, or the child beside a guardian, said no. Nothing is signed, no use is kept.

    A draft becomes this refusal and keeps its id. Raises NotRecorded.
    """
    consent = _row(statement, status=Status.REFUSED, by=by, draft=draft)
    consent.signature = Signature.NOT_SIGNED
    _save(consent, draft=draft)
    _note_shown(statement, consent)
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
def end_on(*, event: Until, consent: Consent, by: Member | None = None) -> bool:
    """End an active consent that was given until this event, said by `by` or seen here; return whether it ended.

    Its last day becomes yesterday: from now on it is not active, and what hangs on it goes the way of every
    consent whose date has passed.
    """
    today = timezone.now().date()
    mine = Consent.objects.active(on=today).filter(pk=consent.pk, until_event=event).exclude(until_event="")
    ended = mine.update(expires_on=today - timedelta(days=1))
    if ended:
        record(verb="consent.ended", actor=by, subject=("consent", consent.pk), event=str(event))
    return bool(ended)


@transaction.atomic
def keep_draft(*, statement: Statement, by: Member, draft: Consent | None) -> Consent:
    """Keep what was answered so far; nothing of it counts before it is signed. Writes over an older draft.

    Raises NotRecorded when that one is no draft any more.
    """
    consent = _row(statement, status=Status.DRAFT, by=by, draft=draft)
    consent.signature = Signature.NOT_SIGNED
    _save(consent, draft=draft)
    _note_uses(statement, consent)
    if draft is None:
        record(verb="consent.drafted", actor=by, subject=("consent", consent.id), form=statement.form.sha256)
    return consent


def _save(consent: Consent, *, draft: Consent | None) -> None:
    """Insert the row, or write it over its draft, which has the same id."""
    if draft is None:
        consent.save(force_insert=True)
        return
    fields = {field.attname: getattr(consent, field.attname) for field in Consent._meta.concrete_fields}
    if not Consent.objects.filter(pk=draft.pk, status=Status.DRAFT).update(**fields):
        raise NotRecorded({"form": _("This draft was signed or deleted in the meantime. Reload the page.")})
    consent.uses.all().delete()


def _note_uses(statement: Statement, consent: Consent) -> None:
    ConsentUse.objects.bulk_create(
        ConsentUse(
            consent=consent,
            use=use,
            scope=scope,
            publication=statement.publication.strip() if use == Use.PUBLICATION else "",
        )
        for use, scope in sorted(statement.uses, key=str)
    )


def _row(statement: Statement, *, status: Status, by: Member, draft: Consent | None) -> Consent:
    return Consent(
        id=new_id() if draft is None else draft.pk,
        status=status,
        form=statement.form,
        recorded_by=by,
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
    )


def _note_shown(statement: Statement, consent: Consent) -> None:
    if statement.shown == Shown.SHOWN:
        ShownPicture.objects.bulk_create(
            ShownPicture(consent=consent, sha256=sha256) for sha256 in sorted(set(statement.shown_pictures))
        )


def _keep(*, consent_id: UUID, data: bytes) -> str:
    """Seal a signed document under the consent's own key; return its name in the documents storage."""
    vault.create_key(consent_id)
    name = f"{consent_id}.sealed"
    storage.put_sealed(storage.documents(), name=name, key_id=consent_id, context=f"consent|{consent_id}", data=data)
    return name
