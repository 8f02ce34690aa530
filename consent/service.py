"""Give, look up and withdraw a consent. Every change locks the consent row first and leaves an audit line.

Lock order: the consent row before anything that hangs on it. `consults.gate.release` locks the same row
first, so that a release and a withdrawal cannot pass each other.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent import codes, effects
from consent.models import (
    DEFERRED,
    SIGNERS,
    Assent,
    Capacity,
    Consent,
    ConsentQuerySet,
    ConsentUse,
    Form,
    Relation,
    Shown,
    ShownPicture,
    Signature,
    Status,
    Use,
    Withdrawal,
    WithdrawnBy,
)
from core import jobs, storage, vault

PURGE = "withdrawal.purge"
SIGNATURE_BYTES = 512 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"


class NotRecorded(Exception):
    """The consent cannot be recorded; `sentences` say why and what to do, by field."""

    def __init__(self, sentences: dict[str, str]) -> None:
        super().__init__("; ".join(sorted(sentences)))
        self.sentences = sentences


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
    shown_pictures: tuple[str, ...] = ()
    authority: str = ""
    assent: Assent = Assent.NOT_ASKED
    interpreter: bool = False
    witnessed: bool = False
    copy_given: bool = False
    attested: bool = False
    expires_on: date | None = None
    signature_png: bytes = b""
    clinic_form_sha256: str = ""
    masking_method: str = field(default="")


def decode_signature(data_url: str) -> bytes:
    """Return the PNG of a drawn signature, or b"" when there is none. Raises NotRecorded."""
    if not data_url:
        return b""
    head, _sep, body = data_url.partition(",")
    try:
        png = base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise NotRecorded({"signature": _("The signature could not be read. Clear it and sign again.")}) from error
    if head != "data:image/png;base64" or not png.startswith(_PNG) or len(png) > SIGNATURE_BYTES:
        raise NotRecorded({"signature": _("The signature could not be read. Clear it and sign again.")})
    return png


def _problems(statement: Statement) -> dict[str, str]:
    problems: dict[str, str] = {}
    today = timezone.now().date()
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
    if statement.assent == Assent.OBJECTED:
        problems["assent"] = _("The child objects, so the pictures cannot be shared.")
    if not any(use in (Use.NAMED_GROUP, Use.ALL_MEMBERS) for use, _scope in statement.uses):
        problems["uses"] = _("The patient has allowed no audience on Rete. Tick a group or all vetted members.")
    if statement.signed_on > today:
        problems["signed_on"] = _("The date of signing lies in the future.")
    if statement.expires_on is not None and statement.expires_on < today:
        problems["expires_on"] = _("The consent has already ended on this date.")
    if statement.form.retired_at is not None:
        problems["form"] = _("This form has been retired. Use the newest version.")
    if statement.shown == Shown.SHOWN and not statement.shown_pictures:
        problems["shown"] = _("There is no masked picture yet that could have been shown.")
    if not statement.copy_given:
        problems["copy_given"] = _("Give the patient a copy of the form, then tick this.")
    problems |= _unsigned(statement)
    return problems


def _unsigned(statement: Statement) -> dict[str, str]:
    if statement.signature == Signature.DRAWN and not statement.signature_png:
        return {"signature": _("The form is not signed yet. Sign in the field.")}
    if statement.signature == Signature.CLINIC_HELD:
        digest = statement.clinic_form_sha256
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            return {
                "clinic_form": _("Choose the scan of the signed form: its fingerprint is kept, the file stays here.")
            }
        if not statement.attested:
            return {"attested": _("Attest that your clinic holds the signed form.")}
    return {}


@transaction.atomic
def give(*, statement: Statement, by: Member) -> tuple[Consent, str]:
    """Record an active consent; return it with the withdrawal code, which is never shown again.

    Raises NotRecorded with a sentence for each field that is wrong.
    """
    problems = _problems(statement)
    if problems:
        raise NotRecorded(problems)
    code = codes.new_code()
    consent = Consent(
        form=statement.form,
        recorded_by=by,
        capacity=statement.capacity,
        relation=statement.relation,
        authority=statement.authority.strip(),
        assent=statement.assent,
        interpreter=statement.interpreter,
        witnessed=statement.witnessed,
        copy_given=statement.copy_given,
        shown=statement.shown,
        masking_method=statement.masking_method,
        signature=statement.signature,
        attested=statement.attested,
        signed_on=statement.signed_on,
        expires_on=statement.expires_on,
        status=Status.ACTIVE,
        code_sha256=codes.digest(code),
    )
    if statement.signature == Signature.DRAWN:
        consent.document_sha256 = hashlib.sha256(statement.signature_png).hexdigest()
        consent.document_name = _keep(consent_id=consent.id, data=statement.signature_png)
    else:
        consent.document_sha256 = statement.clinic_form_sha256
    consent.save()
    ConsentUse.objects.bulk_create(
        ConsentUse(consent=consent, use=use, scope=scope) for use, scope in sorted(statement.uses, key=str)
    )
    if statement.shown == Shown.SHOWN:
        ShownPicture.objects.bulk_create(
            ShownPicture(consent=consent, sha256=sha256) for sha256 in sorted(set(statement.shown_pictures))
        )
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
    return consent, code


def _keep(*, consent_id: UUID, data: bytes) -> str:
    """Seal a signed document under the consent's own key; return its name in the documents storage."""
    vault.create_key(consent_id)
    name = f"{consent_id}.sealed"
    storage.put_sealed(storage.documents(), name=name, key_id=consent_id, context=f"consent|{consent_id}", data=data)
    return name


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


def current_forms(*, language: str | None = None) -> QuerySet[Form]:
    """Published forms in use, the newest version of each first."""
    forms = Form.objects.filter(retired_at__isnull=True).order_by("code", "-version")
    return forms.filter(language=language) if language else forms
