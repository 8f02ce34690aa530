"""Comments in the thread of a case: written, changed and deleted by their authors. What they said before is kept."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent.models import Consent
from consults.cases.models import Case
from consults.discussion.answers import require_still_allowed
from consults.discussion.models import Comment, CommentVersion
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from core import permissions
from screening import identifiers

SAME_COMMENT_WITHIN = timedelta(minutes=1)


@transaction.atomic
def add_comment(*, case: Case, by: Member, text: str, reply_to: Comment | None = None) -> Comment:
    """Add a comment to the thread; the same text sent again within a minute is the same comment.

    Raises ChangeRefused when it is empty, could identify the patient, or is one too many within the hour.
    """
    text = _screened(text)
    require_still_allowed(case=case, by=by, action="case.comment")
    lately = timezone.now() - SAME_COMMENT_WITHIN
    same = case.comments.filter(author=by, text=text, reply_to=reply_to, written_at__gt=lately).first()
    if same is not None:
        return same
    hour_ago = timezone.now() - timedelta(hours=1)
    most = settings.RULES["comments_an_hour"]
    if Comment.objects.filter(author=by, written_at__gt=hour_ago).count() >= most:
        raise ChangeRefused(
            _("You have written %(most)d comments within an hour. Wait a while, then send this one.") % {"most": most}
        )
    written = Comment.objects.create(case=case, author=by, text=text, reply_to=reply_to)
    record(verb="case.commented", actor=by, subject=("case", case.id), comment=str(written.id))
    return written


@transaction.atomic
def edit(*, comment: Comment, by: Member, text: str) -> None:
    """Change an own comment; its former text is kept for moderators.

    Raises ChangeRefused when it is empty, could identify the patient, or is not open to its author any more.
    """
    text = _screened(text)
    locked = _lock_own(comment, by)
    if text == locked.text:
        return
    CommentVersion.objects.create(comment=locked, text=locked.text)
    locked.text, locked.edited_at = text, timezone.now()
    locked.save(update_fields=["text", "edited_at"])
    record(verb="comment.edited", actor=by, subject=("comment", locked.pk))


@transaction.atomic
def delete(*, comment: Comment, by: Member) -> None:
    """Delete an own comment: its place in the thread stays, its text is kept for moderators. Raises ChangeRefused."""
    locked = _lock_own(comment, by)
    CommentVersion.objects.create(comment=locked, text=locked.text)
    locked.text, locked.deleted_at = "", timezone.now()
    locked.save(update_fields=["text", "deleted_at"])
    record(verb="comment.deleted", actor=by, subject=("comment", locked.pk))


def _screened(text: str) -> str:
    text = text.strip()
    if not text:
        raise ChangeRefused(_("Write something first."))
    found = identifiers.find(text)
    if found:
        raise ChangeRefused(" ".join(sentences(found)))
    return text


def _lock_own(comment: Comment, by: Member) -> Comment:
    """Lock what a withdrawal takes first, then the comment; check the policy under the locks. Raises ChangeRefused."""
    consent_id = Case.objects.values_list("consent", flat=True).get(pk=comment.case_id)
    if consent_id is not None:
        Consent.objects.select_for_update().get(pk=consent_id)
    locked = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if not permissions.allows(by, "comment.change", locked):
        raise ChangeRefused(_("This comment cannot be changed any more. Write another one."))
    return locked
