"""App configuration."""

from django.apps import AppConfig


class ConsultsConfig(AppConfig):
    """Cases, the gate in front of them, discussion and withdrawal."""

    name = "consults"

    def ready(self) -> None:
        """Register the holder of cases with consent; core finds the job handlers."""
        from consults.withdrawal import hide  # noqa: F401 - registers by import
