"""Following and stopping: cases, groups, topics."""

from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from consults.cases.models import Case
from consults.discussion.answers import require_still_allowed
from consults.exceptions import ChangeRefused
from consults.following.models import Following
from consults.groups.models import Group
from core import permissions
from vocabulary import tags


@transaction.atomic
def follow_case(*, case: Case, by: Member) -> None:
    """Follow a case; a second time changes nothing. Raises ChangeRefused."""
    require_still_allowed(case=case, by=by, action="case.follow")
    lock_member(by)
    most = int(settings.RULES["followed_cases"])
    mine = Following.objects.filter(member=by, case__isnull=False)
    if mine.count() >= most and not mine.filter(case=case).exists():
        raise ChangeRefused(
            _("You follow %(most)d cases, which is the most there may be. Stop following one first.") % {"most": most}
        )
    Following.objects.get_or_create(member=by, case=case)


@transaction.atomic
def follow_group(*, group: Group, by: Member) -> None:
    """Follow a group of one's own; a second time changes nothing. Raises ChangeRefused."""
    if not permissions.allows(by, "group.follow", group):
        raise ChangeRefused(_("You do not belong to this group any more."))
    Following.objects.get_or_create(member=by, group=group)


@transaction.atomic
def choose_topics(*, topics: Collection[str], by: Member) -> None:
    """Follow these topics and no others; codes that the vocabulary does not know are left out."""
    lock_member(by)
    wanted = {code for code in topics if code in tags.topics_to_follow()}
    mine = Following.objects.filter(member=by).exclude(topic="")
    mine.exclude(topic__in=wanted).delete()
    known = set(mine.values_list("topic", flat=True))
    Following.objects.bulk_create(Following(member=by, topic=code) for code in sorted(wanted - known))


def stop(*, by: Member, case: Case | None = None, group: Group | None = None) -> None:
    """Stop following a case or a group, whatever has become of it; no effect when it is not followed."""
    rows = permissions.allowed(by, "following.end")
    if case is not None:
        rows.filter(case=case).delete()
    if group is not None:
        rows.filter(group=group).delete()


def lock_member(member: Member) -> None:
    """Lock the member's row, so that two windows of theirs do not count the same room twice."""
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
