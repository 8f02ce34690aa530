"""Jobs and rounds of the accounts app: preparation and destruction of evidence, lapse of memberships."""

import uuid

from django.db import transaction

from accounts.appointments import terms
from accounts.conduct import renewal as conduct_renewal
from accounts.leaving import exports, service
from accounts.membership import lifecycle, renewal
from accounts.membership.models import Member
from accounts.profiles import directory, portraits
from accounts.security import address, mail_limits, sessions
from accounts.security.recovery import service as recovery
from accounts.vetting import deadlocks, events, evidence, joining
from accounts.vetting.checking import marks
from accounts.vetting.rechecks import drawing
from core import jobs


# After the members' own pictures: strangers send these.
@jobs.handles(evidence.PREPARE, urgency=jobs.Urgency.MAIL)
def prepare_evidence(subject: uuid.UUID) -> None:
    """Make one licence picture clean."""
    evidence.prepare(subject)


@jobs.handles(evidence.DESTROY, urgency=jobs.Urgency.DESTRUCTION)
def destroy_evidence(subject: uuid.UUID) -> None:
    """Destroy one licence picture after the decision."""
    evidence.destroy(subject)


@jobs.handles(portraits.PREPARE, urgency=jobs.Urgency.MAIL)
def prepare_portrait(subject: uuid.UUID) -> None:
    """Make one portrait clean."""
    portraits.prepare(subject)


@jobs.handles(portraits.DESTROY, urgency=jobs.Urgency.DESTRUCTION)
def destroy_portrait(subject: uuid.UUID) -> None:
    """Destroy one portrait that was taken back or replaced, or whose member is erased."""
    portraits.destroy(subject)


@jobs.handles(exports.BUILD, urgency=jobs.Urgency.EXPORTS)
def build_export(subject: uuid.UUID) -> None:
    """Make the copy of a member's data."""
    exports.build(subject)


@jobs.handles(exports.DESTROY, urgency=jobs.Urgency.DESTRUCTION)
def destroy_export(subject: uuid.UUID) -> None:
    """Destroy the copy of a member's data."""
    exports.destroy(subject)


@jobs.handles(service.ERASE, urgency=jobs.Urgency.DESTRUCTION)
def erase_member(subject: uuid.UUID) -> None:
    """Erase a member who has left."""
    service.erase(subject)


jobs.every(seconds=3600)(exports.expire)
jobs.every(seconds=3600)(service.remind)
jobs.every(seconds=3600)(service.begin_due)
jobs.every(seconds=3600)(service.erase_again_after_restore)
jobs.every(seconds=3600)(lifecycle.lapse_expired)
jobs.every(seconds=3600)(renewal.remind_due)
jobs.every(seconds=3600)(conduct_renewal.end_older_modules)
jobs.every(seconds=3600)(conduct_renewal.remind_due)
jobs.every(seconds=3600)(terms.adopt)
jobs.every(seconds=3600)(terms.remind_due)
jobs.every(seconds=3600)(terms.end_expired)
jobs.every(seconds=3600)(evidence.destroy_orphans)
jobs.every(seconds=3600)(portraits.destroy_orphans)
jobs.every(seconds=86400)(directory.repair)
jobs.every(seconds=3600)(joining.discard_old)
jobs.every(seconds=3600)(mail_limits.forget)
jobs.every(seconds=3600)(marks.forget_browsers)
jobs.every(seconds=3600)(drawing.draw_due)
jobs.every(seconds=300)(recovery.take_effect)
jobs.every(seconds=3600)(recovery.expire_old)
jobs.every(seconds=3600)(sessions.forget_ended)
jobs.every(seconds=600)(address.forget)


@jobs.every(seconds=3600)
def tell_of_stuck_applications() -> None:
    """Enqueue a mail to the administrators when an application cannot be decided by the moderators there are."""
    with transaction.atomic():
        if deadlocks.note_stuck():
            for member in Member.objects.verified().filter(is_staff=True):
                jobs.enqueue(kind=events.STUCK, subject=member.pk)
