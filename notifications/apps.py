"""App configuration."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Mail to members. Its job handlers are found by core."""

    name = "notifications"
