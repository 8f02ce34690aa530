"""Published cases made the way the services make them: a consent with its code, sealed bytes, a logged release."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Member
from consent.forms.publishing import current_forms
from consent.models import Capacity, Consent, Form, Relation, Shown, Signature, Use
from consent.records.recording import record_consent
from consent.records.statement import Statement
from consults.cases import gate
from consults.models import Case, CasePhoto, CaseState, Comment, Membership
from core.ids import new_id
from imaging.models import Photo, Region
from tests import factories, sealed
from tests.consent import drawing
from tests.sealed import FACTS

PNG = drawing.signature()


@dataclass
class Published:
    """A case with its consent and the code that only the patient has."""

    case: Case
    consent: Consent
    code: str

    def again(self) -> "Published":
        """The same, read from the database now."""
        return Published(
            case=Case.objects.get(pk=self.case.pk), consent=Consent.objects.get(pk=self.consent.pk), code=self.code
        )


def form(**fields: Any) -> Form:
    """The form in use."""
    if not fields:
        return current_forms(language="en").first() or form(code="standard")
    return Form.objects.create(
        **{"version": 1, "title": "Consent", "text": "Some words.\n\n- A statement."} | fields  # type: ignore[arg-type]
    )


def statement(*, uses: tuple[Use, ...] = (Use.ALL_MEMBERS,), **fields: Any) -> Statement:
    """What is said when consent is taken on screen; `group` is the one that a named group stands for."""
    scope = fields.pop("group", None)
    ticked = frozenset((use, scope if use == Use.NAMED_GROUP else None) for use in uses)
    defaults: dict[str, Any] = {
        "form": form(),
        "capacity": Capacity.CAPABLE,
        "relation": Relation.SELF,
        "signature": Signature.DRAWN,
        "signed_on": timezone.now().date(),
        "shown": Shown.NOT_SHOWN,
        "uses": ticked,
        "copy_given": True,
        "signature_png": PNG,
        "masking_method": "A solid bar over the eyes",
    }
    return Statement(**(defaults | fields))


def consent(by: Member, *, patient: uuid.UUID | None = None, **fields: Any) -> tuple[Consent, str]:
    """An active consent, signed on screen, and its code; `patient` is that of a consent which it replaces."""
    # As a record from before a witness was asked for, where a test wants one.
    unwitnessed = fields.get("interpreter", False) and not fields.get("witnessed", False)
    if unwitnessed:
        fields["interpreter"] = False
    made, code = record_consent(statement=statement(**fields), by=by, patient=patient)
    if unwitnessed:
        Consent.objects.filter(pk=made.pk).update(interpreter=True)
        made.refresh_from_db()
    return made, code


def picture(case: Case, *, caption: str = "", shades: tuple[bytes, ...] = (b"full", b"display", b"thumb")) -> Photo:
    """A sealed picture of a draft with its three renditions and three marks that a person changed."""
    identity = new_id()
    contents = [shade + identity.bytes for shade in shades]
    photo = sealed.photo(case.author, contents=contents, stored=True, id=identity)
    box = {"shape": "box", "style": "bar", "x": 10, "y": 10, "width": 50, "height": 20}
    found = [10, 10, 50, 20, 0]
    marks = [
        {"kind": "face", "choice": "dismissed", "reason": "a mole", "detector": "test", "found_box": found},
        {"kind": "other", "choice": "drawn"},
        {"kind": "eye", "choice": "accepted", "detector": "test", "found_box": [4, 10, 50, 20, 0]},
        {"kind": "eye", "choice": "suggested", "detector": "test", "found_box": found},
    ]
    for mark in marks:
        Region.objects.create(photo=photo, **box, **mark)  # type: ignore[arg-type]
    CasePhoto.objects.create(case=case, photo=photo, kind="close-up", position=case.pictures.count(), caption=caption)
    return photo


def submitted(author: Member | None = None, *, pictures: int = 1, caption: str = "", **fields: Any) -> Case:
    """A case that waits for its second read."""
    author = author or factories.person("alice")
    case = Case.objects.create(author=author, state=CaseState.SUBMITTED, **(FACTS | fields))
    for _number in range(pictures):
        picture(case, caption=caption)
    return case


def published(
    author: Member | None = None,
    *,
    pictures: int = 1,
    comments: tuple[str, ...] = (),
    days_ago: int = 0,
    caption: str = "",
    under: tuple[Consent, str] | None = None,
    consent_fields: dict[str, Any] | None = None,
    **fields: Any,
) -> Published:
    """A released case: the gate itself let it through, and the log has its line."""
    author = author or factories.person("alice")
    given, code = under or consent(author, **(consent_fields or {}))
    case = submitted(author, pictures=pictures, caption=caption, consent=given, **fields)
    case = _release(case, by=factories.person("mod1"))
    if days_ago:
        Case.objects.filter(pk=case.pk).update(released_at=timezone.now() - timedelta(days=days_ago))
        case.refresh_from_db()
    for words in comments:
        Comment.objects.create(case=case, author=factories.person("bob"), text=words)
    return Published(case=case, consent=given, code=code)


def _release(case: Case, *, by: Member) -> Case:
    """Release a case; one for a group as a moderator of the group, who leaves it then if they were not in it."""
    places = Membership.objects.filter(group=case.group_id, member=by)
    stays = case.group_id is None or places.exists()
    if not stays:
        Membership.objects.create(group=case.group, member=by)
    released = gate.release(case=case, by=by, accepted=gate.to_accept(case))
    if not stays:
        places.delete()
    return released


def nobody() -> uuid.UUID:
    """An id that belongs to nothing."""
    return uuid.uuid4()
