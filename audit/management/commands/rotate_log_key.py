"""`manage.py rotate_log_key`: a new key for the log's signed heads."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import heads, keys


class Command(BaseCommand):
    """Command that replaces the key: the old one signs the new one and is destroyed; its public half is kept."""

    help = "Replace the key that signs the log's heads by a new one."

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish the head with the old key, rotate, publish it with the new one. Raises CommandError."""
        try:
            heads.publish()
            statement = keys.rotate()
            heads.publish()
        except keys.BrokenKeyring as error:
            raise CommandError(f"The log's keys are broken: {error}. Restore secrets/log_keys.json.") from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Key {statement['key_id']} now signs the log's heads; {statement['previous']} signed it.")
