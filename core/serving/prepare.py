"""Preparation of an instance before it is served."""

from django.conf import settings
from django.core.management import call_command

from core import data_dir, incoming
from core.routers import DEFAULT, KEYS
from core.serving.static import collect_if_changed


def prepare() -> None:
    """Create folders, migrate both databases, collect static files; a second call is fast."""
    data_dir.prepare()
    # An embedded instance serves nobody yet, so whatever lies there was left behind; others may share the folder.
    incoming.sweep(older_than_seconds=0 if settings.EMBEDDED else incoming.LEFT_SECONDS)
    quietly = {"verbosity": 0, "interactive": False, "skip_checks": True}
    call_command("migrate", database=DEFAULT, **quietly)
    call_command("migrate", "core", database=KEYS, **quietly)  # nothing else has a table there
    collect_if_changed()
