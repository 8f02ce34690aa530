"""Reports of posts, their hiding, and the decision of a second person: as for cases and comments.

The moderators of the group decide, and those of the site who belong to it; never about their own post or report.
"""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults import reporting
from consults.exceptions import ChangeRefused
from consults.groups.founding import screened
from consults.groups.models import moderating
from consults.groups.rooms.models import Post, PostHold, PostReport
from consults.holds import MOVES, HoldState, Moved, Reason, decide
from consults.reporting import Finding
from core import permissions
from core.states import Machine
from notifications.notices import Kind, tell

POST_HOLD: Final = Machine(PostHold, MOVES, moved=Moved)


@transaction.atomic
def report(*, post: Post, by: Member, reason: str, words: str = "") -> PostReport:
    """Keep a report and tell who moderates the room; hide the post at once where the rule says so.

    A second one by the same member is the first one. Raises ChangeRefused.
    """
    words = screened(words)
    Member.objects.select_for_update(no_key=True).get(pk=by.pk)
    # Of two that come together, the later one sees the earlier one, and hides.
    list(Post.objects.select_for_update(of=("self",)).filter(pk=post.pk).values("pk"))
    if not permissions.allows(by, "post.report", post):
        raise ChangeRefused(_("This is not visible any more. Nothing is left to report."))
    same = PostReport.objects.filter(post=post, reporter=by, hidden=None).first()
    if same is not None:
        return same
    if reporting.reported_today(by) >= reporting.REPORTS_A_DAY:
        raise ChangeRefused(_("You have reported as much as one member may in a day. Write to an administrator."))
    made = PostReport.objects.create(post=post, reporter=by, reason=reason, words=words, due_at=reporting.due(reason))
    record(verb="report.made", actor=by, subject=("post", post.pk), report=str(made.pk), reason=str(reason))
    others = PostReport.objects.filter(post=post, hidden=None).exclude(pk=made.pk).select_related("reporter")
    if reporting.hides(reason, by=by, others=[one.reporter for one in others]):
        _place(post, by=None, reason=reason)
    _tell_moderators(post, but=by)
    return made


@transaction.atomic
def hide(*, post: Post, by: Member, reason: str, words: str = "") -> PostHold:
    """Hide a post at once; its author reads why, and another moderator decides. Raises ChangeRefused."""
    words = screened(words)
    if reason == Reason.OTHER and not words:
        raise ChangeRefused(_("Say in a sentence why; the author reads it."))
    Member.objects.select_for_update(no_key=True).get(pk=by.pk)
    if not permissions.allows(by, "post.hold", post):
        raise ChangeRefused(_("This is not there any more, or it is yours. Nothing is left to hide."))
    lately = PostHold.objects.filter(by=by, placed_at__gt=timezone.now() - timedelta(days=1))
    if lately.count() >= int(settings.RULES["holds_a_day"]):
        raise ChangeRefused(_("You have hidden as much as one moderator may in a day. Ask another moderator."))
    placed = _place(post, by=by, reason=reason, words=words)
    _settle(post, by=by, finding=Finding.UPHELD)
    _tell_moderators(post, but=by)
    return placed


@transaction.atomic
def decide_hold(*, hold: PostHold, by: Member, confirm: bool, finding: str = Finding.MISTAKEN, words: str = "") -> None:
    """Confirm or lift the hiding of a post; settle the reports that hid it. Raises ChangeRefused."""
    if not permissions.allows(by, "post_hold.decide", hold):
        raise ChangeRefused(_("Somebody else has decided this already, or another moderator must."))
    _settle(hold.post, by=by, finding=Finding.UPHELD if confirm else finding, words=screened(words))
    decide(POST_HOLD, hold, by=by, to=HoldState.CONFIRMED if confirm else HoldState.LIFTED)
    if not confirm:
        _tell_author(hold.post)
    if confirm:
        record(verb="post.hold_confirmed", actor=by, subject=("post", hold.post_id), hold=str(hold.pk))
    else:
        record(verb="post.hold_lifted", actor=by, subject=("post", hold.post_id), hold=str(hold.pk))


@transaction.atomic
def dismiss(*, report: PostReport, by: Member, finding: str = Finding.MISTAKEN, words: str = "") -> None:
    """Settle a report without hiding anything. Raises ChangeRefused."""
    if not permissions.allows(by, "post_report.settle", report):
        raise ChangeRefused(_("Somebody else has settled this report already."))
    _settle_one(report, by=by, finding=finding, words=screened(words))


def _place(post: Post, *, by: Member | None, reason: str, words: str = "") -> PostHold:
    try:
        with transaction.atomic():
            placed = PostHold.objects.create(post=post, by=by, reason=reason, words=words)
    except IntegrityError as error:
        raise ChangeRefused(_("Somebody else has hidden this already.")) from error
    _tell_author(post)
    record(verb="post.held", actor=by, subject=("post", post.pk), hold=str(placed.pk), reason=str(reason))
    return placed


def _settle(post: Post, *, by: Member, finding: str, words: str = "") -> None:
    for one in PostReport.objects.filter(post=post, hidden=None):
        _settle_one(one, by=by, finding=finding, words=words)


def _settle_one(report: PostReport, *, by: Member, finding: str, words: str = "") -> None:
    now = timezone.now()
    hidden = finding == Finding.UPHELD
    if not PostReport.objects.filter(pk=report.pk, hidden=None).update(
        hidden=hidden, finding=finding, settled_by=by, settled_at=now, settled_words=words
    ):
        raise ChangeRefused(_("Somebody else has settled this report already."))
    report.settled_at = now
    tell(Kind.REPORT, [report.reporter_id], view="consults:my_reports", about=report.pk)
    record(
        verb="report.settled",
        actor=by,
        subject=("post", report.post_id),
        report=str(report.pk),
        hidden=hidden,
        finding=str(finding),
        reason=report.reason,
        minutes=report.minutes,
        in_time=now <= report.due_at,
    )


def _tell_moderators(post: Post, *, but: Member) -> None:
    """Tell who may decide that something waits in the room."""
    own = moderating().filter(group=post.group_id).values("member")
    of_site = Member.objects.moderators().filter(memberships__group=post.group_id)
    found = Member.objects.filter(pk__in=own) | Member.objects.filter(pk__in=of_site.values("pk"))
    ids = found.exclude(pk=post.author_id).values_list("pk", flat=True).distinct()
    tell(Kind.REPORT, list(ids), view="consults:room_desk", args=[str(post.group_id)], about=post.group_id, by=but.pk)


def _tell_author(post: Post) -> None:
    tell(Kind.REPORT, [post.author_id], view="consults:post", args=[str(post.pk)], about=post.pk)
