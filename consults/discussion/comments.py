"""Comments in the thread of a case: written, changed and deleted by their authors. What they said before is kept."""

import re
from collections.abc import Iterable, Sequence
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
from consults.discussion.models import Comment, CommentVersion, Mention, checksum
from consults.discussion.thread import addressing
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from consults.following import news
from core import permissions
from core.prepared import Prepared
from notifications.notices import Kind, tell
from screening import identifiers

SAME_COMMENT_WITHIN = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)
LONGEST_QUOTE: Final = 400  # characters
_QUERY: Final = Prepared()
_WORDS: Final = re.compile(r"\w+")


@transaction.atomic
def add_comment(
    *,
    case: Case,
    by: Member,
    text: str,
    reply_to: Comment | None = None,
    quote: str = "",
    chosen: Iterable[UUID] = (),
    source: str | None = None,
) -> Comment:
    """Add a comment to the thread; the same text sent again within a minute is the same comment.

    `quote` are words of the comment that is answered, `chosen` the members picked from the suggestions after “@`,
    `source` whose material it is: None when it is the author's own. Tells whoever is addressed or answered.
    Raises ChangeRefused when it is empty, could identify the patient, names no owner, or is one too many.
    """
    text = _written(text)
    addressed = addressing.read(text, case=case, by=by, chosen=chosen)
    _screen(text, addressed.known)
    source = _owner(source)
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
    addressing.require_few_calls(addressed.mentions, by=by)
    new = Comment(case=case, author=by, text=text, reply_to=reply_to, source=source)
    if reply_to is not None:
        _quote(new, reply_to, quote)
    new.save(force_insert=True)
    listing.note_comment(case_id=case.pk)
    called = _address(new, addressed.mentions, by=by)
    answered = _tell_answered(new, by=by, but=called)
    news.tell_of_comment(case_id=case.pk, author_id=case.author_id, by=by.pk, but=called | answered)
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
def edit(*, comment: Comment, by: Member, text: str, chosen: Iterable[UUID] = ()) -> None:
    """Change an own comment; readers see its former text. Tells whoever is addressed for the first time.

    Quotations of words that are not there any more go. Raises ChangeRefused when it is empty, could identify the
    patient, or is not open to its author any more.
    """
    text = _written(text)
    addressed = addressing.read(text, case=comment.case, by=by, chosen=chosen)
    _screen(text, addressed.known)
    locked = _lock_own(comment, by)
    if text == locked.text:
        return
    CommentVersion.objects.create(comment=locked, text=locked.text)
    before = locked.text
    locked.text, locked.edited_at = text, timezone.now()
    locked.save(update_fields=["text", "edited_at"])
    _move_quotations(locked, before=before)
    _address_again(locked, addressed.mentions, by=by)
    record(verb="comment.edited", actor=by, subject=("comment", locked.pk))


@transaction.atomic
def delete(*, comment: Comment, by: Member) -> None:
    """Delete an own comment: its place in the thread stays, its text is kept for moderators. Raises ChangeRefused."""
    locked = _lock_own(comment, by)
    CommentVersion.objects.create(comment=locked, text=locked.text)
    locked.text, locked.source, locked.deleted_at = "", "", timezone.now()
    locked.save(update_fields=["text", "source", "deleted_at"])
    _drop_mentions(locked)
    listing.note_comment(case_id=locked.case_id, more=-1)
    record(verb="comment.deleted", actor=by, subject=("comment", locked.pk))


# --- What may stand in it


def _written(text: str) -> str:
    text = text.strip()
    if not text:
        raise ChangeRefused(_("Write something first."))
    return text


def _screen(text: str, known: identifiers.Known) -> None:
    found = identifiers.find(text, known=known)
    if not found:
        return
    nobody = _(
        "“@” must name a colleague who can read this case, in full or as the list suggests. "
        "Choose one as you type, or leave the sign out."
    )
    told = [nobody if one.kind == identifiers.Kind.HANDLE else sentences([one])[0] for one in found]
    raise ChangeRefused(" ".join(dict.fromkeys(told)))


def _owner(source: str | None) -> str:
    """Return the owner of material that is not the author's. Raises ChangeRefused when nobody is named."""
    if source is None:
        return ""
    source = " ".join(source.split())
    if not source:
        raise ChangeRefused(_("The material is not yours: name its owner, or give its address, beside the tick."))
    unwanted = [one for one in identifiers.find(source) if one.kind not in identifiers.OF_AN_OWNER]
    if unwanted:
        raise ChangeRefused(" ".join(sentences(unwanted)))
    return source


# --- Quotations


def find_quote(words: str, *, of: str) -> tuple[int, int] | None:
    """Return where these words stand in a text, whatever stands between them; None if they do not.

    Whoever selects on the page selects without the marks of lists, emphasis and lines.
    """
    wanted = [match.group().casefold() for match in _WORDS.finditer(words)]
    there = [(match.start(), match.end(), match.group().casefold()) for match in _WORDS.finditer(of)]
    if not wanted:
        return None
    for at in range(len(there) - len(wanted) + 1):
        if all(there[at + step][2] == word for step, word in enumerate(wanted)):
            start, end = there[at][0], there[at + len(wanted) - 1][1]
            return (start, end) if end - start <= LONGEST_QUOTE else (start, _cut(of, start))
    return None


def _cut(text: str, start: int) -> int:
    """Return the end of the last whole word within LONGEST_QUOTE."""
    ends = [match.end() for match in _WORDS.finditer(text, start, start + LONGEST_QUOTE + 1)]
    return max((end for end in ends if end - start <= LONGEST_QUOTE), default=start + LONGEST_QUOTE)


def _quote(comment: Comment, source: Comment, words: str) -> None:
    place = find_quote(words, of=source.text) if words else None
    if place is not None:
        comment.quote_start, comment.quote_end = place
        comment.quote_sum = checksum(source.text[place[0] : place[1]])


def _move_quotations(source: Comment, *, before: str) -> None:
    """Let quotations follow their words to the new place, and end those of words that are gone. One query for most."""
    moved = list(source.replies.exclude(quote_start=None))
    for reply in moved:
        words = before[reply.quote_start : reply.quote_end]
        at = source.text.find(words)
        gone = at < 0 or checksum(words) != reply.quote_sum
        reply.quote_start, reply.quote_end = (None, None) if gone else (at, at + len(words))
        reply.quote_sum = None if gone else reply.quote_sum
    if moved:
        Comment.objects.bulk_update(moved, ["quote_start", "quote_end", "quote_sum"])


# --- Who is told


def _address(comment: Comment, mentions: Sequence[Mention], *, by: Member) -> set[UUID]:
    """Keep the mentions of a comment and tell whom they reach; return those. No query without any."""
    if not mentions:
        return set()
    for mention in mentions:
        mention.comment = comment
    Mention.objects.bulk_create(mentions)
    called = addressing.reached(mentions, case=comment.case, by=by)
    _tell(Kind.MENTION, called, comment, by=by)
    return called


def _address_again(comment: Comment, mentions: Sequence[Mention], *, by: Member) -> None:
    """Replace the mentions of a changed comment; tell those whom it did not reach before."""
    before = list(comment.mentions.all())
    if not before and not mentions:
        return
    known = {(one.member_id, one.group_id, one.role) for one in before}
    new = [one for one in mentions if (one.member_id, one.group_id, one.role) not in known]
    addressing.require_few_calls(new, by=by)
    _drop_mentions(comment)
    called = {one.written for one in before if one.member_id is None}
    for mention in mentions:
        mention.comment = comment
    Mention.objects.bulk_create(one for one in mentions if one.written not in called)
    _tell(Kind.MENTION, addressing.reached(new, case=comment.case, by=by), comment, by=by)


def _drop_mentions(comment: Comment) -> None:
    """Delete whom a comment addressed by name. Calls of roles and groups stay: they count for the day."""
    comment.mentions.filter(member__isnull=False).delete()


def _tell_answered(comment: Comment, *, by: Member, but: set[UUID]) -> set[UUID]:
    """Tell the author of the case, and in a reply whoever wrote what it answers or has answered it before.

    Returns those.
    """
    answered = {comment.case.author_id}
    if comment.reply_to is not None:
        answered.add(comment.reply_to.author_id)
        answered |= set(Comment.objects.filter(reply_to=comment.reply_to_id).values_list("author_id", flat=True))
    answered -= but | {by.pk}
    _tell(Kind.REPLY, answered, comment, by=by)
    return answered


def _tell(kind: Kind, members: set[UUID], comment: Comment, *, by: Member) -> None:
    if members:
        tell(
            kind,
            members,
            view="consults:case",
            args=[comment.case_id],
            case=comment.case_id,
            about=comment.pk,
            by=by.pk,
        )


def _lock_own(comment: Comment, by: Member) -> Comment:
    """Lock what a withdrawal takes first, then the comment; check the policy under the locks. Raises ChangeRefused."""
    consent_id = Case.objects.values_list("consent", flat=True).get(pk=comment.case_id)
    if consent_id is not None:
        lock_consent(consent_id)
    locked = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if not permissions.allows(by, "comment.change", locked):
        raise ChangeRefused(_("This comment cannot be changed any more. Write another one."))
    return locked
