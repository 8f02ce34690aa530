"""Who may do what with cases, photos and pictures: action -> rows."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from accounts.policy import rights
from consent.models import Consent, Status
from consults import exemption, gate, redaction
from consults.models import Answer, AnswerKind, Case, CaseState
from consults.models.cases import EDITABLE, PUBLISHED
from core.policy import Policy
from imaging.models import Photo
from imaging.models import State as PhotoState


def drafts(member: object) -> QuerySet[Case]:
    """Own cases that may still be changed."""
    return gate.own_cases(member).filter(state__in=EDITABLE)


def photos_in_review(member: object) -> QuerySet[Photo]:
    """Own photos whose masks are being reviewed: the only place where an unmasked preview is shown.

    Not after the patient said no: a sealed picture could be taken back into review to be looked at again.
    """
    wanted = drafts(member).exclude(consent__status=Status.REFUSED)
    return Photo.objects.filter(
        owner_id=getattr(member, "pk", None), state=PhotoState.REVIEW, placement__case__in=wanted
    )


def own_photos(member: object) -> QuerySet[Photo]:
    """Photos of one's own drafts, in any state."""
    return Photo.objects.filter(placement__case__in=drafts(member))


def receipts(member: object) -> QuerySet[Photo]:
    """Sealed photos whose mask receipt this member may read: one's own, and those up for one's second read."""
    own = gate.own_cases(member).exclude(Q(consent__status="withdrawn") | Q(state=CaseState.WITHDRAWN))
    return Photo.objects.filter(
        Q(placement__case__in=gate.reviewable_cases(member)) | Q(placement__case__in=own), state=PhotoState.SEALED
    )


def to_answer(member: object) -> QuerySet[Case]:
    """Open visible cases of others that this member may diagnose."""
    if not isinstance(member, Member) or not rights(member).diagnose:
        return Case.objects.none()
    return gate.visible_cases(member).filter(state=CaseState.RELEASED).exclude(author=member)


def discussions(member: object) -> QuerySet[Case]:
    """Visible cases whose answers and thread are open to this member: answered, own, or closed."""
    if not isinstance(member, Member):
        return Case.objects.none()
    answered = Answer.objects.filter(case=OuterRef("pk"), member=member)
    return gate.visible_cases(member).filter(Q(author=member) | Q(state=CaseState.CLOSED) | Exists(answered))


def to_comment(member: object) -> QuerySet[Case]:
    """Discussions this member may write in: those who only look on in the teaching scope do not."""
    if not isinstance(member, Member) or not rights(member).diagnose:
        return Case.objects.none()
    return discussions(member)


def to_revise(member: object) -> QuerySet[Case]:
    """Open cases on which this member's own diagnosis may be changed; the change is kept as a revision."""
    if not isinstance(member, Member):
        return Case.objects.none()
    mine = Answer.objects.filter(case=OuterRef("pk"), member=member, kind=AnswerKind.DIAGNOSIS)
    return to_answer(member).filter(Exists(mine))


def to_close(member: object) -> QuerySet[Case]:
    """Own open cases."""
    return gate.own_cases(member).filter(state=CaseState.RELEASED)


def to_withdraw(member: object) -> QuerySet[Case]:
    """Own cases that a clinician may withdraw on the patient's word: with a consent, or released without one."""
    with_consent = Q(consent__status__in=(Status.ACTIVE, Status.EXPIRED))
    without = exemption.was_used() & ~Q(state=CaseState.WITHDRAWN)
    return gate.own_cases(member).filter(with_consent | without)


def to_retract(member: object) -> QuerySet[Case]:
    """Own published cases, whether anybody still sees them or not."""
    return gate.own_cases(member).filter(state__in=PUBLISHED)


def consents_to_change(member: object) -> QuerySet[Consent]:
    """Consents that this member recorded; for privacy officers and administrators all of them."""
    if not isinstance(member, Member) or not member.is_verified:
        return Consent.objects.none()
    given = Consent.objects.exclude(status__in=(Status.DRAFT, Status.REFUSED))
    return given if member.is_officer else given.filter(recorded_by=member)


POLICY: Policy = {
    "case.view": gate.visible_cases,
    "case.own": gate.own_cases,
    "case.edit": drafts,
    "case.review": gate.reviewable_cases,
    "case.diagnose": to_answer,
    "case.revise": to_revise,
    "case.discuss": discussions,
    "case.comment": to_comment,
    "case.close": to_close,
    "case.withdraw": to_withdraw,
    "case.retract": to_retract,
    "consent.change": consents_to_change,
    "photo.manage": own_photos,
    "photo.review": photos_in_review,
    "redaction.decide": redaction.open_to,
    "photo.receipt": receipts,
    "rendition.view": gate.servable_renditions,
}
