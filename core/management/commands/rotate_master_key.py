"""`manage.py rotate_master_key`: wrap all data keys with another master key, while the site serves."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.crypto import rotation, vault


class Command(BaseCommand):
    """Command that changes the master key of an embedded site, or follows a change that its operator made."""

    help = "Wrap all data keys with another master key. May be interrupted and repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --finish."""
        parser.add_argument("--finish", action="store_true", help="after the restart: delete the former key")

    def handle(self, *args: Any, finish: bool, **options: Any) -> None:
        """Do the next steps and say what comes then. Raises CommandError."""
        ring = rotation.keyring()
        try:
            if ring is None:
                done = vault.rewrap_all(settings.MASTER_KEY)
                then = "Take RETE_MASTER_KEY_BESIDE away when every process has restarted."
            elif finish:
                done = rotation.finish(ring)
                then = "The former key is deleted. Keep a copy of secrets/master_key apart from the backups."
            else:
                done = rotation.rotate(ring)
                then = "Restart the site, then run this again with --finish."
        except rotation.NotYet as wait:
            raise CommandError(str(wait)) from wait
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{done.anew} keys were wrapped anew, {done.already} were already.")
        if done.lost:
            raise CommandError(f"{done.lost} keys open with none of the master keys. Nothing was changed in them.")
        self.stdout.write(then)
