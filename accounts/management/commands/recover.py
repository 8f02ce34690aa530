"""manage.py recover: remove the second factors of an account whose owner lost them, where nobody on the site can."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.exceptions import VettingError
from accounts.security.recovery import service


class Command(BaseCommand):
    """Remove passkeys, app, codes, password and sessions of an account, and mail a link for a new password."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address."""
        parser.add_argument("email", help="with which they sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        """Recover. Raises CommandError with the next step."""
        try:
            member = service.recover_by_command(email=options["email"])
        except VettingError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"{member.pk} begins anew. A link to choose a password is on its way to the address.")
