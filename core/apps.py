"""Start-up of the core app, which discovers the policies and job handlers of all apps."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """Configuration that prepares the data folder, checks, and `<app>.policy` and `<app>.tasks` of every app."""

    name = "core"

    def ready(self) -> None:
        """Create the folders, register checks, and import policies and tasks, once every app is loaded."""
        from core import checks, data_dir  # noqa: F401 - importing the checks registers them

        data_dir.prepare()
        autodiscover_modules("policy", "tasks")
