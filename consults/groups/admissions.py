"""Joining a group: a member asks and a moderator accepts, or a moderator invites and the member accepts."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.exceptions import ChangeRefused
from consults.groups import policy, telling
from consults.groups.founding import screened
from consults.groups.models import (
    KEPT_DAYS,
    Admission,
    AdmissionState,
    Group,
    GroupProposal,
    GroupRemoval,
    Membership,
    Way,
)
from consults.groups.running import lock, require_moderator
from consults.groups.states import ADMISSION
from core import permissions


@transaction.atomic
def request(*, group: Group, by: Member) -> Admission:
    """Ask to join an open group. Raises ChangeRefused."""
    locked = lock(group)
    member = _lock_member(by)
    expire_due(group=locked, member=member)
    if not permissions.allows(member, "group.request", locked):
        raise ChangeRefused(_("You cannot ask to join this group now. Its moderators can invite you."))
    most = int(settings.RULES["group_requests_waiting"])
    if policy.waiting_admissions().filter(way=Way.REQUEST, member=member).count() >= most:
        raise ChangeRefused(_("Your earlier requests wait for an answer. Take one back first."))
    made = Admission.objects.create(group=locked, member=member, way=Way.REQUEST, by=member)
    telling.enqueue(telling.REQUESTED, about=made.pk)
    record(verb="group.requested", actor=by, subject=("group", locked.pk), admission=str(made.pk))
    return made


@transaction.atomic
def invite(*, group: Group, member: Member, by: Member) -> Admission:
    """Invite a verified member. Raises ChangeRefused."""
    locked = lock(group)
    require_moderator(locked, by)
    row = _lock_member(member)
    expire_due(group=locked, member=row)
    _require_may_belong(locked, row)
    waiting = policy.waiting_admissions().filter(group=locked, member=row).first()
    if waiting is not None:
        raise ChangeRefused(
            _("This person has asked to join: accept the request.")
            if waiting.way == Way.REQUEST
            else _("This person was invited already and has not answered yet.")
        )
    lately = timezone.now() - timedelta(days=1)
    if Admission.objects.filter(by=by, way=Way.INVITATION, made_at__gt=lately).count() >= int(
        settings.RULES["group_invitations_a_day"]
    ):
        raise ChangeRefused(_("You have invited as many members as one may in a day. Go on tomorrow."))
    made = Admission.objects.create(group=locked, member=row, way=Way.INVITATION, by=by)
    telling.enqueue(telling.INVITED, about=made.pk)
    record(verb="group.invited", actor=by, subject=("group", locked.pk), admission=str(made.pk), member=str(row.pk))
    return made


@transaction.atomic
def accept(*, admission: Admission, by: Member) -> None:
    """Accept a request as a moderator, or an invitation as the member, who sees the group's cases from now on.

    Raises ChangeRefused.
    """
    locked = lock(admission.group)
    row = _lock_member(admission.member)
    _require_answerable(admission, by)
    _require_may_belong(locked, row)
    ADMISSION.move(admission, to=AdmissionState.ACCEPTED, decided_by=by, decided_at=timezone.now())
    Membership.objects.create(group=locked, member=row)
    if admission.way == Way.REQUEST:
        telling.enqueue(telling.ANSWERED, about=admission.pk)
    record(
        verb="group.joined",
        actor=by,
        subject=("group", locked.pk),
        member=str(row.pk),
        admission=str(admission.pk),
        way=admission.way,
    )


@transaction.atomic
def refuse(*, admission: Admission, by: Member, reason: str = "", words: str = "") -> None:
    """Refuse a request with a reason, or decline an invitation without one. Raises ChangeRefused."""
    lock(admission.group)
    _require_answerable(admission, by)
    if admission.way == Way.REQUEST and not reason:
        raise ChangeRefused(_("Choose a reason; the member reads it."))
    ADMISSION.move(
        admission,
        to=AdmissionState.REFUSED,
        decided_by=by,
        decided_at=timezone.now(),
        reason=reason if admission.way == Way.REQUEST else "",
        words=screened(words) if admission.way == Way.REQUEST else "",
    )
    if admission.way == Way.REQUEST:
        telling.enqueue(telling.ANSWERED, about=admission.pk)
    record(
        verb="group.not_joined",
        actor=by,
        subject=("group", admission.group_id),
        member=str(admission.member_id),
        admission=str(admission.pk),
        way=admission.way,
        reason=reason,
    )


@transaction.atomic
def take_back(*, admission: Admission, by: Member) -> None:
    """Take an own request back, or an invitation of an own group. Raises ChangeRefused."""
    lock(admission.group)
    if not permissions.allows(by, "group_admission.take_back", admission):
        raise ChangeRefused(_("This was answered, taken back or has ended already. Reload the page."))
    ADMISSION.move(admission, to=AdmissionState.TAKEN_BACK, decided_by=by, decided_at=timezone.now())
    record(
        verb="group.admission_taken_back",
        actor=by,
        subject=("group", admission.group_id),
        admission=str(admission.pk),
        way=admission.way,
    )


def expire_due(*, group: Group | None = None, member: Member | None = None) -> int:
    """Mark requests and invitations that nobody has answered in time; return how many."""
    due = Admission.objects.filter(expires_at__lte=timezone.now())
    if group is not None and member is not None:
        due = due.filter(group=group, member=member)
    return ADMISSION.update(due, to=AdmissionState.EXPIRED, decided_at=timezone.now())


def forget() -> int:
    """Delete what was answered, and why somebody was removed, after a year; return how many rows.

    The log keeps that it was, by ids.
    """
    then = timezone.now() - timedelta(days=KEPT_DAYS)
    answered = Admission.objects.filter(decided_at__lt=then).delete()[0]
    proposals = GroupProposal.objects.filter(decided_at__lt=then).delete()[0]
    return answered + proposals + GroupRemoval.objects.filter(at__lt=then).delete()[0]


def _lock_member(member: Member) -> Member:
    """Lock the row, so that nobody joins who is being suspended."""
    found: Member = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    return found


def _require_answerable(admission: Admission, by: Member) -> None:
    if not permissions.allows(by, "group_admission.answer", admission):
        raise ChangeRefused(_("This was answered, taken back or has ended already. Reload the page."))


def _require_may_belong(group: Group, member: Member) -> None:
    if not member.may_see_cases:
        raise ChangeRefused(_("Only verified members who see cases belong to groups."))
    if not policy.may_belong(member, open_to_nurses=group.open_to_nurses):
        raise ChangeRefused(
            _("This group is not open to nurses and physician assistants. Open it under “Change” first.")
        )
    if Membership.objects.filter(group=group, member=member).exists():
        raise ChangeRefused(_("This person belongs to the group already."))
