"""The answers given when consent is taken, and their validation. Nothing is written here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from consent.models import (
    AUDIENCE_USES,
    DEFERRED,
    PUBLICATION_LENGTH,
    SIGNERS,
    Assent,
    Capacity,
    Relation,
    Shown,
    Signature,
    Until,
    Use,
)
from consent.models.forms import Form, FormState
from consent.records import signatures
from core.exceptions import FieldRefusal

ADULT_AT_YEARS = 18
SCAN_BYTES = 10 * 1024 * 1024
# A signed form is kept as it came: it is evidence, not a picture to show, and no view reads it back.
SCAN_KINDS = {"PDF": b"%PDF-", "JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n"}


class NotRecorded(FieldRefusal):
    """The consent cannot be recorded."""


@dataclass(frozen=True)
class Statement:
    """The answers given when consent is taken."""

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
    submission: UUID | None = None  # the same for every sending of one page

    @property
    def needs_witness(self) -> bool:
        """Whether a witness must be present. The audit lists records from before this rule."""
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
    """Return the problems with who decides and how, by field: known before anything is asked or signed."""
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
    """Return the earlier of the end date and the last day of the year in which the child comes of age.

    A guardian's consent does not outlast that year.
    """
    days = [expires_on, date(majority_year, 12, 31) if majority_year else None]
    return min((day for day in days if day is not None), default=None)


def problems_of(statement: Statement) -> dict[str, str]:
    """Return the problems that keep a whole statement from becoming an active consent, by field."""
    problems = problems_of_circumstances(statement)
    if not any(use in AUDIENCE_USES for use, _scope in statement.uses):
        problems["uses"] = _("The patient has allowed no audience on Rete. Tick a group or all vetted members.")
    if (Use.PUBLICATION, None) in statement.uses:
        problems |= _publication_problems(statement.publication.strip())
    if statement.signed_on > timezone.now().date():
        problems["signed_on"] = _("The date of signing lies in the future.")
    if not (statement.copy_given or statement.copy_follows):
        problems["copy_given"] = _("Give the patient a copy of the form, then tick this.")
    return problems | _SIGNATURE_PROBLEMS[statement.signature](statement)


def _publication_problems(publication: str) -> dict[str, str]:
    if not publication:
        return {"publication": _("Say which publication the patient allows, or do not tick this use.")}
    if len(publication) > PUBLICATION_LENGTH or not publication.isprintable():
        return {"publication": _("Write the name of the publication in one short line.")}
    return {}


def _drawing_problems(statement: Statement) -> dict[str, str]:
    if not statement.signature_png:
        return {"signature": _("The form is not signed yet. Sign in the field.")}
    try:
        signatures.check_header(statement.signature_png)
    except signatures.Unreadable:
        return {"signature": _("The signature could not be read. Clear it and sign again.")}
    return {}


def _scan_problems(statement: Statement) -> dict[str, str]:
    if not statement.scan:
        return {"scan": _("Choose the scan or photo of the signed form.")}
    if len(statement.scan) > SCAN_BYTES:
        return {"scan": _("This file is larger than 10 MB. Choose a smaller one.")}
    if not statement.scan.startswith(tuple(SCAN_KINDS.values())):
        return {"scan": _("Choose a PDF, JPEG or PNG file.")}
    return {}


def _clinic_form_problems(statement: Statement) -> dict[str, str]:
    digest = statement.clinic_form_sha256
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        return {"clinic_form": _("Choose the scan of the signed form: its fingerprint is kept, the file stays here.")}
    if not statement.attested:
        return {"attested": _("Attest that your clinic holds the signed form.")}
    return {}


def _unsigned_problems(statement: Statement) -> dict[str, str]:
    return {"signature_kind": _("Choose how the form was signed.")}


_SIGNATURE_PROBLEMS: dict[str, Callable[[Statement], dict[str, str]]] = {
    Signature.DRAWN: _drawing_problems,
    Signature.ORAL: _drawing_problems,  # the witness's
    Signature.SCAN: _scan_problems,
    Signature.CLINIC_HELD: _clinic_form_problems,
    Signature.NOT_SIGNED: _unsigned_problems,
}
