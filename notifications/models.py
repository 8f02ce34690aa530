"""Models of the notifications app."""

from notifications.notices.models import Notice, Preference, Rhythm

__all__ = ["Notice", "Preference", "Rhythm"]
