"""App configuration."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """The consent audit and its exports."""

    name = "compliance"
