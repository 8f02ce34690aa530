"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The log. Its rounds are found in `audit.tasks`."""

    name = "audit"
