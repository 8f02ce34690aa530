"""Which cases a member may open, for whoever asks with ids alone: notices of what happened to them."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.models import Member
from consults.cases import gate
from consults.cases.models import Case, CaseState


def may_open(member: Member, case_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these cases that are visible to a member, their own, or theirs to second-read. One query.

    Implements `notifications.notices.hooks.MayOpen`.
    """
    if not case_ids:
        return set()
    this = {"pk": OuterRef("pk")}
    theirs = (
        Q(Exists(gate.visible_cases(member).filter(**this)))
        | Q(Exists(gate.own_cases(member).filter(**this)))
        | Q(Exists(gate.cases_to_second_read(member).filter(**this)))
    )
    asked = Case.objects.filter(pk__in=case_ids).exclude(state=CaseState.WITHDRAWN)
    return set(asked.filter(theirs).values_list("pk", flat=True))
