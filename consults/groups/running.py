"""The life of a group: what it says of itself, who moderates it, who leaves it, and its end.

Every change locks the row of the group first, so that of two moderators who step back at once one stays.
"""

from typing import Final

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.exceptions import ChangeRefused
from consults.groups import policy, telling
from consults.groups.founding import screened
from consults.groups.models import Admission, AdmissionState, Group, GroupRemoval, Kind, Membership, Way, moderating
from consults.groups.states import ADMISSION
from core import permissions

# Sent by `end` in its transaction, with `group_id`: the cases of the group have no audience any more.
group_ended: Final = Signal()


def lock(group: Group) -> Group:
    """Lock the row of a group that was not closed down, and return it. Raises ChangeRefused."""
    found: Group | None = Group.objects.select_for_update(no_key=True).active().filter(pk=group.pk).first()
    if found is None:
        raise ChangeRefused(_("This group was closed down. Go back to “Groups”."))
    return found


def require_moderator(group: Group, by: Member) -> None:
    """Refuse whoever does not moderate the group now. Call under its lock. Raises ChangeRefused."""
    if not permissions.allows(by, "group.moderate", group):
        raise ChangeRefused(_("Only a moderator of the group does this. Ask one of them."))


@transaction.atomic
def change(*, group: Group, by: Member, description: str, purpose: str, kind: str, open_to_nurses: bool) -> None:
    """Change what a group says of itself and who knows of it; its name stays, because consents name it.

    A group that is no longer open has no requests. Raises ChangeRefused.
    """
    locked = lock(group)
    require_moderator(locked, by)
    before = (locked.kind, locked.open_to_nurses)
    locked.description, locked.purpose = screened(description), purpose
    locked.kind, locked.open_to_nurses = kind, open_to_nurses
    locked.save(update_fields=["description", "purpose", "kind", "open_to_nurses"])
    if kind != Kind.OPEN:
        waiting = Admission.objects.filter(group=locked, way=Way.REQUEST)
        ADMISSION.update(waiting, to=AdmissionState.EXPIRED, decided_at=timezone.now())
    record(
        verb="group.changed",
        actor=by,
        subject=("group", locked.pk),
        purpose=purpose,
        kind=kind,
        open_to_nurses=open_to_nurses,
        kind_before=before[0],
        open_to_nurses_before=before[1],
    )


@transaction.atomic
def leave(*, group: Group, by: Member) -> None:
    """Leave a group; its cases are gone at the next request. Raises ChangeRefused, for the last moderator too."""
    locked = lock(group)
    place = Membership.objects.filter(group=locked, member=by).first()
    if place is None:
        raise ChangeRefused(_("You do not belong to this group."))
    if place.is_moderator:
        _require_another_moderator(locked, by)
    place.delete()
    record(verb="group.left", actor=by, subject=("group", locked.pk))


@transaction.atomic
def remove(*, place: Membership, by: Member, reason: str, words: str = "") -> None:
    """Remove a member with a reason, which they read; the group's cases are gone at their next request.

    Raises ChangeRefused.
    """
    locked = lock(place.group)
    if not permissions.allows(by, "group.remove", place):
        raise ChangeRefused(
            _("This person does not belong to the group any more, or moderates it: then they step back.")
        )
    removal = GroupRemoval.objects.create(
        group=locked, member_id=place.member_id, by=by, reason=reason, words=screened(words)
    )
    Membership.objects.filter(pk=place.pk).delete()
    telling.enqueue(telling.REMOVED, about=removal.pk)
    record(
        verb="group.member_removed",
        actor=by,
        subject=("group", locked.pk),
        member=str(removal.member_id),
        reason=reason,
    )


@transaction.atomic
def appoint(*, place: Membership, by: Member) -> None:
    """Make a member of the group a moderator of it, too. Raises ChangeRefused."""
    locked = lock(place.group)
    if not permissions.allows(by, "group.appoint", place):
        raise ChangeRefused(_("This person cannot moderate the group: choose a verified physician who belongs to it."))
    _appoint(locked, place, by=by)


def _appoint(group: Group, place: Membership, *, by: Member) -> None:
    Membership.objects.filter(pk=place.pk).update(is_moderator=True)
    telling.enqueue(telling.APPOINTED, about=place.member_id)
    record(verb="group.moderator_appointed", actor=by, subject=("group", group.pk), member=str(place.member_id))


@transaction.atomic
def step_back(*, group: Group, by: Member) -> None:
    """Stop moderating a group and stay a member. Raises ChangeRefused for the last moderator."""
    locked = lock(group)
    require_moderator(locked, by)
    _require_another_moderator(locked, by)
    Membership.objects.filter(group=locked, member=by).update(is_moderator=False)
    record(verb="group.moderator_stepped_back", actor=by, subject=("group", locked.pk))


@transaction.atomic
def end(*, group: Group, by: Member) -> None:
    """Close a group down: nobody belongs to it, nothing waits, and its cases are seen by their authors alone.

    By a moderator of it, or by an administrator while it has none. Its row stays, because consents name it. Raises
    ChangeRefused.
    """
    locked = lock(group)
    if not (permissions.allows(by, "group.moderate", locked) or permissions.allows(by, "group.rescue", locked)):
        raise ChangeRefused(_("Only a moderator of the group closes it down, or an administrator when it has none."))
    members = list(Membership.objects.filter(group=locked).order_by("member").values_list("member", flat=True))
    Membership.objects.filter(group=locked).delete()
    ADMISSION.update(Admission.objects.filter(group=locked), to=AdmissionState.EXPIRED, decided_at=timezone.now())
    locked.ended_at = timezone.now()
    locked.save(update_fields=["ended_at"])
    for member_id in members:
        if member_id != by.pk:
            telling.enqueue(telling.ENDED, about=member_id)
    group_ended.send(sender=Group, group_id=locked.pk)
    record(verb="group.ended", actor=by, subject=("group", locked.pk), members=len(members))


# --- By an administrator, who sees no case, while there is no moderator


@transaction.atomic
def add(*, group: Group, member: Member, by: Member) -> None:
    """Add a verified member to a group without a moderator and without a case. Raises ChangeRefused."""
    locked = lock(group)
    if not permissions.allows(by, "group.fill", locked):
        raise ChangeRefused(_("Its moderators say who belongs to this group. Hand it over to a member of it instead."))
    row = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if not row.may_see_cases:
        raise ChangeRefused(_("Only verified members who see cases belong to groups."))
    if not policy.may_belong(row, open_to_nurses=locked.open_to_nurses):
        raise ChangeRefused(_("This group is not open to nurses and physician assistants."))
    _membership, made = Membership.objects.get_or_create(group=locked, member=row)
    if not made:
        raise ChangeRefused(_("This person belongs to the group already."))
    record(verb="group.member_added", actor=by, subject=("group", locked.pk), member=str(row.pk))


@transaction.atomic
def hand_over(*, place: Membership, by: Member) -> None:
    """Make a member of a group without a moderator its moderator. Raises ChangeRefused."""
    locked = lock(place.group)
    if not permissions.allows(by, "group.rescue", locked):
        raise ChangeRefused(_("This group has a moderator, who appoints others."))
    member = Member.objects.select_for_update(no_key=True).get(pk=place.member_id)
    if not policy.may_moderate(member) or not Membership.objects.filter(pk=place.pk).exists():
        raise ChangeRefused(_("This person cannot moderate the group: choose a verified physician who belongs to it."))
    _appoint(locked, place, by=by)


def _require_another_moderator(group: Group, member: Member) -> None:
    if not moderating().filter(group=group).exclude(member=member).exists():
        raise ChangeRefused(_("You are its last moderator. Appoint another member first, or close the group down."))
