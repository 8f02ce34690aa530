"""Configuration of the notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Mail to members. Core discovers the job handlers."""

    name = "notifications"
