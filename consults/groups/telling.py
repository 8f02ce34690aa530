"""Mails about groups. They say that something waits or has changed, and name no group: the page does."""

from typing import Final
from uuid import UUID

from django.urls import reverse

from accounts.models import Member
from accounts.security.mail_limits import once_in_a_while
from consults.groups import policy
from consults.groups.models import (
    Admission,
    AdmissionState,
    GroupProposal,
    GroupRemoval,
    ProposalState,
    Way,
    moderating,
)
from core import jobs
from notifications import mail

INVITED: Final = "group.tell_invited"  # subject: the invitation
REQUESTED: Final = "group.tell_requested"  # subject: the request
ANSWERED: Final = "group.tell_answered"  # subject: the request
REMOVED: Final = "group.tell_removed"  # subject: the row of GroupRemoval
PROPOSED: Final = "group.tell_proposed"  # subject: the proposal
DECIDED: Final = "group.tell_decided"  # subject: the proposal
APPOINTED: Final = "group.tell_appointed"  # subject: the member
ENDED: Final = "group.tell_ended"  # subject: the member


def enqueue(kind: str, *, about: UUID) -> None:
    """Enqueue one of these mails. Call in the transaction of the change."""
    jobs.enqueue(kind=kind, subject=about)


def tell_invited(*, admission_id: UUID) -> None:
    """Mail a member that a group invites them, unless that is over."""
    found = policy.waiting_admissions().select_related("member").filter(pk=admission_id, way=Way.INVITATION).first()
    if found is not None:
        _send("group_invited", found.member, reverse("consults:group_admission", args=[found.pk]))


def tell_requested(*, admission_id: UUID) -> None:
    """Mail the moderators of a group that somebody asks to join; once in ten minutes each."""
    found = policy.waiting_admissions().filter(pk=admission_id, way=Way.REQUEST).first()
    if found is None:
        return
    for place in moderating().filter(group=found.group_id).select_related("member").order_by("pk"):
        with once_in_a_while("group", place.member.email) as may_send:
            if may_send:
                _send("group_requested", place.member, reverse("consults:group_members", args=[found.group_id]))


def tell_answered(*, admission_id: UUID) -> None:
    """Mail a member that their request was answered."""
    found = Admission.objects.select_related("member").get(pk=admission_id)
    if found.state in (AdmissionState.ACCEPTED, AdmissionState.REFUSED):
        _send("group_answered", found.member, reverse("consults:groups"))


def tell_removed(*, removal_id: UUID) -> None:
    """Mail a member that they no longer belong to a group; the reason is on the page."""
    _send(
        "group_removed",
        GroupRemoval.objects.select_related("member").get(pk=removal_id).member,
        reverse("consults:groups"),
    )


def tell_proposed(*, proposal_id: UUID) -> None:
    """Ask the second specialist, unless that is over."""
    found = policy.waiting_proposals().select_related("second").filter(pk=proposal_id).first()
    if found is not None:
        _send("group_proposed", found.second, reverse("consults:group_proposal", args=[found.pk]))


def tell_decided(*, proposal_id: UUID) -> None:
    """Mail whoever proposed a group that the second specialist has answered."""
    found = GroupProposal.objects.select_related("by").get(pk=proposal_id)
    if found.state in (ProposalState.CONFIRMED, ProposalState.REFUSED):
        _send("group_decided", found.by, reverse("consults:groups"))


def tell_member(*, member_id: UUID, name: str) -> None:
    """Mail a member that they moderate a group now, or that one of theirs was closed down."""
    _send(name, Member.objects.get(pk=member_id), reverse("consults:groups"))


def _send(name: str, member: Member, path: str) -> None:
    if member.may_see_cases:
        mail.send(mail.Notice(name, member.email, path))
