"""This app's part of a member's data: notices, choices, and browsers that are pushed to."""

from collections.abc import Mapping
from typing import Any, Final

from accounts.leaving.rooms import Wishes
from accounts.models import Member
from notifications.notices.models import Notice, Preference
from notifications.push.models import PushSubscription


class NoticesRoom:
    """What a member was told, and how they want to be told. Implements `accounts.leaving.rooms.Room`."""

    def export(self, member: Member) -> Mapping[str, Any]:
        """Return notices and choices. Ids of cases are no names."""
        fields = ("kind", "case_id", "path", "count", "channel", "began_at", "at", "read_at", "mailed_at")
        chosen = ("choices", "rhythm", "weekday", "digest_hour", "quiet_from", "quiet_until", "time_zone", "mailed_at")
        return {
            "notices": list(Notice.objects.filter(member=member).order_by("began_at", "pk").values(*fields)),
            "push_browsers": list(
                PushSubscription.objects.filter(member=member).order_by("added_at").values("device", "added_at")
            ),
            "notice_choices": list(Preference.objects.filter(member=member).values(*chosen)),
        }

    def erase(self, member: Member, wishes: Wishes) -> None:
        """Delete them. Safe to repeat."""
        Notice.objects.filter(member=member).delete()
        Preference.objects.filter(member=member).delete()
        PushSubscription.objects.filter(member=member).delete()


ROOM: Final = NoticesRoom()
