"""App configuration."""

from django.apps import AppConfig


class ImagingConfig(AppConfig):
    """Photos on their way from upload to sealed renditions."""

    name = "imaging"

    def ready(self) -> None:
        """Register the job handlers."""
        from imaging import tasks  # noqa: F401 - registers by import
