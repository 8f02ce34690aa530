"""What waits for a moderator and has none, as sentences for administrators: counts, no names and no content."""

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import Member
from consults.cases.gate.models import CaseHold
from consults.cases.models import Case, CaseState
from consults.discussion.models import CommentHold
from consults.groups.models import Membership
from consults.groups.rooms.models import PostHold, PostReport
from consults.holds import DECIDED_WITHIN, HoldState
from consults.moderation.concerns import service as concerns
from consults.moderation.models import Report


def notes() -> list[str]:
    """Return a sentence for each kind of work that nobody does."""
    before = timezone.now() - DECIDED_WITHIN
    late = sum(
        model.objects.filter(state=HoldState.HELD, placed_at__lt=before).count() for model in (CaseHold, CommentHold)
    )
    late += PostHold.objects.filter(state=HoldState.HELD, placed_at__lt=before).count()
    for kind in (Report, PostReport):
        late += kind._default_manager.filter(hidden=None, due_at__lt=timezone.now()).count()
    found = []
    if late:
        found.append(
            ngettext(
                "%(n)d report or hidden post waits for too long. Ask the moderators, or appoint another one.",
                "%(n)d reports or hidden posts wait for too long. Ask the moderators, or appoint another one.",
                late,
            )
            % {"n": late}
        )
    unread = _without_reader()
    if unread:
        found.append(
            ngettext(
                "%(n)d case has no moderator who may read it. Appoint one, or have its group invite one.",
                "%(n)d cases have no moderator who may read them. Appoint one, or have their groups invite one.",
                unread,
            )
            % {"n": unread}
        )
    unheard = concerns.unheard()
    if unheard:
        found.append(
            ngettext(
                "%(n)d report of mistreatment has no trusted person who may read it. Appoint another one.",
                "%(n)d reports of mistreatment have no trusted person who may read them. Appoint another one.",
                unheard,
            )
            % {"n": unheard}
        )
    return found


def _without_reader() -> int:
    """Count the submitted cases that no moderator may second-read: those of groups, and all where there is none."""
    moderators = Member.objects.moderators().exclude(pk=OuterRef("author_id"))
    mine = Membership.objects.filter(
        group=OuterRef("group_id"),
        member__in=Member.objects.moderators().exclude(pk=OuterRef(OuterRef("author_id"))),
    )
    waiting = Case.objects.filter(state=CaseState.SUBMITTED)
    without = waiting.filter(group__isnull=False).exclude(Exists(mine)).count()
    return without + waiting.filter(group__isnull=True).exclude(Exists(moderators)).count()
