"""Preparation of an instance before it is served."""

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from core import data_dir, incoming
from core.routers import DEFAULT, KEYS
from core.serving.static import collect_if_changed


def prepare() -> None:
    """Create folders, migrate both databases, collect static files; a second call is fast. Raises CommandError."""
    data_dir.prepare()
    # An embedded instance serves nobody yet, so whatever lies there was left behind; others may share the folder.
    incoming.sweep(older_than_seconds=0 if settings.EMBEDDED else incoming.LEFT_SECONDS)
    for alias in (DEFAULT, KEYS):
        refuse_between_steps(alias)
    quietly = {"verbosity": 0, "interactive": False, "skip_checks": True}
    call_command("migrate", database=DEFAULT, **quietly)
    call_command("migrate", "core", database=KEYS, **quietly)  # nothing else has a table there
    collect_if_changed()


def refuse_between_steps(alias: str) -> None:
    """Raise CommandError when a database has taken some of the steps that stand as one now, and not all.

    Threat: Django then migrates nothing and says nothing, and the site runs without its newest tables.
    """
    loader = MigrationLoader(connections[alias])
    for name, migration in loader.disk_migrations.items():
        taken = set(migration.replaces) & set(loader.applied_migrations)
        if taken and name not in loader.applied_migrations and taken != set(migration.replaces):
            raise CommandError(
                f"This database stopped at {max(taken)[1]} of {name[0]}. Migrate it with the last version that has all "
                "steps one by one, then prepare it with this one."
            )
