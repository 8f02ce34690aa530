"""Who may identify a member anew: moderators without a conflict of interest; administrators where these are too few."""

import uuid
from collections.abc import Iterable
from typing import Final

from accounts.membership.models import Member
from accounts.security.recovery.models import Recovery, RecoveryState
from accounts.vetting.models import Reference, comparable

NEEDED: Final = 2


def judges_of(recoveries: Iterable[Recovery]) -> dict[uuid.UUID, list[Member]]:
    """Return who may vote on each recovery, in the same three queries whatever their number.

    Not the member, their supervisor or resident, somebody who vouched for them, or somebody of the same institution.
    """
    wanted = list(recoveries)
    moderators = list(Member.objects.moderators())
    administrators = list(Member.objects.verified().filter(is_staff=True))
    named = Reference.objects.filter(application__member__in=[one.member_id for one in wanted], member__isnull=False)
    vouched = set(named.values_list("application__member_id", "member_id"))
    found = {}
    for one in wanted:
        free = [judge for judge in moderators if _is_free(judge, one.member, vouched)]
        if len(free) < NEEDED:
            free += [judge for judge in administrators if _is_free(judge, one.member, vouched)]
        found[one.pk] = free
    return found


def recoveries_for(member: Member) -> list[uuid.UUID]:
    """Return the ids of recoveries on which this person may vote, or has voted, while they wait for votes."""
    waiting = list(Recovery.objects.filter(state=RecoveryState.CONFIRMED).select_related("member"))
    judges = judges_of(waiting) if waiting else {}
    return [one.pk for one in waiting if any(judge.pk == member.pk for judge in judges[one.pk])]


def _is_free(judge: Member, member: Member, vouched: set[tuple[uuid.UUID, uuid.UUID]]) -> bool:
    if judge.pk in (member.pk, member.supervisor_id) or judge.supervisor_id == member.pk:
        return False
    same_house = bool(comparable(judge.institution)) and comparable(judge.institution) == comparable(member.institution)
    return not same_house and (member.pk, judge.pk) not in vouched
