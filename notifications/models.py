"""Models of the notifications app."""

from notifications.notices.models import Notice, Preference, Rhythm
from notifications.push.models import PushKey, PushSubscription

__all__ = ["Notice", "Preference", "PushKey", "PushSubscription", "Rhythm"]
