"""The rota of volunteers: members who answer cases that wait."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.exceptions import ChangeRefused
from consults.urgency.escalation import A_WEEK
from consults.urgency.models import Volunteer
from consults.urgency.policy import may_volunteer


@transaction.atomic
def join(*, member: Member) -> None:
    """Put a member on the rota, behind nobody: who has been told of fewest cases is told next. Raises ChangeRefused."""
    if not may_volunteer(member):
        raise ChangeRefused(_("The rota is for dermatologists and dermatopathologists."))
    _row, made = Volunteer.objects.get_or_create(member=member)
    if made:
        record(verb="rota.joined", actor=member, subject=("member", member.pk))


@transaction.atomic
def leave(*, member: Member) -> None:
    """Take a member off the rota; no effect when they are not on it."""
    gone, _rows = Volunteer.objects.filter(member=member).delete()
    if gone:
        record(verb="rota.left", actor=member, subject=("member", member.pk))


def told_this_week(volunteer: Volunteer) -> int:
    """Count the cases of which a volunteer was told within a week."""
    return volunteer.calls.filter(at__gt=timezone.now() - A_WEEK).count()
