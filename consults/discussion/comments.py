"""Comments in the thread of a case."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.discussion.answers import still_allowed
from consults.exceptions import NotPossible
from consults.models import Case, Comment
from screening import identifiers

SENT_TWICE_WITHIN = timedelta(minutes=1)


@transaction.atomic
def comment(*, case: Case, by: Member, text: str, reply_to: Comment | None = None) -> Comment:
    """Write in the thread; the same words sent again at once are the same comment.

    Raises NotPossible when it is empty or says who the patient is.
    """
    text = text.strip()
    if not text:
        raise NotPossible(_("Write something first."))
    findings = identifiers.find(text)
    if findings:
        raise NotPossible(" ".join(dict.fromkeys(finding.sentence for finding in findings)))
    still_allowed(case=case, by=by, action="case.comment")
    lately = timezone.now() - SENT_TWICE_WITHIN
    same = case.comments.filter(author=by, text=text, reply_to=reply_to, written_at__gt=lately).first()
    if same is not None:
        return same
    written = Comment.objects.create(case=case, author=by, text=text, reply_to=reply_to)
    record(verb="case.commented", actor=by, subject=("case", case.id), comment=str(written.id))
    return written
