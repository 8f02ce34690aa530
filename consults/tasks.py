"""Job handlers and rounds; each takes an id and calls a service."""

from uuid import UUID

from consent import withdrawal as consent_withdrawal
from consent.records.recording import CHECK_SIGNATURE
from consults.cases.authoring import audience_lost, case_pictures
from consults.cases.consenting import signature_check
from consults.cases.followup import comparisons
from consults.cases.gate import listing_counts
from consults.cases.review import waiting
from consults.cases.sensitive import service as sensitive
from consults.discussion.outcomes import reminders
from consults.following import news
from consults.following import telling as following
from consults.groups import admissions, founding
from consults.groups import telling as group_mails
from consults.moderation import telling
from consults.moderation.concerns import service as concerns
from consults.moderation.transparency import figures
from consults.similar import vectors
from consults.urgency import escalation, first_answers, marking
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


@jobs.handles(comparisons.COMPARE, urgency=jobs.Urgency.EXPORTS)
def compare_pictures(subject: UUID) -> None:
    """Compare the pictures of a follow-up with the earlier ones of its case."""
    comparisons.compare(addition_id=subject)


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


@jobs.handles(group_mails.INVITED, urgency=jobs.Urgency.MAIL)
def tell_invited(subject: UUID) -> None:
    """Mail a member that a group invites them."""
    group_mails.tell_invited(admission_id=subject)


@jobs.handles(group_mails.REQUESTED, urgency=jobs.Urgency.MAIL)
def tell_requested(subject: UUID) -> None:
    """Mail the moderators of a group that somebody asks to join."""
    group_mails.tell_requested(admission_id=subject)


@jobs.handles(group_mails.ANSWERED, urgency=jobs.Urgency.MAIL)
def tell_answered(subject: UUID) -> None:
    """Mail a member that their request to join was answered."""
    group_mails.tell_answered(admission_id=subject)


@jobs.handles(group_mails.REMOVED, urgency=jobs.Urgency.MAIL)
def tell_removed(subject: UUID) -> None:
    """Mail a member that they were removed from a group."""
    group_mails.tell_removed(removal_id=subject)


@jobs.handles(group_mails.PROPOSED, urgency=jobs.Urgency.MAIL)
def tell_proposed(subject: UUID) -> None:
    """Ask a second specialist to confirm a group."""
    group_mails.tell_proposed(proposal_id=subject)


@jobs.handles(group_mails.DECIDED, urgency=jobs.Urgency.MAIL)
def tell_decided(subject: UUID) -> None:
    """Mail whoever proposed a group that it was answered."""
    group_mails.tell_decided(proposal_id=subject)


@jobs.handles(group_mails.APPOINTED, urgency=jobs.Urgency.MAIL)
def tell_appointed(subject: UUID) -> None:
    """Mail a member that they moderate a group now."""
    group_mails.tell_member(member_id=subject, name="group_appointed")


@jobs.handles(group_mails.ENDED, urgency=jobs.Urgency.MAIL)
def tell_ended(subject: UUID) -> None:
    """Mail a member that a group of theirs was closed down."""
    group_mails.tell_member(member_id=subject, name="group_ended")


@jobs.handles(audience_lost.TELL_AUTHOR, urgency=jobs.Urgency.MAIL)
def tell_audience_lost(subject: UUID) -> None:
    """Mail an author that cases of theirs need another audience."""
    audience_lost.tell_author(member_id=subject)


@jobs.handles(news.RELEASED, urgency=jobs.Urgency.MAIL)
def tell_followers_released(subject: UUID) -> None:
    """Tell who follows something of a released case, or searches for one like it."""
    following.tell_of_release(case_id=subject)


@jobs.handles(news.CLOSED, urgency=jobs.Urgency.MAIL)
def tell_followers_closed(subject: UUID) -> None:
    """Tell who follows a closed case, or what it turned out to be."""
    following.tell_of_closing(case_id=subject)


@jobs.handles(news.WORDS, urgency=jobs.Urgency.EXPORTS)
def compare_words(subject: UUID) -> None:
    """Make the words of a released case comparable with those of others."""
    vectors.keep(case_ids=[subject])


@jobs.every(seconds=600)
def compare_more_words() -> None:
    """Do the same for cases that were released before, a part of them at a time."""
    vectors.keep_missing()


@jobs.every(seconds=3600)
def expire_admissions() -> None:
    """End what nobody has answered in time: requests, invitations, proposals of groups; forget what is a year old."""
    admissions.expire_due()
    founding.expire_proposals()
    admissions.forget()


@jobs.every(seconds=3600)
def sweep_unplaced() -> None:
    """Destroy photos that belong to no case."""
    case_pictures.sweep_unplaced()


jobs.every(seconds=24 * 3600)(waiting.tell_of_due)
jobs.every(seconds=24 * 3600)(figures.write_finished)
jobs.every(seconds=24 * 3600)(concerns.forget)
jobs.every(seconds=3600)(concerns.hand_on)
jobs.every(seconds=24 * 3600)(maintenance.compare_listings)
jobs.every(seconds=24 * 3600)(sensitive.forget)
jobs.every(seconds=60)(listing_counts.fold)
jobs.every(seconds=60, urgent=True)(maintenance.resume_late_purges)
jobs.every(seconds=3600)(maintenance.reapply_after_restore)
jobs.every(seconds=600)(telling.escalate)
jobs.every(seconds=300)(marking.end_due)
jobs.every(seconds=600)(escalation.escalate_waiting)
jobs.every(seconds=24 * 3600)(first_answers.count_first_answers)
jobs.every(seconds=3600)(reminders.remind)
