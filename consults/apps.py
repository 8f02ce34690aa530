"""App configuration."""

from django.apps import AppConfig


class ConsultsConfig(AppConfig):
    """Cases, review, diagnosis, discussion and the gate in front of them."""

    name = "consults"

    def ready(self) -> None:
        """Register job handlers and what hangs on a consent."""
        from consults import tasks, withdrawal  # noqa: F401 - they register by import
