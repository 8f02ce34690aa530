"""Lookup of a consent by its audience, its uses or its withdrawal code."""

from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from consent.models import Consent, ConsentQuerySet, ConsentUse, Status, Use
from consent.records import codes


def covering(*, group_id: UUID | F | None) -> ConsentQuerySet:
    """Return active consents that allow this audience; None means all vetted members.

    In a subquery, `group_id` names the column of the outer query (`OuterRef(OuterRef("group_id"))`).

    Permission for all vetted members covers a group too, because a group has vetted members only. The
    reverse does not hold.
    """
    wanted = Q(use=Use.ALL_MEMBERS)
    if group_id is not None:
        wanted |= Q(use=Use.NAMED_GROUP, scope=group_id)
    return Consent.objects.active().filter(Exists(ConsentUse.objects.filter(wanted, consent=OuterRef("pk"))))


def allows(*, consent: Consent, use: Use) -> bool:
    """Whether this use was ticked."""
    return consent.uses.filter(use=use).exists()


def find_by_code(code: str) -> Consent | None:
    """Return the consent that this withdrawal code reaches, in any status; of a superseded one, its successor."""
    if not codes.normalise(code):
        return None
    found = Consent.objects.filter(code_sha256=codes.digest(code)).first()
    while found is not None and found.status == Status.SUPERSEDED and found.superseded_by is not None:
        found = found.superseded_by
    return found
