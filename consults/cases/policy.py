"""Policy of cases and photos, apart from the discussion: action -> rows."""

from django.db.models import Q, QuerySet

from accounts.models import Member
from accounts.policy import rights
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


def to_follow_up(member: object) -> QuerySet[Case]:
    """Return own cases, shown now, to which something may be added."""
    return gate.visible_cases(member).filter(author_id=getattr(member, "pk", None))


def to_ask_for(member: object) -> QuerySet[Case]:
    """Return visible sensitive cases of others whose pictures this member may see on asking, by profession."""
    if not rights(member).sensitive:
        return Case.objects.none()
    return gate.visible_cases(member).exclude(sensitive=[]).exclude(author_id=getattr(member, "pk", None))


def to_mark_sensitive(member: object) -> QuerySet[Case]:
    """Return visible cases that this member may mark as sensitive: own ones, and any for moderators."""
    shown = gate.visible_cases(member)
    may_moderate = isinstance(member, Member) and member.may_moderate
    return shown if may_moderate else shown.filter(author_id=getattr(member, "pk", None))


POLICY: Policy = {
    "case.view": gate.visible_cases,
    "case.own": gate.own_cases,
    "case.edit": drafts,
    "case.second_read": gate.cases_to_second_read,
    "case.retract": to_retract,
    "case.follow_up": to_follow_up,
    "case.ask_to_see": to_ask_for,
    "case.mark_sensitive": to_mark_sensitive,
    "photo.manage": own_photos,
    "photo.review": photos_in_review,
    "photo.receipt": receipts,
    "rendition.view": gate.servable_renditions,
}
