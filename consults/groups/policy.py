"""Policy of groups: action -> rows.

A closed group exists for its members, for whoever it has invited, and, while it has no moderator, for administrators;
for nobody else. Whoever may not see a group learns nothing of it: `group.view` comes first on every page (404).

| who | sees it | belongs | asks to join | moderates |
|---|---|---|---|---|
| verified member | open, by invitation | what they joined | open groups | – |
| nurse or assistant | the same | groups open to nurses | open groups that are open to nurses | never |
| student | the same | what they joined | open groups | never |
| privacy officer | none | none | none | none |
| administrator | open, by invitation, and any without a moderator, on a page of their own | none | none | none |
"""

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Member, Profession
from accounts.policy import RIGHTS, SPECIALISTS, Scope, rights
from consults.groups.models import (
    ADMISSION_DAYS,
    Admission,
    AdmissionState,
    Group,
    GroupProposal,
    Kind,
    Membership,
    ProposalState,
    Way,
    moderating,
)
from core.permissions import Policy, is_among


def may_belong(member: Member, *, open_to_nurses: bool) -> bool:
    """Whether this member's profession may belong to a group that is, or is not, open to nurses and assistants."""
    scope = rights(member).see_cases
    return bool(scope) and (scope != Scope.OPTED_IN or open_to_nurses)


def may_moderate(member: object) -> bool:
    """Whether this member may moderate a group: whoever sees the cases of all their groups."""
    return isinstance(member, Member) and rights(member).see_cases == Scope.ALL


def may_propose(member: object) -> bool:
    """Whether this member may propose a group, or confirm one: a verified specialist."""
    return isinstance(member, Member) and member.may_see_cases and member.profession in SPECIALISTS


def waiting_admissions() -> QuerySet[Admission]:
    """Return requests and invitations that can still be answered."""
    return Admission.objects.filter(state=AdmissionState.WAITING, expires_at__gt=timezone.now(), group__ended_at=None)


def waiting_proposals() -> QuerySet[GroupProposal]:
    """Return proposals that can still be answered."""
    return GroupProposal.objects.filter(state=ProposalState.WAITING, expires_at__gt=timezone.now())


def _reads(member: object) -> bool:
    return isinstance(member, Member) and member.may_see_cases


def _pk(member: object) -> UUID | None:
    return member.pk if isinstance(member, Member) else None


def _belongs(member: object) -> Exists:
    return Exists(Membership.objects.filter(member=_pk(member), group=OuterRef("pk")))


def groups_to_view(member: object) -> QuerySet[Group]:
    """Return the groups of which this member may know: all but the closed ones of others."""
    if not _reads(member):
        return Group.objects.none()
    invited = waiting_admissions().filter(way=Way.INVITATION, member=_pk(member), group=OuterRef("pk"))
    return Group.objects.active().filter(~Q(kind=Kind.CLOSED) | Q(_belongs(member)) | Q(Exists(invited)))


def groups_of(member: object) -> QuerySet[Group]:
    """Return the groups to which this member belongs: they see who else does."""
    return groups_to_view(member).filter(_belongs(member))


def groups_to_request(member: object) -> QuerySet[Group]:
    """Return the open groups that this member may ask to join: not refused within a month, nothing waits already."""
    if not isinstance(member, Member) or not rights(member).see_cases:
        return Group.objects.none()
    mine = Admission.objects.filter(member=member, group=OuterRef("pk"))
    waits = waiting_admissions().filter(member=member, group=OuterRef("pk"))
    lately = timezone.now() - timedelta(days=ADMISSION_DAYS)
    refused = mine.filter(way=Way.REQUEST, state=AdmissionState.REFUSED, decided_at__gt=lately)
    found = Group.objects.active().filter(~_belongs(member), ~Exists(waits), ~Exists(refused), kind=Kind.OPEN)
    return found if rights(member).see_cases != Scope.OPTED_IN else found.filter(open_to_nurses=True)


def groups_to_moderate(member: object) -> QuerySet[Group]:
    """Return the groups that this member moderates."""
    if not may_moderate(member):
        return Group.objects.none()
    mine = moderating().filter(member=_pk(member), group=OuterRef("pk"))
    return Group.objects.active().filter(Exists(mine))


def places_to_remove(member: object) -> QuerySet[Membership]:
    """Return the places from which a moderator of the group may remove somebody: not their own, no fellow moderator's.

    A moderator steps back and is not removed, or one of two could take a group over; unless they are not verified any
    more.
    """
    mine = groups_to_moderate(member)
    others = Membership.objects.filter(is_among(mine, "group")).exclude(member=_pk(member))
    return others.exclude(pk__in=moderating().filter(is_among(mine, "group")).values("pk"))


def places_to_appoint(member: object) -> QuerySet[Membership]:
    """Return the places of ordinary members whom a moderator of the group may make a moderator too."""
    able = moderating_professions()
    readers = Member.objects.verified().filter(is_staff=False, is_privacy_officer=False, profession__in=able)
    return Membership.objects.filter(
        is_among(groups_to_moderate(member), "group"), is_among(readers, "member"), is_moderator=False
    )


def requests_to_decide(member: object) -> QuerySet[Admission]:
    """Return the requests that wait for this moderator of a group."""
    return waiting_admissions().filter(is_among(groups_to_moderate(member), "group"), way=Way.REQUEST)


def invitations_to_answer(member: object) -> QuerySet[Admission]:
    """Return the invitations that wait for this member."""
    if not _reads(member):
        return Admission.objects.none()
    return waiting_admissions().filter(way=Way.INVITATION, member=_pk(member))


def admissions_to_answer(member: object) -> QuerySet[Admission]:
    """Return both."""
    return requests_to_decide(member) | invitations_to_answer(member)


def admissions_to_take_back(member: object) -> QuerySet[Admission]:
    """Return own requests, and the invitations of the groups that this member moderates."""
    if not _reads(member):
        return Admission.objects.none()
    of_groups = Q(way=Way.INVITATION) & is_among(groups_to_moderate(member), "group")
    return waiting_admissions().filter(Q(way=Way.REQUEST, member=_pk(member)) | of_groups)


def proposals_to_answer(member: object) -> QuerySet[GroupProposal]:
    """Return the proposals that this specialist was asked to confirm."""
    if not may_propose(member):
        return GroupProposal.objects.none()
    return waiting_proposals().filter(second=_pk(member))


def proposals_to_take_back(member: object) -> QuerySet[GroupProposal]:
    """Return the proposals that this member made."""
    if not _reads(member):
        return GroupProposal.objects.none()
    return waiting_proposals().filter(by=_pk(member))


def proposals_to_view(member: object) -> QuerySet[GroupProposal]:
    """Return both."""
    return proposals_to_answer(member) | proposals_to_take_back(member)


def to_manage(member: object) -> QuerySet[Group]:
    """Return the groups that administrators may know of: all but the closed ones that have a moderator."""
    if not _administers(member):
        return Group.objects.none()
    return Group.objects.active().filter(~Q(kind=Kind.CLOSED) | is_among(Group.objects.without_moderator(), "pk"))


def to_rescue(member: object) -> QuerySet[Group]:
    """Return the groups without a moderator, which an administrator fills, hands over or closes down."""
    if not _administers(member):
        return Group.objects.none()
    return Group.objects.active().without_moderator()


def to_fill(member: object) -> QuerySet[Group]:
    """Return those among them for which no case was ever posted: only there may an administrator add somebody.

    Threat: an administrator, who sees no case, suspends the moderators of a group and adds a friend who does.
    """
    return to_rescue(member).filter(cases__isnull=True)


def _administers(member: object) -> bool:
    return isinstance(member, Member) and member.is_verified and member.is_staff


def moderating_professions() -> tuple[str, ...]:
    """Return the professions of which somebody may moderate a group: those that see the cases of all their groups."""
    return tuple(Profession(job) for job, right in RIGHTS.items() if right.see_cases == Scope.ALL)


def nurses() -> tuple[str, ...]:
    """Return the professions that see the cases of groups which open themselves to them."""
    return tuple(Profession(job) for job, right in RIGHTS.items() if right.see_cases == Scope.OPTED_IN)


POLICY: Policy = {
    "group.view": groups_to_view,
    "group.belong": groups_of,
    "group.request": groups_to_request,
    "group.moderate": groups_to_moderate,
    "group.remove": places_to_remove,
    "group.appoint": places_to_appoint,
    "group_request.decide": requests_to_decide,
    "group_invitation.answer": invitations_to_answer,
    "group_admission.answer": admissions_to_answer,
    "group_admission.take_back": admissions_to_take_back,
    "group_proposal.view": proposals_to_view,
    "group_proposal.answer": proposals_to_answer,
    "group_proposal.take_back": proposals_to_take_back,
    "group.manage": to_manage,
    "group.rescue": to_rescue,
    "group.fill": to_fill,
}
