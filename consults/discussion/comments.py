"""Comments in the thread of a case: written, changed and deleted by their authors. What they said before is kept."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases.gate import listing
from consults.cases.models import Case
from consults.discussion.answers import lock_consent, require_still_allowed
from consults.discussion.models import Comment, CommentVersion
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from consults.following import news
from core import permissions
from core.prepared import Prepared
from screening import identifiers

SAME_COMMENT_WITHIN = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)
_QUERY: Final = Prepared()


@transaction.atomic
def add_comment(*, case: Case, by: Member, text: str, reply_to: Comment | None = None) -> Comment:
    """Add a comment to the thread; the same text sent again within a minute is the same comment.

    Raises ChangeRefused when it is empty, could identify the patient, or is one too many within the hour.
    """
    text = _screened(text)
    require_still_allowed(case=case, by=by, action="case.comment")
    now = timezone.now()
    most = settings.RULES["comments_an_hour"]
    written = _written_since(now - AN_HOUR, by=by, most=most)
    for one in written:
        if one.written_at > now - SAME_COMMENT_WITHIN and one.says(text, case=case, reply_to=reply_to):
            return Comment.objects.get(pk=one.pk)
    if len(written) >= most:
        raise ChangeRefused(
            _("You have written %(most)d comments within an hour. Wait a while, then send this one.") % {"most": most}
        )
    new = Comment.objects.create(case=case, author=by, text=text, reply_to=reply_to)
    listing.note_comment(case_id=case.pk)
    news.tell_of_comment(case_id=case.pk, author_id=case.author_id, by=by.pk)
    record(verb="case.commented", actor=by, subject=("case", case.id), comment=str(new.id))
    return new


class _Written(NamedTuple):
    """A comment of the last hour."""

    pk: UUID
    case_id: UUID
    reply_to_id: UUID | None
    text: str
    written_at: datetime

    def says(self, text: str, *, case: Case, reply_to: Comment | None) -> bool:
        """Whether it says the same in the same place."""
        return (self.text, self.case_id, self.reply_to_id) == (text, case.pk, reply_to.pk if reply_to else None)


def _written_since(moment: datetime, *, by: Member, most: int) -> list[_Written]:
    """Return the newest `most` comments of a member since then, the newest last. One kept query."""

    def build(author_id: UUID, since: datetime) -> QuerySet[Comment, tuple[Any, ...]]:
        rows = Comment.objects.filter(author_id=author_id, written_at__gt=since).order_by("-written_at", "-id")
        return rows.values_list(*_Written._fields)[:most]

    return [_Written(*row) for row in reversed(_QUERY.rows(most, build, [by.pk, moment]))]


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
    listing.note_comment(case_id=locked.case_id, more=-1)
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
        lock_consent(consent_id)
    locked = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if not permissions.allows(by, "comment.change", locked):
        raise ChangeRefused(_("This comment cannot be changed any more. Write another one."))
    return locked
