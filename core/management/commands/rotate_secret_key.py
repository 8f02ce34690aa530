"""`manage.py rotate_secret_key`: another key that signs sessions and links, for an embedded site."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.crypto.secrets import read_or_create


class Command(BaseCommand):
    """Command that changes the key. What the former one signed is believed until --finish: nobody is signed out."""

    help = "Replace the key that signs sessions and links. Elsewhere than on one machine: RETE_SECRET_KEY_BESIDE."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --finish."""
        parser.add_argument("--finish", action="store_true", help="after two days: believe the former key no more")

    def handle(self, *args: Any, finish: bool, **options: Any) -> None:
        """Replace the file, or forget the former key. Raises CommandError."""
        present, former = settings.SECRET_KEY_FILE, settings.SECRET_KEY_BESIDE_FILE
        if present is None or former is None:
            raise CommandError(
                "This site's key is set by its operator: put the present key into RETE_SECRET_KEY_BESIDE and a new one "
                "into RETE_SECRET_KEY, restart, and take the former away after two days."
            )
        if finish:
            former.unlink(missing_ok=True)
            self.stdout.write("The former key is believed no more after a restart.")
            return
        if former.exists():
            raise CommandError("The key was changed. Restart the site, and run this with --finish after two days.")
        present.rename(former)
        read_or_create(present)
        self.stdout.write("Restart the site: nobody is signed out. Run this with --finish after two days.")
