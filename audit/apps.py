"""Configuration of the audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The log. Core discovers its rounds in `audit.tasks`."""

    name = "audit"
