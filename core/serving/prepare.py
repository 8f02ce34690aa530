"""Preparation of an instance before it is served."""

from django.core.management import call_command

from core import data_dir
from core.routers import DEFAULT, KEYS
from core.serving.static import collect_if_changed


def prepare() -> None:
    """Create folders, migrate both databases, collect static files; a second call is fast."""
    data_dir.prepare()
    for alias in (DEFAULT, KEYS):
        call_command("migrate", database=alias, verbosity=0, interactive=False, skip_checks=True)
    collect_if_changed()
