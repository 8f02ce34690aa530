"""Start-up of the core app: finds each app's policy table and job handlers."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """Makes the data folders, registers checks and imports `<app>.policy` and `<app>.tasks` of every installed app."""

    name = "core"

    def ready(self) -> None:
        """Done once, when every app is loaded."""
        from core import checks, data_dir  # noqa: F401 - importing the checks registers them

        data_dir.prepare()
        autodiscover_modules("policy", "tasks")
