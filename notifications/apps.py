"""Configuration of the notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Notices and mail to members. Core discovers the job handlers."""

    name = "notifications"

    def ready(self) -> None:
        """Register what accounts calls."""
        from accounts.leaving import rooms
        from notifications.notices import (
            bell,
            preferences,  # noqa: F401 - registers by import
        )
        from notifications.notices.own_data import ROOM

        bell.read_along_with_sessions()
        rooms.add("notifications", ROOM)
