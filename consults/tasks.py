"""Job handlers and rounds; each takes an id and calls a service."""

from uuid import UUID

from consent import withdrawal as consent_withdrawal
from consent.records.recording import CHECK_SIGNATURE
from consults.cases.authoring import case_pictures
from consults.cases.consenting import signature_check
from consults.cases.gate import listing_counts
from consults.moderation import telling
from consults.withdrawal import hide, maintenance, notices
from consults.withdrawal import purge as purging
from core import jobs


@jobs.handles(consent_withdrawal.PURGE, urgency=jobs.Urgency.DESTRUCTION)
def purge(subject: UUID) -> None:
    """Destroy the material held under a withdrawn consent."""
    purging.purge(consent_id=subject)


@jobs.handles(consent_withdrawal.PURGE_PART, urgency=jobs.Urgency.DESTRUCTION)
def purge_part(subject: UUID) -> None:
    """Destroy the material withdrawn with a part of a consent."""
    purging.purge_part(removal_id=subject)


@jobs.handles(hide.TAKE_DOWN, urgency=jobs.Urgency.DESTRUCTION)
def purge_taken_down(subject: UUID) -> None:
    """Destroy a case that was taken down."""
    purging.purge_taken_down(case_id=subject)


@jobs.handles(CHECK_SIGNATURE, urgency=jobs.Urgency.SEAL)
def check_signature(subject: UUID) -> None:
    """Look at the drawing that signs a consent."""
    signature_check.check_signature(consent_id=subject)


@jobs.handles(notices.SEND_NOTICE, urgency=jobs.Urgency.MAIL)
def send_notice(subject: UUID) -> None:
    """Mail a member that a case was withdrawn."""
    notices.send_notice(notice_id=subject)


@jobs.handles(telling.TELL_AUTHOR, urgency=jobs.Urgency.MAIL)
def tell_author(subject: UUID) -> None:
    """Mail an author that something was hidden, or is shown again."""
    telling.tell_author(hold_id=subject)


@jobs.handles(telling.TELL_MODERATORS, urgency=jobs.Urgency.MAIL)
def tell_moderators(subject: UUID) -> None:
    """Mail the moderators that something waits for them."""
    telling.tell_moderators(about=subject)


@jobs.handles(notices.LATE, urgency=jobs.Urgency.MAIL)
def tell_of_late_purges(subject: UUID) -> None:
    """Mail an officer that a destruction is late."""
    notices.mail_staff(member_id=subject, name="late")


@jobs.handles(notices.REPAIRED, urgency=jobs.Urgency.MAIL)
def tell_of_repairs(subject: UUID) -> None:
    """Mail an officer that lists or counts were repaired."""
    notices.mail_staff(member_id=subject, name="repaired")


@jobs.every(seconds=3600)
def sweep_unplaced() -> None:
    """Destroy photos that belong to no case."""
    case_pictures.sweep_unplaced()


jobs.every(seconds=24 * 3600)(maintenance.compare_listings)
jobs.every(seconds=60)(listing_counts.fold)
jobs.every(seconds=60, urgent=True)(maintenance.resume_late_purges)
jobs.every(seconds=3600)(maintenance.reapply_after_restore)
jobs.every(seconds=600)(telling.escalate)
