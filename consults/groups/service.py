"""Groups made by administrators, and who belongs to them."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.exceptions import ChangeRefused
from consults.groups.models import Group, Membership


@transaction.atomic
def make(*, name: str, purpose: str, open_to_nurses: bool, by: Member) -> Group:
    """Make a group without members. Raises ChangeRefused when the name is taken."""
    try:
        with transaction.atomic():
            group = Group.objects.create(name=name.strip(), purpose=purpose.strip(), open_to_nurses=open_to_nurses)
    except IntegrityError as error:
        raise ChangeRefused(_("There is a group with this name already. Choose another one.")) from error
    record(verb="group.made", actor=by, subject=("group", group.pk), open_to_nurses=open_to_nurses)
    return group


@transaction.atomic
def add(*, group: Group, member: Member, by: Member) -> None:
    """Add a verified member, who sees the group's cases from now on. Raises ChangeRefused."""
    row = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if not row.may_see_cases:
        raise ChangeRefused(_("Only verified members who see cases belong to groups."))
    _membership, made = Membership.objects.get_or_create(group=group, member=row)
    if not made:
        raise ChangeRefused(_("This person belongs to the group already."))
    record(verb="group.member_added", actor=by, subject=("group", group.pk), member=str(row.pk))


@transaction.atomic
def remove(*, group: Group, member: Member, by: Member) -> None:
    """Remove a member, who does not see the group's cases any more. Raises ChangeRefused."""
    if not Membership.objects.filter(group=group, member=member).delete()[0]:
        raise ChangeRefused(_("This person does not belong to the group any more."))
    record(verb="group.member_removed", actor=by, subject=("group", group.pk), member=str(member.pk))
