"""Record what a patient allowed: what was asked and answered, checked, signed, sealed, written into the log."""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent import codes
from consent.models import (
    DEFERRED,
    SIGNERS,
    Assent,
    Capacity,
    Consent,
    ConsentUse,
    Form,
    Relation,
    Shown,
    ShownPicture,
    Signature,
    Status,
    Use,
)
from core import storage, vault

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


def current_forms(*, language: str | None = None) -> QuerySet[Form]:
    """Published forms in use, the newest version of each first."""
    forms = Form.objects.filter(retired_at__isnull=True).order_by("code", "-version")
    return forms.filter(language=language) if language else forms
