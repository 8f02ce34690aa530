"""Policy of cases and photos, apart from the discussion: action -> rows."""

from django.db.models import Q, QuerySet

from consent.models import Status
from consults.cases import gate
from consults.cases.models import EDITABLE, PUBLISHED, Case, CaseState
from core.permissions import Policy, is_among
from imaging.models import Photo
from imaging.models import State as PhotoState


def drafts(member: object) -> QuerySet[Case]:
    """Return own cases that may still be changed."""
    return gate.own_cases(member).filter(state__in=EDITABLE)


def photos_in_review(member: object) -> QuerySet[Photo]:
    """Return own photos whose masks are being reviewed: only these have an unmasked preview.

    Threat: after a refusal, a sealed picture could be reopened for review just to look at it.
    """
    wanted = drafts(member).exclude(consent__status=Status.REFUSED)
    return Photo.objects.filter(
        owner_id=getattr(member, "pk", None), state=PhotoState.REVIEW, placement__case__in=wanted
    )


def own_photos(member: object) -> QuerySet[Photo]:
    """Return photos of own drafts, in any state."""
    return Photo.objects.filter(placement__case__in=drafts(member))


def receipts(member: object) -> QuerySet[Photo]:
    """Return sealed photos whose mask receipt this member may read: own ones, and those to second-read."""
    own = gate.own_cases(member).exclude(Q(consent__status="withdrawn") | Q(state=CaseState.WITHDRAWN))
    return Photo.objects.filter(
        is_among(gate.cases_to_second_read(member), "placement__case") | is_among(own, "placement__case"),
        state=PhotoState.SEALED,
    )


def to_retract(member: object) -> QuerySet[Case]:
    """Return own published cases, visible or not."""
    return gate.own_cases(member).filter(state__in=PUBLISHED)


POLICY: Policy = {
    "case.view": gate.visible_cases,
    "case.own": gate.own_cases,
    "case.edit": drafts,
    "case.second_read": gate.cases_to_second_read,
    "case.retract": to_retract,
    "photo.manage": own_photos,
    "photo.review": photos_in_review,
    "photo.receipt": receipts,
    "rendition.view": gate.servable_renditions,
}
