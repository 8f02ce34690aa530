"""Who may do what with cases and photos before a case is discussed: action -> rows."""

from django.db.models import Q, QuerySet

from consent.models import Status
from consults.cases import gate
from consults.cases.models import EDITABLE, PUBLISHED
from consults.models import Case, CaseState
from core.permissions import Policy
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


def to_retract(member: object) -> QuerySet[Case]:
    """Own published cases, whether anybody still sees them or not."""
    return gate.own_cases(member).filter(state__in=PUBLISHED)


POLICY: Policy = {
    "case.view": gate.visible_cases,
    "case.own": gate.own_cases,
    "case.edit": drafts,
    "case.review": gate.reviewable_cases,
    "case.retract": to_retract,
    "photo.manage": own_photos,
    "photo.review": photos_in_review,
    "photo.receipt": receipts,
    "rendition.view": gate.servable_renditions,
}
