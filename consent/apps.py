"""App configuration."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Consent forms, records and withdrawal."""

    name = "consent"
