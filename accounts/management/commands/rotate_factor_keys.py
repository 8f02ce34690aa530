"""manage.py rotate_factor_keys: seal the secrets of second factors anew, each under a new data key."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.security.factors import secret_text


class Command(BaseCommand):
    """Seal every seed anew and destroy the old keys; can be interrupted and run again while the site serves."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate."""
        self.stdout.write(f"{secret_text.rotate()} factors sealed anew")
