"""What becomes of a hand-over: a consent that the patient signed, or a refusal."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.models import Member
from audit.record import record
from consent.models import Assent, Capacity, Consent, Relation, Shown, Signature, Until, Use
from consent.models.forms import Form
from consent.records.recording import record_consent_without_code, record_refusal
from consent.records.statement import Statement
from consults.cases.consenting import case_consent
from consults.cases.consenting.forms import MASKING
from consults.cases.consenting.handover.state import Handover
from consults.cases.models import Case
from imaging.models import Rendition


class PicturesChanged(Exception):
    """The masked pictures are no longer those that the patient was shown."""


def masked_pictures(case: Case) -> QuerySet[Rendition]:
    """The sealed pictures of a case in order, in the size that the patient is shown."""
    sealed = Rendition.objects.filter(photo__placement__case=case, name=Rendition.Name.DISPLAY)
    return sealed.order_by("photo__placement__position", "pk")


def terms_of(statement: Statement) -> dict[str, Any]:
    """What the clinician has answered, as plain values for the session."""
    return {
        "capacity": str(statement.capacity),
        "relation": str(statement.relation),
        "authority": statement.authority,
        "assent": str(statement.assent),
        "interpreter": statement.interpreter,
        "cannot_read": statement.cannot_read,
        "witnessed": statement.witnessed,
        "expires_on": statement.expires_on.isoformat() if statement.expires_on else "",
        "until_event": str(statement.until_event),
        "publication": statement.publication,
        "majority_year": statement.majority_year,
    }


def statement_of(handover: Handover) -> Statement:
    """The statement as far as it was made before the device was handed over."""
    terms = handover.terms
    return Statement(
        form=Form.objects.get(pk=handover.form),
        capacity=Capacity(terms["capacity"]),
        relation=Relation(terms["relation"]),
        authority=terms["authority"],
        assent=Assent(terms["assent"]),
        interpreter=terms["interpreter"],
        cannot_read=terms["cannot_read"],
        witnessed=terms["witnessed"],
        expires_on=parse_date(terms["expires_on"]) if terms["expires_on"] else None,
        until_event=Until(terms["until_event"]),
        publication=terms["publication"],
        majority_year=terms["majority_year"],
        signature=Signature.DRAWN,
        signed_on=timezone.localdate(),
        shown=Shown(handover.shown),
        shown_pictures=tuple(sha256 for _rendition, sha256 in handover.pictures),
        uses=frozenset(),
        copy_follows=True,
        masking_method=MASKING,
    )


@transaction.atomic
def note_begun(*, handover: Handover, by: Member) -> None:
    """Log that the device changes hands."""
    record(
        verb="handover.begun",
        actor=by,
        subject=("case", UUID(handover.case)),
        form=handover.form,
        pictures=[sha256 for _rendition, sha256 in handover.pictures],
    )


@transaction.atomic
def note_ended(*, handover: Handover, by: Member) -> None:
    """Log that it came back, and with what."""
    record(
        verb="handover.ended", actor=by, subject=("case", UUID(handover.case)), outcome=handover.outcome or "nothing"
    )


@transaction.atomic
def agree(
    *,
    handover: Handover,
    case: Case,
    by: Member,
    uses: frozenset[tuple[Use, UUID | None]],
    signature_png: bytes,
    child_agrees: bool,
) -> Consent:
    """Record what the patient signed and put the case under it; the code is issued when the device is back.

    Raises NotRecorded, cases.NotPossible, PicturesChanged.
    """
    if handover.shown == Shown.SHOWN and _shown_now(case) != {tuple(picture) for picture in handover.pictures}:
        raise PicturesChanged
    statement = statement_of(handover)
    if handover.asks_child:
        statement = replace(statement, assent=Assent.AGREED if child_agrees else Assent.NOT_ASKED)
    signed = replace(statement, uses=uses, signature_png=signature_png)
    given = record_consent_without_code(statement=signed, by=by, draft=case.draft_consent)
    case_consent.attach_consent(case=case, consent=given, by=by)
    return given


@transaction.atomic
def decline(*, handover: Handover, case: Case, by: Member, by_child: bool) -> Consent:
    """Record that the patient, or the child, said no."""
    statement = statement_of(handover)
    if handover.asks_child:
        statement = replace(statement, assent=Assent.OBJECTED if by_child else Assent.NOT_ASKED)
    refused = record_refusal(statement=statement, by=by, draft=case.draft_consent)
    case_consent.note_refusal(case=case, refusal=refused, by=by)
    return refused


def _shown_now(case: Case) -> set[tuple[str, ...]]:
    return {(str(pk), sha256) for pk, sha256 in masked_pictures(case).values_list("pk", "sha256")}
