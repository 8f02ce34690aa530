"""Comments in the thread of a case."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases.models import Case
from consults.discussion.answers import require_still_allowed
from consults.discussion.models import Comment
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from screening import identifiers

SAME_COMMENT_WITHIN = timedelta(minutes=1)


@transaction.atomic
def add_comment(*, case: Case, by: Member, text: str, reply_to: Comment | None = None) -> Comment:
    """Add a comment to the thread; the same text sent again within a minute is the same comment.

    Raises ChangeRefused when it is empty, could identify the patient, or is one too many within the hour.
    """
    text = text.strip()
    if not text:
        raise ChangeRefused(_("Write something first."))
    found = identifiers.find(text)
    if found:
        raise ChangeRefused(" ".join(sentences(found)))
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
