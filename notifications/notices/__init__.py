"""Notices: what members are told beside the bell, by mail, in a digest or by push. Ids and kinds, never content."""

from notifications.notices.kinds import Channel, Kind
from notifications.notices.telling import forget, tell

__all__ = ["Channel", "Kind", "forget", "tell"]
