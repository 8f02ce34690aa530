"""Factories of cases in every state through the ORM: sealed pictures, consent, release, answers."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Member
from consent.models import (
    Capacity,
    Consent,
    ConsentUse,
    Form,
    Relation,
    Shown,
    Signature,
    Status,
    Use,
)
from consults.cases import gate
from consults.cases.gate import listing
from consults.cases.models import PUBLISHED
from consults.models import Answer, AnswerKind, Case, CasePhoto, CaseState, Outcome, Release, Suggestion
from imaging.models import Rendition
from tests import factories, sealed
from tests.sealed import FACTS


def consent(author: Member, *, group: uuid.UUID | None = None, **fields: Any) -> Consent:
    """Create an active consent for all vetted members, or for one group."""
    form = Form.objects.filter(retired_at=None).first() or Form.objects.create(
        code="standard", version=1, language="en", title="Consent", text="Text.\n\n- A statement."
    )
    made = Consent.objects.create(
        **{
            "form": form,
            "recorded_by": author,
            "status": Status.ACTIVE,
            "capacity": Capacity.CAPABLE,
            "relation": Relation.SELF,
            "shown": Shown.NOT_SHOWN,
            "masking_method": "bars",
            "signature": Signature.DRAWN,
            "document_sha256": "0" * 64,
            "signed_on": timezone.localdate(),
        }
        | fields
    )
    use = Use.ALL_MEMBERS if group is None else Use.NAMED_GROUP
    ConsentUse.objects.create(consent=made, use=use, scope=group)
    return made


def picture(case: Case, *, kind: str = "close-up", data: bytes | None = None, **fields: Any) -> CasePhoto:
    """Create a sealed picture with its three renditions; `data` are the bytes of each, sealed in the storage."""
    contents = [data or uuid.uuid4().bytes for _name in Rendition.Name.values]
    photo = sealed.photo(case.author, contents=contents, stored=data is not None, **({"no_eyes_stated": True} | fields))
    extra: dict[str, Any] = {"stain": "he"} if kind == "histology" else {}
    extra |= {"mode": "contact-polarised"} if kind == "dermoscopy" else {}
    return CasePhoto.objects.create(case=case, photo=photo, kind=kind, position=case.pictures.count(), **extra)


def case(
    author: Member | None = None,
    *,
    state: str = CaseState.RELEASED,
    kinds: tuple[str, ...] = ("close-up",),
    hours_ago: float = 1,
    data: bytes | None = None,
    **fields: Any,
) -> Case:
    """Create a case with pictures, consent and, if published, a release; `fields` change its facts."""
    author = author or factories.person("alice")
    group = fields.get("group")
    if not fields.get("education_model"):
        fields.setdefault("consent", consent(author, group=group.pk if group else None))
    then = timezone.now() - timedelta(hours=hours_ago)
    made = Case.objects.create(
        author=author,
        state=state,
        submitted_at=then,
        released_at=then if state in PUBLISHED else None,
        **(FACTS | fields),
    )
    for kind in kinds:
        picture(made, kind=kind, data=data)
    if state in PUBLISHED:
        release(made)
    return made


def release(case: Case) -> None:
    """Create a release of every rendition of the case as it is."""
    model = case.education_model
    for rendition in Rendition.objects.filter(photo__placement__case=case):
        Release.objects.create(
            case=case,
            rendition=rendition,
            basis="education_model" if model else "consent",
            consent=None if model else case.consent,
            approver=factories.person("mod1"),
            sha256=rendition.sha256,
            content_sha256=case.content_sha256,
        )
    listing.refresh(cases=[case.pk])


def answer(case: Case, member: Member, *codes: str, confidence: str = "probable", hours_ago: float = 0.5) -> Answer:
    """Create an answer with these codes in this order; without codes: read only."""
    made = Answer.objects.create(
        case=case,
        member=member,
        kind=AnswerKind.DIAGNOSIS if codes else AnswerKind.READ_ONLY,
        counted_as=member.counted_as,
        is_dermatologist=member.profession in ("dermatologist", "dermatopathologist"),
        answered_at=timezone.now() - timedelta(hours=hours_ago),
    )
    for rank, code in enumerate(codes, start=1):
        Suggestion.objects.create(answer=made, rank=rank, code=code, confidence=confidence)
    listing.refresh(cases=[case.pk])
    return made


def closed(case: Case, diagnosis: str, **fields: Any) -> Case:
    """Close the case with this diagnosis."""
    Outcome.objects.create(
        case=case, diagnosis=diagnosis, **({"reference": "histopathology", "done": "Excised."} | fields)
    )
    case.state = CaseState.CLOSED
    case.save(update_fields=["state"])
    listing.refresh(cases=[case.pk])
    return case


def withdraw(case: Case) -> None:
    """Set the consent to withdrawn, as the service does before the purge."""
    Consent.objects.filter(pk=case.consent_id).update(status=Status.WITHDRAWN)
    listing.refresh(cases=[case.pk])


def seen(case: Case, by: str = "bob") -> bool:
    """Whether this person sees the case now."""
    return gate.visible_cases(factories.person(by)).filter(pk=case.pk).exists()
