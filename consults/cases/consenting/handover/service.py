"""The outcome of a hand-over: a consent that the patient signed, or a refusal."""

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
from consent.records.recording import find_recorded, record_consent_without_code, record_refusal
from consent.records.statement import Statement
from consults.cases.consenting import case_consent
from consults.cases.consenting.forms import MASKING_METHOD
from consults.cases.consenting.handover.state import Handover
from consults.cases.models import Case
from imaging.models import Rendition


class PicturesChanged(Exception):
    """The masked pictures, or their audience, differ from those that the patient was shown."""


def masked_pictures(case: Case) -> QuerySet[Rendition]:
    """Return the sealed pictures of a case in order, in display size."""
    sealed = Rendition.objects.filter(photo__placement__case=case, name=Rendition.Name.DISPLAY)
    return sealed.order_by("photo__placement__position", "pk")


def audience_of(case: Case) -> str:
    """Return the id of the group that is the audience of a case, "" for all vetted members."""
    return str(case.group_id or "")


def terms_of(statement: Statement) -> dict[str, Any]:
    """Return the clinician's answers as plain values for the session."""
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
    """Return the statement as prepared before the hand-over."""
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
        masking_method=MASKING_METHOD,
        submission=UUID(handover.id),
    )


@transaction.atomic
def record_start(*, handover: Handover, by: Member) -> None:
    """Log the start of a hand-over."""
    record(
        verb="handover.begun",
        actor=by,
        subject=("case", UUID(handover.case)),
        form=handover.form,
        pictures=[sha256 for _rendition, sha256 in handover.pictures],
    )


@transaction.atomic
def record_end(*, handover: Handover, by: Member) -> None:
    """Log the end of a hand-over and its outcome."""
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
    """Record the signed consent and attach it to the case; the code is issued when the device is back.

    One hand-over has one answer: a second one returns the first. Raises NotRecorded, ChangeRefused, PicturesChanged.
    """
    earlier = find_recorded(submission=UUID(handover.id), by=by)
    if earlier is not None:
        return earlier
    if handover.group != audience_of(case):
        raise PicturesChanged
    if handover.shown == Shown.SHOWN and _current_pictures(case) != {tuple(picture) for picture in handover.pictures}:
        raise PicturesChanged
    statement = statement_of(handover)
    if handover.asks_child:
        statement = replace(statement, assent=Assent.AGREED if child_agrees else Assent.NOT_ASKED)
    signed = replace(statement, uses=uses, signature_png=signature_png)
    patient = case_consent.patient_of(case)
    given = record_consent_without_code(statement=signed, by=by, draft=case.draft_consent, patient=patient)
    case_consent.attach_consent(case=case, consent=given, by=by)
    return given


@transaction.atomic
def decline(*, handover: Handover, case: Case, by: Member, by_child: bool) -> Consent:
    """Record the refusal of the patient, or of the child; a second answer returns the first.

    Raises NotRecorded, ChangeRefused.
    """
    earlier = find_recorded(submission=UUID(handover.id), by=by)
    if earlier is not None:
        return earlier
    statement = statement_of(handover)
    if handover.asks_child:
        statement = replace(statement, assent=Assent.OBJECTED if by_child else Assent.NOT_ASKED)
    patient = case_consent.patient_of(case)
    refused = record_refusal(statement=statement, by=by, draft=case.draft_consent, patient=patient)
    case_consent.record_refusal(case=case, refusal=refused, by=by)
    return refused


def _current_pictures(case: Case) -> set[tuple[str, ...]]:
    return {(str(pk), sha256) for pk, sha256 in masked_pictures(case).values_list("pk", "sha256")}
