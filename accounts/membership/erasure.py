"""What is forgotten of a membership when its member is erased: words, addresses, terms. The log keeps ids and codes."""

import uuid
from typing import Any

from django.dispatch import receiver

from accounts.appointments.models import OfficeTerm
from accounts.membership.lifecycle import standing_changed
from accounts.membership.models import Member, RenewalReminder, Standing, Verification
from accounts.membership.supervision.models import Supervision
from accounts.membership.suspension.models import Suspension
from accounts.membership.yearly.models import YearlyCheck
from accounts.security.changes import tell_of_change
from accounts.security.models import Change


def release_residents(member_id: uuid.UUID) -> None:
    """Take off the supervisor of those whom somebody erased supervised, and tell them. Call in a transaction."""
    for resident in Member.objects.filter(supervisor=member_id):
        Member.objects.filter(pk=resident.pk).update(supervisor=None)
        tell_of_change(resident, Change.SUPERVISOR_LEFT)


@receiver(standing_changed, dispatch_uid="accounts.forget_membership")
def forget(member_id: uuid.UUID, **_sent: Any) -> None:
    """Forget what was written about an erased member; those whom they supervised look for somebody else."""
    if not Member.objects.filter(pk=member_id, standing=Standing.ERASED).exists():
        return
    Suspension.objects.filter(member=member_id).update(note="", statement="", answer="")
    release_residents(member_id)
    for rows in (
        Supervision.objects.filter(resident=member_id),
        Supervision.objects.filter(supervisor=member_id),
        YearlyCheck.objects.filter(member=member_id),
        OfficeTerm.objects.filter(member=member_id),
        RenewalReminder.objects.filter(member=member_id),
        Verification.objects.filter(pk=member_id),
    ):
        rows.delete()
